using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;
using Microsoft.AspNetCore.Http;

namespace CapiWorkshop.Sandbox.Api.Reading;

/// <summary>Answers <c>pods/log</c>.</summary>
internal static class LogReader
{
    public static async Task ReadAsync(ApiCall call)
    {
        JsonObject pod = call.Store.Get(call.Resource, call.Request.Namespace, call.Request.Name!).ToJson();
        string container = Container(pod, call.Query("container"));
        ContainerLog log = call.Api.Logs.Of(pod.Text("metadata", "namespace")!, pod.Text("metadata", "name")!, container);

        bool stamped = call.QueryFlag("timestamps");
        DateTimeOffset? since = Since(call);
        (IReadOnlyList<LogLine> lines, long next, Task? more) = log.ReadFrom(0);
        if (since is not null)
            lines = [.. lines.Where(line => line.Time >= since)];
        if (call.QueryNumber("tailLines") is { } tail)
            lines = [.. lines.TakeLast((int)Math.Min(tail, int.MaxValue))];

        call.Http.Response.ContentType = "text/plain";
        CancellationToken aborted = call.Http.RequestAborted;
        try
        {
            await WriteAsync(call.Http, lines, stamped).ConfigureAwait(false);
            while (call.QueryFlag("follow") && more is not null)
            {
                await more.WaitAsync(aborted).ConfigureAwait(false);
                (lines, next, more) = log.ReadFrom(next);
                await WriteAsync(call.Http, lines, stamped).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            // Whoever followed has gone.
        }
    }

    private static string Container(JsonObject pod, string? asked)
    {
        string[] names = [.. (pod.Items("spec", "initContainers") ?? []).Concat(pod.Items("spec", "containers") ?? []).Select(item => item.Text("name") ?? "")];
        string name = pod.Text("metadata", "name")!;
        if (!string.IsNullOrEmpty(asked))
            return names.Contains(asked) ? asked : throw ApiFailure.BadRequest($"container {asked} is not valid for pod {name}");
        string[] main = [.. (pod.Items("spec", "containers") ?? []).Select(item => item.Text("name") ?? "")];
        return main is [{ } only]
            ? only
            : throw ApiFailure.BadRequest($"a container name must be specified for pod {name}, choose one of: [{string.Join(' ', main)}]");
    }

    private static DateTimeOffset? Since(ApiCall call)
    {
        if (call.QueryNumber("sinceSeconds") is { } seconds)
            return call.Api.Time.GetUtcNow() - TimeSpan.FromSeconds(seconds);
        return DateTimeOffset.TryParse(call.Query("sinceTime"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null;
    }

    private static async Task WriteAsync(HttpContext http, IReadOnlyList<LogLine> lines, bool stamped)
    {
        StringBuilder text = new();
        foreach (LogLine line in lines)
        {
            if (stamped)
                text.Append(line.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z '", CultureInfo.InvariantCulture));
            text.Append(line.Text).Append('\n');
        }

        await http.Response.WriteAsync(text.ToString(), http.RequestAborted).ConfigureAwait(false);
        await http.Response.Body.FlushAsync(http.RequestAborted).ConfigureAwait(false);
    }
}
