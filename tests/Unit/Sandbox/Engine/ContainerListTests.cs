using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Engine;

namespace CapiWorkshop.Tests.Unit.Sandbox.Engine;

public sealed class ContainerListTests : IAsyncLifetime
{
    private readonly EngineFixture _engine = new();

    public ContainerListTests()
    {
        _engine.Run("dev-lb", role: "external-load-balancer", image: "kindest/haproxy:v1");
        _engine.Time.Advance(TimeSpan.FromMinutes(1));
        _engine.Run("dev-md-0-a");
        _engine.Time.Advance(TimeSpan.FromMinutes(1));
        _engine.Run("k0s-md-0-b", cluster: "k0s");
        _engine.Time.Advance(TimeSpan.FromMinutes(1));
        _engine.Containers.Stop("dev-md-0-a");
        _engine.Containers.Pause("k0s-md-0-b");
        _engine.Time.Advance(TimeSpan.FromMinutes(57));
    }

    public ValueTask InitializeAsync() => _engine.InitializeAsync();

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Theory]
    [InlineData("", "k0s-md-0-b dev-md-0-a dev-lb")]
    [InlineData("""{"label":{"io.x-k8s.kind.cluster=dev":true}}""", "dev-md-0-a dev-lb")]
    [InlineData("""{"label":["io.x-k8s.kind.cluster=dev"]}""", "dev-md-0-a dev-lb")]
    [InlineData("""{"label":{"io.x-k8s.kind.cluster=dev":true,"io.x-k8s.kind.role=worker":true}}""", "dev-md-0-a")]
    [InlineData("""{"label":{"io.x-k8s.kind.cluster":true}}""", "k0s-md-0-b dev-md-0-a dev-lb")]
    [InlineData("""{"label":{"io.x-k8s.kind.cluster=de":true}}""", "")]
    [InlineData("""{"label":{"io.x-k8s.kind.cluster=dev":false}}""", "k0s-md-0-b dev-md-0-a dev-lb")]
    [InlineData("""{"name":{"md-0":true}}""", "k0s-md-0-b dev-md-0-a")]
    [InlineData("""{"name":{"^dev-lb$":true}}""", "dev-lb")]
    [InlineData("""{"name":{"^/dev":true}}""", "dev-md-0-a dev-lb")]
    [InlineData("""{"name":{"dev-lb":true,"k0s":true}}""", "k0s-md-0-b dev-lb")]
    [InlineData("""{"name":{"[":true}}""", "")]
    [InlineData("""{"status":{"running":true}}""", "dev-lb")]
    [InlineData("""{"status":{"paused":true,"exited":true}}""", "k0s-md-0-b dev-md-0-a")]
    [InlineData("""{"exited":{"130":true}}""", "dev-md-0-a")]
    [InlineData("""{"exited":{"0":true}}""", "")]
    [InlineData("""{"ancestor":{"kindest/haproxy":true}}""", "dev-lb")]
    [InlineData("""{"ancestor":{"kindest/node:v1.33.2":true}}""", "k0s-md-0-b dev-md-0-a")]
    [InlineData("""{"before":{"dev-md-0-a":true}}""", "dev-lb")]
    [InlineData("""{"since":{"dev-md-0-a":true}}""", "k0s-md-0-b")]
    [InlineData("""{"network":{"kind":true},"health":{"none":true},"is-task":{"false":true}}""", "k0s-md-0-b dev-md-0-a dev-lb")]
    [InlineData("""{"volume":{"data":true}}""", "")]
    public async Task Filters_find_what_they_describe_newest_first(string filters, string names) =>
        (await _engine.NamesAsync(filters)).ShouldBe(names.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    [Fact]
    public async Task An_id_is_found_by_its_beginning() =>
        (await _engine.NamesAsync($$$"""{"id":{"{{{_engine.Containers.Get("dev-lb").Id[..12]}}}":true}}""")).ShouldBe(["dev-lb"]);

    [Fact]
    public async Task What_has_exited_is_shown_to_those_who_ask_for_it()
    {
        (await _engine.NamesAsync(query: "")).ShouldBe(["k0s-md-0-b", "dev-lb"]);
        (await _engine.NamesAsync(query: "all=false")).ShouldBe(["k0s-md-0-b", "dev-lb"]);
        (await _engine.NamesAsync(query: "limit=2")).ShouldBe(["k0s-md-0-b", "dev-md-0-a"]);
        (await _engine.NamesAsync("""{"status":{"exited":true}}""", query: "")).ShouldBe(["dev-md-0-a"]);
    }

    [Theory]
    [InlineData("""{"foo":{"a":true}}""", 400, "invalid filter 'foo'")]
    [InlineData("""{"status":{"asleep":true}}""", 400, "invalid filter 'status=asleep'")]
    [InlineData("""{"exited":{"x":true}}""", 400, "invalid filter 'exited=x'")]
    [InlineData("xx", 400, "invalid filter")]
    [InlineData("""{"label":1}""", 400, "invalid filter")]
    [InlineData("""{"before":{"nope":true}}""", 404, "No such container: nope")]
    public async Task Filters_that_mean_nothing_are_refused(string filters, int code, string message)
    {
        EngineFixture.Reply reply = await _engine.GetAsync("/containers/json?filters=" + Uri.EscapeDataString(filters));

        (reply.Code, reply.Message).ShouldBe((code, message));
    }

    [Fact]
    public async Task States_are_told_in_words_by_the_worlds_clock()
    {
        JsonArray list = (await _engine.GetAsync("/containers/json?all=1")).Json.AsArray();

        list.Select(item => $"{item!["State"]}: {item["Status"]}").ShouldBe(
            ["paused: Up 58 minutes (Paused)", "exited: Exited (130) 57 minutes ago", "running: Up About an hour"]);
        list.Select(item => (long)item!["Created"]!).ShouldBe(
            _engine.Containers.List().OrderByDescending(container => container.CreatedAt).Select(container => container.CreatedAt.ToUnixTimeSeconds()));
    }

    [Theory]
    [InlineData(0.4, "Less than a second")]
    [InlineData(1.9, "1 second")]
    [InlineData(59, "59 seconds")]
    [InlineData(60, "About a minute")]
    [InlineData(119, "About a minute")]
    [InlineData(120, "2 minutes")]
    [InlineData(3599, "59 minutes")]
    [InlineData(3600, "About an hour")]
    [InlineData(5399, "About an hour")]
    [InlineData(5400, "2 hours")]
    [InlineData(47 * 3600, "47 hours")]
    [InlineData(48 * 3600, "2 days")]
    [InlineData(13 * 86400, "13 days")]
    [InlineData(14 * 86400, "2 weeks")]
    [InlineData(60 * 86400, "2 months")]
    [InlineData(800 * 86400, "2 years")]
    public void Durations_are_those_of_docker(double seconds, string words) => EngineTime.Words(TimeSpan.FromSeconds(seconds)).ShouldBe(words);
}
