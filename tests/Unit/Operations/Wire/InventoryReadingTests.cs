using CapiWorkshop.Operations.Wire;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Wire;

public sealed class InventoryReadingTests
{
    [Theory]
    [InlineData("registry.k8s.io/cluster-api/cluster-api-controller:v1.14.0", "v1.14.0")]
    [InlineData("localhost:5000/controller:v1.14.0", "v1.14.0")]
    [InlineData("localhost:5000/controller", null)]
    [InlineData("registry.example/controller@sha256:0123456789abcdef", null)]
    [InlineData("registry.example/controller:v1.14.0@sha256:0123456789abcdef", "v1.14.0")]
    [InlineData("controller", null)]
    [InlineData("controller:dev", "dev")]
    [InlineData(null, null)]
    public void The_tag_of_the_managers_image_is_found(string? image, string? expected) =>
        Deployment(ObjectJson.Deployment("c", "capi-system", "cluster-api", image)).ImageTag.ShouldBe(expected);

    [Theory]
    [InlineData("True", true)]
    [InlineData("False", false)]
    [InlineData("Unknown", null)]
    [InlineData(null, null)]
    public void A_Deployment_is_available_as_its_condition_says(string? status, bool? expected)
    {
        ControllerDeployment deployment = Deployment(ObjectJson.Deployment("c", "capi-system", "cluster-api", "x:v1", status));

        deployment.ShouldBe(new ControllerDeployment("c", "capi-system", "cluster-api", "v1", expected));
    }

    [Theory]
    [InlineData("True", true)]
    [InlineData("False", false)]
    [InlineData("Unknown", null)]
    [InlineData(null, null)]
    public void A_Node_is_ready_only_when_its_condition_says_True(string? status, bool? expected) =>
        Reading.Read(ObjectJson.Node("n", status), (ref reader, _) => new InventoryReading().Node(ref reader)).ShouldBe(new NodeState("n", expected));

    /// <summary>clusterctl labels all components that it installs so (cmd/clusterctl/api/v1alpha3/labels.go, ManifestLabel).</summary>
    [Theory]
    [InlineData("CoreProvider", "cluster-api", "cluster-api")]
    [InlineData("BootstrapProvider", "kubeadm", "bootstrap-kubeadm")]
    [InlineData("ControlPlaneProvider", "kubeadm", "control-plane-kubeadm")]
    [InlineData("InfrastructureProvider", "docker", "infrastructure-docker")]
    [InlineData("IPAMProvider", "in-cluster", "ipam-in-cluster")]
    [InlineData("RuntimeExtensionProvider", "nutanix", "runtime-extension-nutanix")]
    [InlineData("AddonProvider", "helm", "addon-helm")]
    public void An_inventory_entry_tells_the_label_of_its_components(string type, string name, string expected)
    {
        InventoryEntry entry = Reading.Read(ObjectJson.Provider("entry", "ns", name, type, "v1.14.0"), (ref reader, _) => new InventoryReading().Provider(ref reader));

        entry.ShouldBe(new InventoryEntry("entry", "ns", name, type, "v1.14.0"));
        entry.Label.ShouldBe(expected);
    }

    private static ControllerDeployment Deployment(ObjectJson json) => Reading.Read(json, (ref reader, _) => new InventoryReading().Deployment(ref reader));

}
