using System.Text;
using System.Text.Json;
using CapiWorkshop.Containers.Reading;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Tests.Unit.Containers;

public sealed class ContainerReadingTests
{
    [Fact]
    public void Containers_are_read()
    {
        IReadOnlyList<EngineContainer> containers = Read("""
            [
              {
                "Id": "aa", "Names": ["/dev-cluster-md-0-x7k2p"], "Image": "kindest/node:v1.31.0", "ImageID": "sha256:1", "Command": "/sbin/init", "Created": 1795164000,
                "Ports": [{ "PrivatePort": 6443, "Type": "tcp" }], "State": "running", "Status": "Up 2 minutes",
                "Labels": { "io.x-k8s.kind.cluster": "dev-cluster", "io.x-k8s.kind.role": "worker", "empty": "" },
                "HostConfig": { "NetworkMode": "kind" }, "NetworkSettings": { "Networks": { "kind": { "Id": "no" } } }, "Mounts": []
              },
              { "Id": "bb" }
            ]
            """);

        containers.Count.ShouldBe(2);
        EngineContainer first = containers[0];
        (first.Id, first.Name, first.Image, first.State, first.RawState).ShouldBe(("aa", "dev-cluster-md-0-x7k2p", "kindest/node:v1.31.0", ContainerState.Running, "running"));
        first.CreatedAt.ShouldBe(new DateTimeOffset(2026, 11, 20, 8, 40, 0, TimeSpan.Zero));
        first.Labels.ShouldBe(new Dictionary<string, string> { ["io.x-k8s.kind.cluster"] = "dev-cluster", ["io.x-k8s.kind.role"] = "worker", ["empty"] = "" }, ignoreOrder: true);
        first.ToString().ShouldBe("dev-cluster-md-0-x7k2p");
        EngineContainer second = containers[1];
        (second.Name, second.Image, second.State, second.RawState, second.CreatedAt).ShouldBe((null, null, ContainerState.Unknown, null, null));
        second.Labels.ShouldBeEmpty();
        second.ToString().ShouldBe("bb");
    }

    [Theory]
    [InlineData("created", ContainerState.Created)]
    [InlineData("configured", ContainerState.Created)]
    [InlineData("initialized", ContainerState.Created)]
    [InlineData("running", ContainerState.Running)]
    [InlineData("stopping", ContainerState.Running)]
    [InlineData("paused", ContainerState.Paused)]
    [InlineData("restarting", ContainerState.Restarting)]
    [InlineData("removing", ContainerState.Removing)]
    [InlineData("exited", ContainerState.Exited)]
    [InlineData("stopped", ContainerState.Exited)]
    [InlineData("dead", ContainerState.Dead)]
    [InlineData("levitating", ContainerState.Unknown)]
    public void Every_state_is_known_and_the_word_is_kept(string raw, ContainerState state)
    {
        EngineContainer container = Read($$"""[{"Id":"aa","State":"{{raw}}"}]""").ShouldHaveSingleItem();

        container.State.ShouldBe(state);
        container.RawState.ShouldBe(raw);
    }

    [Theory]
    [InlineData("""["/web/database", "/database"]""", new[] { "database", "web/database" })]
    [InlineData("""["database"]""", new[] { "database" })]
    [InlineData("""["", 7, null]""", new string[0])]
    [InlineData("null", new string[0])]
    public void A_containers_own_name_comes_first(string names, string[] read) => Read($$"""[{"Id":"aa","Names":{{names}}}]""")[0].Names.ShouldBe(read);

    [Theory]
    [InlineData("""{"Id":"aa","Labels":null,"Image":"","Created":0}""")]
    [InlineData("""{"Id":"aa","Labels":[],"Image":7,"Created":99999999999999}""")]
    [InlineData("""{"Id":"aa","Labels":"a=b","Image":null,"Created":"2026-11-20T09:00:00Z"}""")]
    public void What_an_engine_does_not_say_is_null(string container)
    {
        EngineContainer read = Read($"[{container}]")[0];

        (read.Image, read.CreatedAt).ShouldBe((null, null));
        read.Labels.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""[{"Names":["/a"]}]""")]
    [InlineData("{}")]
    [InlineData("null")]
    public void What_is_no_list_of_containers_is_refused(string json) => Should.Throw<InvalidDataException>(() => Read(json));

    private static IReadOnlyList<EngineContainer> Read(string json)
    {
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(json));
        reader.Read();
        return ContainerReading.List(ref reader);
    }
}
