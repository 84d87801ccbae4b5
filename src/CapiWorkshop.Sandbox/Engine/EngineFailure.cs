namespace CapiWorkshop.Sandbox.Engine;

/// <summary>A request that the engine cannot serve, in the words of Docker.</summary>
internal sealed class EngineFailure(int code, string message) : Exception(message)
{
    public int Code { get; } = code;

    public static EngineFailure PageNotFound() => new(404, "page not found");

    public static EngineFailure NoSuchContainer(string reference) => new(404, $"No such container: {reference}");

    public static EngineFailure Ambiguous(string prefix) => new(400, $"Multiple IDs found with provided prefix: {prefix}");

    public static EngineFailure TooOld(Version asked, Version oldest) =>
        new(400, $"client version {asked} is too old. Minimum supported API version is {oldest}, please upgrade your client to a newer version");

    public static EngineFailure TooNew(Version asked, Version newest) => new(400, $"client version {asked} is too new. Maximum supported API version is {newest}");

    public static EngineFailure BadRequest(string message) => new(400, message);

    public static EngineFailure Conflict(string message) => new(409, message);

    public static EngineFailure NotRunning(SandboxContainer container) => Conflict($"container {container.Id} is not running");

    /// <summary>The container already is what it was to become. HTTP allows no words here.</summary>
    public static EngineFailure NotModified() => new(304, "");
}
