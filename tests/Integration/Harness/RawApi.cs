using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>The test's own way to the server, which shares nothing with the code under test.</summary>
public sealed class RawApi : IDisposable
{
    private readonly HttpClient _http;

    public RawApi(Uri server, string pki)
    {
        SocketsHttpHandler handler = new()
        {
            SslOptions =
            {
                ClientCertificates = [X509Certificate2.CreateFromPemFile(Path.Combine(pki, "admin.crt"), Path.Combine(pki, "admin.key"))],
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck },
            },
        };
        handler.SslOptions.LocalCertificateSelectionCallback = static (_, _, certificates, _, _) => certificates[0];
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(Path.Combine(pki, "ca.crt"));
        _http = new(handler) { BaseAddress = server, Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("harness/1.0");
    }

    public async Task<(int Status, string Body)> SendAsync(HttpMethod method, string path, JsonNode? body = null, string contentType = "application/json", CancellationToken cancellationToken = default)
    {
        using HttpRequestMessage request = new(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, contentType);
        }

        using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
    }

    public Task<JsonObject> GetAsync(string path, CancellationToken cancellationToken) => ObjectAsync(HttpMethod.Get, path, null, "application/json", cancellationToken);

    public Task<JsonObject> CreateAsync(string collection, JsonObject item, CancellationToken cancellationToken) => ObjectAsync(HttpMethod.Post, collection, item, "application/json", cancellationToken);

    public Task<JsonObject> MergePatchAsync(string path, JsonObject patch, CancellationToken cancellationToken) =>
        ObjectAsync(HttpMethod.Patch, path, patch, "application/merge-patch+json", cancellationToken);

    public Task<JsonObject> DeleteAsync(string path, CancellationToken cancellationToken) => ObjectAsync(HttpMethod.Delete, path, null, "application/json", cancellationToken);

    public async Task<bool> ExistsAsync(string path, CancellationToken cancellationToken) => (await SendAsync(HttpMethod.Get, path, cancellationToken: cancellationToken)).Status == 200;

    /// <summary>Waits until an object is in a state. Follows a watch: many wait at the same time.</summary>
    public async Task SeenAsync(string path, Func<JsonObject, bool> state, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(state);
        int name = path.LastIndexOf('/');
        while (true)
        {
            HttpResponseMessage? answer = null;
            await Eventually.TrueAsync(
                async () =>
                {
                    answer?.Dispose();
                    answer = await _http.GetAsync(new Uri($"{path[..name]}?watch=1&fieldSelector=metadata.name={path[(name + 1)..]}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                    return (int)answer.StatusCode is not (404 or 429 or 503); // a server that starts has not read its custom resources yet
                },
                cancellationToken,
                $"a watch of {path}");
            using HttpResponseMessage response = answer!;
            using StreamReader lines = new(await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken));
            while (await lines.ReadLineAsync(cancellationToken) is string line) // a server ends a watch in good order when its time is over
            {
                if (state(JsonNode.Parse(line)!["object"]!.AsObject()))
                {
                    return;
                }
            }
        }
    }

    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await SendAsync(HttpMethod.Get, "/readyz", cancellationToken: cancellationToken)).Status == 200;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonObject> ObjectAsync(HttpMethod method, string path, JsonObject? body, string contentType, CancellationToken cancellationToken)
    {
        (int status, string answer) = await SendAsync(method, path, body, contentType, cancellationToken);
        return status is >= 200 and < 300 ? JsonNode.Parse(answer)!.AsObject() : throw new InvalidOperationException($"harness: {method} {path} answered {status}: {answer}");
    }
}
