using System.Net.Http.Headers;
using System.Text.Json;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>
/// The credentials that an exec plugin gets. They are kept until they end or the server refuses them; however many requests wait for them, the plugin runs
/// once, and where it fails, it fails for all of them.
/// </summary>
/// <param name="run">Runs the plugin.</param>
/// <param name="plugin">What it is.</param>
/// <param name="given">What the kubeconfig itself holds, which counts more: a client certificate may stand beside a plugin that gets a token.</param>
/// <param name="clock">The clock that credentials end by.</param>
/// <param name="closed">Ends a run when the connection is closed.</param>
#pragma warning disable CA1001 // The gate holds nothing that needs disposing of, and disposing of it would leave those waiting who are inside.
internal sealed class ExecCredentials(ExecPluginRun run, ExecPlugin plugin, GivenCredentials given, TimeProvider clock, CancellationToken closed) : ICredentials
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Credential? _known;
    private (string Certificate, string Key, ClientCertificate Loaded)? _issued;
    private volatile CapiProblemException? _failure;
    private int _runs;

    /// <inheritdoc/>
    public async ValueTask<Credential> GetAsync(IApiObserver? observer, CancellationToken cancellationToken)
    {
        if (Usable is Credential known)
        {
            return known;
        }

        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, closed);
        int seen = Volatile.Read(ref _runs);
        await _gate.WaitAsync(end.Token).ConfigureAwait(false);
        try
        {
            if (Usable is Credential meanwhile)
            {
                return meanwhile;
            }

            if (seen != _runs && _failure is CapiProblemException failure)
            {
                throw failure;
            }

            _failure = null;
            Credential got = Read(await run.RunAsync(observer, end.Token).ConfigureAwait(false));
            Volatile.Write(ref _known, got);
            return got;
        }
        catch (CapiProblemException e)
        {
            _failure = e;
            throw;
        }
        finally
        {
            Volatile.Write(ref _runs, _runs + 1);
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public bool Reject(Credential credential)
    {
        // Who comes late must not throw away what another request has got anew.
        Interlocked.CompareExchange(ref _known, null, credential);
        return true;
    }

    /// <summary>What is known and has not ended, with the client certificate of now where the kubeconfig names one that is renewed beside the plugin's token.</summary>
    private Credential? Usable
    {
        get
        {
            while (Volatile.Read(ref _known) is { } known && !HasEnded(known.Expires))
            {
                if (given.Renew() is not ClientCertificate own || ReferenceEquals(own, known.Certificate))
                {
                    return known;
                }

                Interlocked.CompareExchange(ref _known, new(known.Authorization, own, known.Expires), known);
            }

            return null;
        }
    }

    private bool HasEnded(DateTimeOffset? expires) => expires <= clock.GetUtcNow();

    private Credential Read(ReadOnlyMemory<byte> answer)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            JsonElement root = document.RootElement;
            if (Text(root, "kind") != "ExecCredential")
            {
                throw Unusable("is no ExecCredential");
            }

            if (Text(root, "apiVersion") != plugin.ApiVersion)
            {
                throw Unusable($"is not of version {plugin.ApiVersion}, which the kubeconfig asks for");
            }

            return root.TryGetProperty("status", out JsonElement status) && status.ValueKind == JsonValueKind.Object ? Read(status) : throw Unusable("holds no status");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The parser's words could quote a secret: they stay here.
            throw Unusable("cannot be understood");
        }
    }

    private Credential Read(JsonElement status)
    {
        (string? token, string? certificate, string? key) = (Text(status, "token"), Text(status, "clientCertificateData"), Text(status, "clientKeyData"));
        if (token is null && certificate is null && key is null)
        {
            throw Unusable("holds neither a token nor a certificate");
        }

        if (certificate is null != key is null)
        {
            throw Unusable("holds one of clientCertificateData and clientKeyData without the other");
        }

        if (token is not null && !GivenCredentials.IsToken(token))
        {
            throw Unusable("holds a token that no header can carry: one with a line break, a blank or the like");
        }

        DateTimeOffset? expires = null;
        if (Text(status, "expirationTimestamp") is not null)
        {
            expires = status.GetProperty("expirationTimestamp").TryGetDateTimeOffset(out DateTimeOffset end) ? end : throw Unusable("holds an expirationTimestamp that is no time");
        }

        if (HasEnded(expires))
        {
            throw Unusable($"has expired at {expires:u} already", "Sign in anew with the tool that the plugin belongs to, and check the clock of this machine.");
        }

        return new(
            token is null ? null : new AuthenticationHeaderValue("Bearer", token),
            given.Renew() ?? (certificate is null ? null : Load(certificate, key!)),
            expires);
    }

    /// <summary>The certificate; the same one again where it has not changed, so that its connections go on.</summary>
    private ClientCertificate Load(string certificate, string key)
    {
        if (_issued is not { } issued || (issued.Certificate, issued.Key) != (certificate, key))
        {
            _issued = issued = (certificate, key, ClientCertificate.Load(certificate, key, (why, _) => Unusable($"cannot be used: {why}")));
        }

        return issued.Loaded;
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null && value.GetString() is { Length: > 0 } text ? text : null;

    private CapiProblemException Unusable(string what, string? action = null) => run.Failed($"gave an answer that {what}", action);
}
