using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Wire;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Wire;

public sealed class ClusterClassReaderTests
{
    [Fact]
    public void A_class_of_v1beta2_is_read_whole()
    {
        CapiClusterClass read = Reading.Read(Samples.ClusterClass, ClusterClassReader.Read);

        (read.Kind, read.Name, read.Cluster).ShouldBe(("ClusterClass", "quick-start", null));
        (read.ControlPlaneKind, read.InfrastructureKind).ShouldBe(("KubeadmControlPlaneTemplate", "DockerClusterTemplate"));
        read.MachineDeployments.ShouldBe(["default-worker", "big-worker"]);
        read.MachinePools.ShouldBe(["default-pool"]);
        read.Variables.ShouldBe(["imageRepository", "podSecurityStandard"]);
        read.KubernetesVersions.ShouldBe(["v1.33.5", "v1.34.1"]);
        read.VariablesReady.ShouldBe(true);
    }

    [Fact]
    public void A_class_of_v1beta1_refers_by_another_name()
    {
        ObjectJson json = ObjectJson.Parse("""
            {"apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "ClusterClass", "metadata": {"name": "old", "namespace": "default", "uid": "cc-2", "resourceVersion": "1"},
             "spec": {"controlPlane": {"ref": {"kind": "KubeadmControlPlaneTemplate", "name": "cp"}}, "infrastructure": {"ref": {"kind": "DockerClusterTemplate", "name": "i"}}},
             "status": {"conditions": [{"type": "VariablesReconciled", "status": "False", "severity": "Error", "reason": "VariableDiscoveryFailed"}]}}
            """);

        CapiClusterClass read = Reading.Read(json, ClusterClassReader.Read);

        (read.ControlPlaneKind, read.InfrastructureKind, read.VariablesReady).ShouldBe(("KubeadmControlPlaneTemplate", "DockerClusterTemplate", false));
        read.MachineDeployments.ShouldBeEmpty();
    }
}
