namespace CapiWorkshop.Sandbox.Hosting;

/// <summary>Writes files that only their owner may read.</summary>
internal static class SecretFile
{
    public static async Task WriteAsync(string path, string text)
    {
        FileStreamOptions options = new() { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        StreamWriter writer = new(path, options);
        await using (writer.ConfigureAwait(false))
            await writer.WriteAsync(text).ConfigureAwait(false);
    }
}
