using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Tests.Unit.Sandbox.Api;

/// <summary>Reads a watch line by line. What does not come lets the test's own time-out strike.</summary>
internal sealed class WatchReader : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _lines;

    private WatchReader(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _lines = new(body);
    }

    public static async Task<WatchReader> OpenAsync(HttpClient client, string path, string? accept = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path.TrimStart('/'));
        if (accept is not null)
            request.Headers.Add("Accept", accept);
        HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        return new(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The next event, or null at the end.</summary>
    public async Task<WatchedEvent?> NextAsync(bool bookmarks = false)
    {
        while (await _lines.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            JsonNode node = JsonNode.Parse(line)!;
            WatchedEvent found = new(node.Text("type")!, node["object"]!.AsObject());
            if (bookmarks || found.Type != "BOOKMARK")
                return found;
        }

        return null;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _response.Dispose();
    }
}

internal sealed record WatchedEvent(string Type, JsonObject Object)
{
    public string? Name => Object.Text("metadata", "name");

    public override string ToString() => $"{Type} {Name}";
}
