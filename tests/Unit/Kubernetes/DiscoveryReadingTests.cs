using System.Text.Json;
using CapiWorkshop.Kubernetes.Reading;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Tests.Unit.Kubernetes;

public sealed class DiscoveryReadingTests
{
    internal const string AggregatedDocument = """
        {"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[
          {"metadata":{"name":"cluster.x-k8s.io","creationTimestamp":null},"versions":[
            {"version":"v1beta2","freshness":"Current","resources":[
              {"resource":"machines","responseKind":{"group":"cluster.x-k8s.io","version":"v1beta2","kind":"Machine"},"scope":"Namespaced","singularResource":"machine","verbs":["get"],
               "subresources":[{"subresource":"status","responseKind":{"kind":"Machine"},"verbs":["get"]}]},
              {"resource":"clusters","responseKind":{"kind":"Cluster"},"scope":"Namespaced"}]},
            {"version":"v1beta1","freshness":"Current","resources":[{"resource":"machines","responseKind":{"kind":"Machine"}}]}]},
          {"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1","freshness":"Stale"}]}]}
        """;

    internal const string LegacyGroups = """
        {"kind":"APIGroupList","apiVersion":"v1","groups":[
          {"name":"cluster.x-k8s.io","versions":[{"groupVersion":"cluster.x-k8s.io/v1alpha4","version":"v1alpha4"},{"groupVersion":"cluster.x-k8s.io/v1beta1","version":"v1beta1"},{"groupVersion":"cluster.x-k8s.io/v1beta2","version":"v1beta2"}],
           "preferredVersion":{"groupVersion":"cluster.x-k8s.io/v1beta2","version":"v1beta2"}},
          {"name":"metrics.k8s.io","versions":[{"groupVersion":"metrics.k8s.io/v1beta1","version":"v1beta1"}],"preferredVersion":{"version":"v1beta1"}}]}
        """;

    internal const string LegacyResources = """
        {"kind":"APIResourceList","groupVersion":"cluster.x-k8s.io/v1beta2","resources":[
          {"name":"machines","singularName":"machine","namespaced":true,"kind":"Machine","verbs":["get"]},
          {"name":"machines/status","singularName":"","namespaced":true,"kind":"Machine","verbs":["get"]},
          {"name":"machinedeployments/scale","group":"autoscaling","version":"v1","kind":"Scale","verbs":["get"]},
          {"name":"clusters","singularName":"cluster","namespaced":true,"kind":"Cluster","verbs":["get"]}]}
        """;

    [Fact]
    public void The_aggregated_document_tells_every_resource_in_the_servers_order()
    {
        using JsonDocument document = JsonDocument.Parse(AggregatedDocument);

        DiscoveryReading.Root(document.RootElement).All.ShouldBe(
        [
            new ResourceType("cluster.x-k8s.io", "v1beta2", "machines", "Machine"),
            new ResourceType("cluster.x-k8s.io", "v1beta2", "clusters", "Cluster"),
            new ResourceType("cluster.x-k8s.io", "v1beta1", "machines", "Machine"),
        ]);
    }

    [Fact]
    public void A_list_of_groups_is_not_the_aggregated_document()
    {
        using JsonDocument document = JsonDocument.Parse(LegacyGroups);

        DiscoveryReading.Root(document.RootElement).All.ShouldBeNull();
    }

    [Fact]
    public void The_preferred_version_of_a_group_comes_first_and_the_others_in_their_order()
    {
        using JsonDocument document = JsonDocument.Parse(LegacyGroups);

        DiscoveryReading.Root(document.RootElement).Groups.ShouldBe(
        [
            ("cluster.x-k8s.io", "v1beta2"), ("cluster.x-k8s.io", "v1alpha4"), ("cluster.x-k8s.io", "v1beta1"), ("metrics.k8s.io", "v1beta1"),
        ]);
    }

    [Fact]
    public void Subresources_are_left_out()
    {
        using JsonDocument document = JsonDocument.Parse(LegacyResources);

        DiscoveryReading.Resources(document.RootElement, "cluster.x-k8s.io", "v1beta2").ShouldBe(
        [
            new ResourceType("cluster.x-k8s.io", "v1beta2", "machines", "Machine"), new ResourceType("cluster.x-k8s.io", "v1beta2", "clusters", "Cluster"),
        ]);
    }

    [Theory]
    [InlineData("""{"kind":"APIGroupDiscoveryList","items":null}""")]
    [InlineData("""{"kind":"APIGroupDiscoveryList"}""")]
    [InlineData("""{"kind":"APIGroupDiscoveryList","items":[]}""")]
    public void A_server_may_serve_nothing(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);

        DiscoveryReading.Root(document.RootElement).All.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"kind":"APIGroupList","groups":null}""")]
    [InlineData("""{"kind":"APIGroupList","groups":[]}""")]
    public void A_server_may_have_no_groups(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);

        DiscoveryReading.Root(document.RootElement).All.ShouldBeNull();
        DiscoveryReading.Root(document.RootElement).Groups.ShouldBeEmpty();
    }

    [Fact]
    public void Another_document_is_no_discovery()
    {
        using JsonDocument document = JsonDocument.Parse("""{"kind":"Status"}""");

        Should.Throw<JsonException>(() => DiscoveryReading.Root(document.RootElement));
    }
}
