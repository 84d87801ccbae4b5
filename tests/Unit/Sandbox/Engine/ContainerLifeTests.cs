using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Engine;

namespace CapiWorkshop.Tests.Unit.Sandbox.Engine;

/// <summary>What clients can do to containers, and what is told of it.</summary>
public sealed class ContainerLifeTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    [Fact]
    public async Task A_running_container_is_removed_by_force_only()
    {
        SandboxContainer container = engine.Run("removed");

        EngineFixture.Reply refused = await DeleteAsync("removed");
        (refused.Code, refused.Message).ShouldBe((409, "cannot remove container \"/removed\": container is running: stop the container before removing or force remove"));
        (await DeleteAsync("removed?force=1")).Code.ShouldBe(204);
        (await DeleteAsync("removed?force=1")).Message.ShouldBe("No such container: removed");
        engine.Containers.List().ShouldNotContain(other => other.Id == container.Id);
    }

    [Fact]
    public async Task A_container_goes_through_its_states_and_is_refused_what_it_already_is()
    {
        SandboxContainer container = engine.Run("living");

        (await DoAsync("start")).ShouldBe((304, null));
        (await DoAsync("unpause")).ShouldBe((409, $"container {container.Id} is not paused"));
        (await DoAsync("pause")).ShouldBe((204, null));
        (await DoAsync("pause")).ShouldBe((409, $"container {container.Id} is already paused"));
        (await DoAsync("unpause")).ShouldBe((204, null));
        (await DoAsync("stop")).ShouldBe((204, null));
        (await DoAsync("stop")).ShouldBe((304, null));
        (await DoAsync("pause")).ShouldBe((409, $"container {container.Id} is not running"));
        (await DoAsync("kill")).ShouldBe((409, $"cannot kill container: living: container {container.Id} is not running"));
        (await DoAsync("start")).ShouldBe((204, null));
        (await DoAsync("kill")).ShouldBe((204, null));
        engine.Containers.Get("living").ExitCode.ShouldBe(137);
        (await DoAsync("restart")).ShouldBe((204, null));
        engine.Containers.Get("living").State.ShouldBe(ContainerState.Running);
        (await DoAsync("kill", "nobody")).ShouldBe((404, "cannot kill container: nobody: No such container: nobody"));

        async Task<(int, string?)> DoAsync(string command, string name = "living")
        {
            EngineFixture.Reply reply = await engine.SendAsync(HttpMethod.Post, $"/containers/{name}/{command}");
            return (reply.Code, reply.Text.Length > 0 ? reply.Message : null);
        }
    }

    [Fact]
    public async Task Events_tell_what_happens_to_the_containers_that_are_asked_for()
    {
        using StreamReader events = await engine.StreamAsync("/events?filters=" + Uri.EscapeDataString(
            """{"type":{"container":true},"label":{"io.x-k8s.kind.cluster=told":true},"event":{"start":true,"die":true,"destroy":true}}"""));
        engine.Run("untold");
        SandboxContainer container = engine.Run("told", cluster: "told");
        engine.Containers.Remove("untold");
        engine.Containers.Remove("told");

        List<JsonNode> told = [];
        while (told.Count < 3)
            told.Add(JsonNode.Parse((await events.ReadLineAsync(TestContext.Current.CancellationToken))!)!);

        told.Select(item => item["Action"]!.ToString()).ShouldBe(["start", "die", "destroy"]);
        told.ShouldAllBe(item => item["Actor"]!["ID"]!.ToString() == container.Id && item["Actor"]!["Attributes"]!["name"]!.ToString() == "told");
        told[1]["Actor"]!["Attributes"]!["exitCode"]!.ToString().ShouldBe("137");
        ((long)told[0]["timeNano"]!).ShouldBe((long)told[0]["time"]! * 1_000_000_000);
    }

    [Fact]
    public async Task Events_end_when_they_were_asked_to()
    {
        using StreamReader past = await engine.StreamAsync($"/events?until={engine.Wire.GetUtcNow().ToUnixTimeSeconds() - 1}");
        using StreamReader future = await engine.StreamAsync($"/events?until={engine.Wire.GetUtcNow().ToUnixTimeSeconds() + 30}");
        Task<string> rest = future.ReadToEndAsync(TestContext.Current.CancellationToken);

        (await past.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
        rest.IsCompleted.ShouldBeFalse();
        engine.Wire.Advance(TimeSpan.FromSeconds(30));
        (await rest).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_log_is_empty_and_ends_with_its_container()
    {
        engine.Run("logged");
        using StreamReader followed = await engine.StreamAsync("/containers/logged/logs?stdout=1&follow=1");
        Task<string> rest = followed.ReadToEndAsync(TestContext.Current.CancellationToken);

        (await engine.GetAsync("/containers/logged/logs?stderr=1")).Text.ShouldBeEmpty();
        (await engine.GetAsync("/containers/logged/logs")).Code.ShouldBe(400);
        rest.IsCompleted.ShouldBeFalse();
        engine.Containers.Remove("logged");
        (await rest).ShouldBeEmpty();
    }

    [Fact]
    public void Addresses_are_given_again_lowest_first()
    {
        ContainerHost host = new(engine.Time, new Random(1), engine.Wire);
        SandboxContainer Run(string name) => host.Run(name, "image", new Dictionary<string, string>(), new(1, 1));
        string[] first = [Run("a").Address, Run("b").Address, Run("c").Address];
        host.Remove("b");
        host.Remove("a");

        first.ShouldBe(["172.18.0.2", "172.18.0.3", "172.18.0.4"]);
        (string, string, string) again = (Run("d").Address, Run("e").Address, Run("f").Address);
        again.ShouldBe(("172.18.0.2", "172.18.0.3", "172.18.0.5"));
    }

    private Task<EngineFixture.Reply> DeleteAsync(string path) => engine.SendAsync(HttpMethod.Delete, "/containers/" + path);
}
