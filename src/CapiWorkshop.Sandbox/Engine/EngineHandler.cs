using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Storage;
using Microsoft.AspNetCore.Http;

namespace CapiWorkshop.Sandbox.Engine;

/// <summary>Answers the requests of the Docker Engine API, as far as looking at containers and stopping them goes.</summary>
internal sealed partial class EngineHandler(ContainerHost containers)
{
    private static readonly TimeSpan SampleInterval = TimeSpan.FromSeconds(1);

    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            await RouteAsync(http).ConfigureAwait(false);
        }
        catch (EngineFailure failure) when (!http.Response.HasStarted)
        {
            await FailAsync(http, failure.Code, failure.Message).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer to.
        }
        catch (Exception failure) when (failure is not OperationCanceledException && !http.Response.HasStarted)
        {
            // A defect of the sandbox must look like one of an engine: an answer, not a broken connection.
            await FailAsync(http, 500, failure.Message).ConfigureAwait(false);
        }
    }

    private static async Task FailAsync(HttpContext http, int code, string message)
    {
        if (code == 304)
            http.Response.StatusCode = code;
        else
            await Answer.JsonAsync(http, new JsonObject { ["message"] = message }, code).ConfigureAwait(false);
    }

    private Task RouteAsync(HttpContext http)
    {
        string path = http.Request.Path.Value ?? "/";
        Match versioned = VersionPrefix().Match(path);
        Func<HttpContext, Task> answer = Find(http.Request.Method, path[versioned.Length..].Split('/')) ?? throw EngineFailure.PageNotFound();

        http.Response.Headers["Api-Version"] = EngineDocuments.Newest.ToString();
        http.Response.Headers["Docker-Experimental"] = "false";
        http.Response.Headers["Ostype"] = "linux";
        http.Response.Headers.Server = $"Docker/{EngineDocuments.EngineVersion} (linux)";
        if (versioned.Success)
            CheckVersion(Version.Parse(versioned.Groups["version"].ValueSpan));
        return answer(http);
    }

    private static void CheckVersion(Version asked)
    {
        if (asked < EngineDocuments.Oldest)
            throw EngineFailure.TooOld(asked, EngineDocuments.Oldest);
        if (asked > EngineDocuments.Newest)
            throw EngineFailure.TooNew(asked, EngineDocuments.Newest);
    }

    /// <summary>A path is looked up before its version is: what is nowhere is not found in any.</summary>
    private Func<HttpContext, Task>? Find(string method, string[] path) => (method, path) switch
    {
        ("GET" or "HEAD", ["", "_ping"]) => PingAsync,
        ("GET", ["", "version"]) => http => Answer.JsonAsync(http, EngineDocuments.Version()),
        ("GET", ["", "info"]) => http => Answer.JsonAsync(http, EngineDocuments.Info(containers)),
        ("GET", ["", "events"]) => EventsAsync,
        ("GET", ["", "containers", "json"]) => ListAsync,
        ("GET", ["", "containers", { Length: > 0 } name, "json"]) => http => Answer.JsonAsync(http, ContainerDocuments.Details(containers.Get(name))),
        ("GET", ["", "containers", { Length: > 0 } name, "stats"]) => http => StatisticsAsync(http, name),
        ("GET", ["", "containers", { Length: > 0 } name, "logs"]) => http => LogsAsync(http, name),
        ("DELETE", ["", "containers", { Length: > 0 } name]) => http => RemoveAsync(http, name),
        ("POST", ["", "containers", { Length: > 0 } name, "kill"]) => http => Done(http, () => Kill(name)),
        ("POST", ["", "containers", { Length: > 0 } name, "start" or "stop" or "restart" or "pause" or "unpause"]) =>
            http => Done(http, () => Command(containers.Get(name), path[3])),
        _ => null,
    };

    private static Task PingAsync(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-cache, no-store, must-revalidate";
        http.Response.Headers.Pragma = "no-cache";
        return Answer.TextAsync(http, HttpMethods.IsHead(http.Request.Method) ? "" : "OK");
    }

    /// <summary>Newest first.</summary>
    private Task ListAsync(HttpContext http)
    {
        ContainerFilter filter = ContainerFilter.Parse(http.Request.Query["filters"]);
        int limit = Number(http, "limit");
        bool all = Flag(http, "all") || limit > 0 || filter.Has("status") || filter.Has("exited") || filter.Has("before") || filter.Has("since");
        DateTimeOffset now = containers.Time.GetUtcNow();
        IEnumerable<SandboxContainer> found = filter.Apply(containers, containers.List())
            .Where(container => all || container.State is not ContainerState.Exited)
            .OrderByDescending(container => container.CreatedAt);
        bool size = Flag(http, "size");
        return Answer.JsonAsync(http, new JsonArray(
            [.. (limit > 0 ? found.Take(limit) : found).Select(container => ContainerDocuments.Summary(container, now, size))]));
    }

    /// <summary>A share of the processor takes two looks. Whoever wants one answer waits for the second, unless they asked for one look only.</summary>
    private async Task StatisticsAsync(HttpContext http, string name)
    {
        bool stream = Flag(http, "stream", absent: true), once = Flag(http, "one-shot");
        if (stream && once)
            throw EngineFailure.BadRequest("cannot have stream=true and one-shot=true");
        SandboxContainer container = containers.Get(name);
        ContainerStatistics? before = null, look = ContainerStatistics.Take(containers, container);
        if (!stream)
        {
            if (!once && look is not null)
            {
                await WaitAsync(http).ConfigureAwait(false);
                container = containers.Get(container.Id);
                (before, look) = (look, ContainerStatistics.Take(containers, container));
            }

            await Answer.JsonAsync(http, ContainerStatistics.Describe(container, look, before)).ConfigureAwait(false);
            return;
        }

        http.Response.ContentType = Answer.JsonType;
        while (true)
        {
            await LineAsync(http, ContainerStatistics.Describe(container, look, before)).ConfigureAwait(false);
            await WaitAsync(http).ConfigureAwait(false);
            if (containers.List().FirstOrDefault(other => other.Id == container.Id) is not { } next)
                return;
            (container, before, look) = (next, look, ContainerStatistics.Take(containers, next));
        }
    }

    private Task WaitAsync(HttpContext http) => Task.Delay(SampleInterval, containers.Wire, http.RequestAborted);

    /// <summary>Its containers write nothing: the log is empty, and who follows it is let go when the container ends.</summary>
    private async Task LogsAsync(HttpContext http, string name)
    {
        // Before the container is looked at, or its end might fall in between.
        using ContainerSubscription subscription = containers.Subscribe();
        SandboxContainer container = containers.Get(name);
        if (!Flag(http, "stdout") && !Flag(http, "stderr"))
            throw EngineFailure.BadRequest("Bad parameters: you must choose at least one stream");
        http.Response.ContentType = "application/vnd.docker.raw-stream";
        await http.Response.Body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
        if (!Flag(http, "follow") || container.State is ContainerState.Exited)
            return;
        await foreach (ContainerEvent happened in subscription.Events.ReadAllAsync(http.RequestAborted).ConfigureAwait(false))
        {
            if (happened.Action == "die" && happened.Container.Id == container.Id)
                return;
        }
    }

    private async Task EventsAsync(HttpContext http)
    {
        ContainerFilter filter = ContainerFilter.Parse(http.Request.Query["filters"]);
        using CancellationTokenSource end = Until(http) is { } left ? new(left, containers.Wire) : new();
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, end.Token);
        using ContainerSubscription subscription = containers.Subscribe();
        http.Response.ContentType = Answer.JsonType;
        await http.Response.Body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
        try
        {
            await foreach (ContainerEvent happened in subscription.Events.ReadAllAsync(done.Token).ConfigureAwait(false))
            {
                if (Concerns(filter, happened))
                    await LineAsync(http, ContainerDocuments.Event(happened)).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The time that was asked for is over.
        }
    }

    private static bool Concerns(ContainerFilter filter, ContainerEvent happened)
    {
        bool Allows(string key, params string[] values) => !filter.Has(key) || filter.Values(key).Intersect(values).Any();
        SandboxContainer container = happened.Container;
        return Allows("type", "container") && Allows("event", happened.Action) && Allows("container", container.Name, container.Id, container.Id[..12])
            && Allows("image", container.Image) && filter.HasLabels(container);
    }

    /// <summary>How long it is until the time that the query names; nothing has passed that could be told of.</summary>
    private TimeSpan? Until(HttpContext http)
    {
        if (!double.TryParse(http.Request.Query["until"], NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds))
            return null;
        TimeSpan left = DateTimeOffset.UnixEpoch.AddSeconds(seconds) - containers.Wire.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private Task RemoveAsync(HttpContext http, string name) => Done(http, () =>
    {
        SandboxContainer container = containers.Get(name);
        if (container.State is not ContainerState.Exited && !Flag(http, "force"))
        {
            throw EngineFailure.Conflict($"cannot remove container \"/{container.Name}\": container is {ContainerDocuments.StateName(container)}: "
                + "stop the container before removing or force remove");
        }

        containers.Remove(container.Name);
    });

    private void Command(SandboxContainer container, string command)
    {
        switch (command, container.State)
        {
            case ("start", not ContainerState.Exited) or ("stop", ContainerState.Exited):
                throw EngineFailure.NotModified();
            case ("pause" or "unpause", ContainerState.Exited):
                throw EngineFailure.NotRunning(container);
            case ("pause", ContainerState.Paused):
                throw EngineFailure.Conflict($"container {container.Id} is already paused");
            case ("unpause", ContainerState.Running):
                throw EngineFailure.Conflict($"container {container.Id} is not paused");
            case ("start", _):
                containers.Start(container.Name);
                break;
            case ("stop", _):
                containers.Stop(container.Name);
                break;
            case ("pause", _):
                containers.Pause(container.Name);
                break;
            case ("unpause", _):
                containers.Unpause(container.Name);
                break;
            default:
                containers.Stop(container.Name);
                containers.Start(container.Name);
                break;
        }
    }

    /// <summary>The only command that says what it was about to do when it fails.</summary>
    private void Kill(string reference)
    {
        try
        {
            SandboxContainer container = containers.Get(reference);
            if (container.State is ContainerState.Exited)
                throw EngineFailure.NotRunning(container);
            containers.Kill(container.Name);
        }
        catch (EngineFailure failure)
        {
            throw new EngineFailure(failure.Code, $"cannot kill container: {reference}: {failure.Message}");
        }
    }

    private static Task Done(HttpContext http, Action act)
    {
        act();
        http.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private static async Task LineAsync(HttpContext http, JsonObject document)
    {
        await http.Response.Body.WriteAsync((byte[])[.. document.ToUtf8(), (byte)'\n'], http.RequestAborted).ConfigureAwait(false);
        await http.Response.Body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Docker takes everything but these few words for a yes.</summary>
    private static bool Flag(HttpContext http, string key, bool absent = false) => http.Request.Query.TryGetValue(key, out var values)
        ? values.ToString().Trim().ToLowerInvariant() is not ("" or "0" or "no" or "false" or "none")
        : absent;

    private static int Number(HttpContext http, string key) => http.Request.Query[key].ToString() is { Length: > 0 } text
        ? int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number
            : throw EngineFailure.BadRequest($"strconv.Atoi: parsing \"{text}\": invalid syntax")
        : 0;

    [GeneratedRegex("^/v(?<version>[0-9]{1,4}\\.[0-9]{1,4})(?=/)", RegexOptions.CultureInvariant)]
    private static partial Regex VersionPrefix();
}
