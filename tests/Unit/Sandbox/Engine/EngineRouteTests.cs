using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Engine;

namespace CapiWorkshop.Tests.Unit.Sandbox.Engine;

/// <summary>The engine's API, spoken over its socket.</summary>
public sealed class EngineRouteTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    [Theory]
    [InlineData("GET", "OK")]
    [InlineData("HEAD", "")]
    public async Task A_ping_tells_what_is_spoken(string method, string body)
    {
        EngineFixture.Reply reply = await engine.SendAsync(new(method), "/_ping");

        (reply.Code, reply.Text).ShouldBe((200, body));
        (reply.Headers["Api-Version"], reply.Headers["Ostype"], reply.Headers["Docker-Experimental"]).ShouldBe(("1.51", "linux", "false"));
        reply.Headers["Server"].ShouldStartWith("Docker/");
    }

    [Theory]
    [InlineData("/version", 200)]
    [InlineData("/v1.24/version", 200)]
    [InlineData("/v1.51/version", 200)]
    [InlineData("/v1.23/version", 400)]
    [InlineData("/v1.52/version", 400)]
    [InlineData("/v2.0/version", 400)]
    public async Task Versions_are_spoken_from_the_oldest_to_the_newest(string path, int code) => (await engine.GetAsync(path)).Code.ShouldBe(code);

    [Fact]
    public async Task A_version_that_is_not_spoken_is_refused_in_Dockers_words()
    {
        (await engine.GetAsync("/v1.23/info")).Message.ShouldBe(
            "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version");
        (await engine.GetAsync("/v1.99/info")).Message.ShouldBe("client version 1.99 is too new. Maximum supported API version is 1.51");
    }

    [Theory]
    [InlineData("GET", "/nope")]
    [InlineData("GET", "/v1.41/nope")]
    [InlineData("GET", "/v1.99/nope")]
    [InlineData("GET", "/containers/")]
    [InlineData("GET", "/containers//json")]
    [InlineData("POST", "/containers/json")]
    [InlineData("POST", "/_ping")]
    public async Task What_is_not_served_is_a_page_that_is_not_found(string method, string path)
    {
        EngineFixture.Reply reply = await engine.SendAsync(new(method), path);

        (reply.Code, reply.Text).ShouldBe((404, """{"message":"page not found"}"""));
    }

    [Theory]
    [InlineData("GET", "/containers/nope/json")]
    [InlineData("GET", "/containers/nope/stats")]
    [InlineData("GET", "/containers/nope/stats?stream=0&one-shot=1")]
    [InlineData("GET", "/containers/nope/logs?stdout=1")]
    [InlineData("POST", "/containers/nope/stop")]
    [InlineData("POST", "/containers/nope/pause")]
    [InlineData("DELETE", "/containers/nope")]
    public async Task A_container_that_is_not_there_is_named(string method, string path)
    {
        EngineFixture.Reply reply = await engine.SendAsync(new(method), path);

        (reply.Code, reply.Message).ShouldBe((404, "No such container: nope"));
    }

    [Fact]
    public async Task A_container_is_found_by_id_name_and_the_beginning_of_its_id()
    {
        SandboxContainer container = engine.Run("found");

        foreach (string reference in (string[])[container.Id, container.Id[..12], container.Id[..6], "found"])
            (await engine.GetAsync($"/containers/{reference}/json")).Json["Name"]!.ToString().ShouldBe("/found");
        (await engine.GetAsync("/containers/foun/json")).Code.ShouldBe(404);
    }

    [Fact]
    public void A_beginning_that_several_ids_share_is_refused()
    {
        for (int each = 0; each < 17; each++)
            engine.Run($"shared-{each}");
        string shared = engine.Containers.List().GroupBy(container => container.Id[..1]).First(group => group.Count() > 1).Key;

        Should.Throw<EngineFailure>(() => engine.Containers.Get(shared)).Message.ShouldBe($"Multiple IDs found with provided prefix: {shared}");
    }

    [Fact]
    public async Task What_can_be_inspected_agrees_with_the_list()
    {
        SandboxContainer container = engine.Run("inspected", role: "control-plane");
        JsonNode details = (await engine.GetAsync("/containers/inspected/json")).Json;
        JsonNode summary = JsonNode.Parse((await engine.GetAsync("/containers/json?filters=%7B%22name%22%3A%5B%22inspected%22%5D%7D")).Text)!.AsArray().ShouldHaveSingleItem()!;

        details["Id"]!.ToString().ShouldBe(container.Id);
        summary["Id"]!.ToString().ShouldBe(container.Id);
        summary["ImageID"]!.ToString().ShouldBe(details["Image"]!.ToString());
        summary["State"]!.ToString().ShouldBe(details["State"]!["Status"]!.ToString());
        summary["Command"]!.ToString().ShouldBe($"{details["Path"]} {string.Join(' ', details["Args"]!.AsArray())}");
        JsonNode.DeepEquals(summary["Labels"], details["Config"]!["Labels"]).ShouldBeTrue();
        JsonNode.DeepEquals(summary["NetworkSettings"]!["Networks"], details["NetworkSettings"]!["Networks"]).ShouldBeTrue();
        details["NetworkSettings"]!["Networks"]!["kind"]!["IPAddress"]!.ToString().ShouldBe(container.Address);
        DateTimeOffset.FromUnixTimeSeconds((long)summary["Created"]!).ShouldBe(DateTimeOffset.Parse(details["Created"]!.ToString(), null));
    }

    [Fact]
    public async Task Statistics_cannot_be_a_stream_of_one()
    {
        engine.Run("streamed");

        EngineFixture.Reply reply = await engine.GetAsync("/containers/streamed/stats?one-shot=true");

        (reply.Code, reply.Message).ShouldBe((400, "cannot have stream=true and one-shot=true"));
    }

    [Fact]
    public async Task The_counts_of_the_engine_are_those_of_its_containers()
    {
        engine.Run("counted");
        engine.Run("counted-paused");
        engine.Run("counted-stopped");
        engine.Containers.Pause("counted-paused");
        engine.Containers.Stop("counted-stopped");

        JsonNode info = (await engine.GetAsync("/v1.47/info")).Json;

        ((int)info["Containers"]!).ShouldBe(engine.Containers.List().Count);
        ((int)info["ContainersPaused"]!, (int)info["ContainersStopped"]!).ShouldBe((1, 1));
        ((int)info["ContainersRunning"]!).ShouldBe(engine.Containers.List().Count - 2);
    }
}
