using System.Net;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Http;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tests.Unit.Kubernetes.Support;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

public sealed class ConnectionsByIdentityTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_connections_of_the_newest_identities_are_kept_and_older_ones_closed_once_nothing_waits_on_them()
    {
        using TestAuthority authority = new();
        ClientCertificate[] identities = [.. Enumerable.Range(0, 5).Select(n => Issue(authority, $"identity-{n}"))];
        List<Handler> made = [];
        ConnectionsByIdentity connections = new(_ =>
        {
            made.Add(new());
            return made[^1];
        }, identities[0]);
        using HttpMessageInvoker invoker = new(connections);

        Task<HttpResponseMessage> slow = SendAsync(0);
        for (int i = 1; i < identities.Length; i++)
        {
            Task<HttpResponseMessage> sent = SendAsync(i);
            made[i].Answer.SetResult();
            (await sent).Dispose();
        }

        made.Select(handler => handler.IsDisposed).ShouldBe([false, true, false, false, false]);
        made[0].Answer.SetResult();
        (await slow).Dispose();
        made.Select(handler => handler.IsDisposed).ShouldBe([true, true, false, false, false]);

        (await SendAsync(2)).Dispose(); // comes late
        made.Count.ShouldBe(identities.Length);
        invoker.Dispose();
        made.ShouldAllBe(handler => handler.IsDisposed);

        async Task<HttpResponseMessage> SendAsync(int identity)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, "https://server.example");
            ConnectionsByIdentity.Identify(request, identities[identity]);
            return await invoker.SendAsync(request, Cancelled);
        }
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task A_watch_goes_on_although_its_identity_was_given_up(HttpProtocols protocols)
    {
        await using ScriptedServer server = await ScriptedServer.StartAsync(options: new() { AskForClientCertificate = true, Protocols = protocols });
        (string certificate, string key, _) = server.Authority.IssueClient("first");
        using KubernetesApi api = server.Connect($"{{ client-certificate: '{server.WriteFile("client.crt", certificate)}', client-key: '{server.WriteFile("client.key", key)}' }}");
        await using Watching watching = Watching.Start(api);
        await (await server.NextAsync()).JsonAsync(Thing.ListOf("10"));
        (await watching.NextAsync()).ShouldBe("Synced");
        Exchange watch = await server.NextAsync();
        await watch.SendAsync(Thing.Line("ADDED", Thing.Of("a", 11)));
        (await watching.NextAsync()).ShouldBe("Added a@11");

        for (int i = 0; i < 4; i++)
        {
            (certificate, key, _) = server.Authority.IssueClient($"next-{i}");
            server.WriteFile("client.crt", certificate);
            server.WriteFile("client.key", key);
            Task<Thing> got = api.GetAsync(new ResourcePath(Thing.Type, "default", "a"), Thing.Read, Cancelled);
            await (await server.NextAsync()).JsonAsync(Thing.Of("a", 11).ToJson());
            await got;
        }

        await watch.SendAsync(Thing.Line("ADDED", Thing.Of("b", 12)));
        (await watching.NextAsync()).ShouldBe("Added b@12");
        server.Seen.Count.ShouldBe(6);
    }

    private static ClientCertificate Issue(TestAuthority authority, string name)
    {
        (string certificate, string key, _) = authority.IssueClient(name);
        return ClientCertificate.Load(certificate, key, (why, _) => throw new InvalidOperationException(why));
    }

    private sealed class Handler : HttpMessageHandler
    {
        public TaskCompletionSource Answer { get; } = new();

        public bool IsDisposed { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Answer.Task.WaitAsync(cancellationToken);
            return new(HttpStatusCode.OK);
        }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
