namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>The labels, annotations and finalizers that Cluster API and its providers agree on.</summary>
internal static class CapiNames
{
    public const string ClusterLabel = "cluster.x-k8s.io/cluster-name";
    public const string ControlPlaneLabel = "cluster.x-k8s.io/control-plane";
    public const string ControlPlaneNameLabel = "cluster.x-k8s.io/control-plane-name";
    public const string DeploymentLabel = "cluster.x-k8s.io/deployment-name";
    public const string SetLabel = "cluster.x-k8s.io/set-name";
    public const string TemplateHashLabel = "machine-template-hash";
    public const string ProviderLabel = "cluster.x-k8s.io/provider";
    public const string ChartProxyLabel = "helmreleaseproxy.addons.cluster.x-k8s.io/helmchartproxy-name";

    public const string Paused = "cluster.x-k8s.io/paused";
    public const string DeleteFirst = "cluster.x-k8s.io/delete-machine";
    public const string ManagedBy = "cluster.x-k8s.io/managed-by";
    public const string ExcludeDraining = "machine.cluster.x-k8s.io/exclude-node-draining";
    public const string PreDrainHook = "pre-drain.delete.hook.machine.cluster.x-k8s.io";
    public const string PreTerminateHook = "pre-terminate.delete.hook.machine.cluster.x-k8s.io";
    public const string ControlPlaneHook = PreTerminateHook + "/kcp-cleanup";
    public const string DisableCreate = "cluster.x-k8s.io/disable-machine-create";
    public const string Revision = "machinedeployment.clusters.x-k8s.io/revision";
    public const string DesiredReplicas = "machinedeployment.clusters.x-k8s.io/desired-replicas";
    public const string MaximumReplicas = "machinedeployment.clusters.x-k8s.io/max-replicas";
    public const string ClonedFromName = "cluster.x-k8s.io/cloned-from-name";
    public const string ClonedFromKind = "cluster.x-k8s.io/cloned-from-groupkind";

    public const string ClusterFinalizer = "cluster.cluster.x-k8s.io";
    public const string MachineFinalizer = "machine.cluster.x-k8s.io";
    public const string MachineSetFinalizer = "cluster.x-k8s.io/machineset";
    public const string MachineDeploymentFinalizer = "cluster.x-k8s.io/machinedeployment";
    public const string KubeadmControlPlaneFinalizer = "kubeadm.controlplane.cluster.x-k8s.io";
    public const string DockerClusterFinalizer = "dockercluster.infrastructure.cluster.x-k8s.io";
    public const string DockerMachineFinalizer = "dockermachine.infrastructure.cluster.x-k8s.io";
    public const string ChartProxyFinalizer = "helmchartproxy.addons.cluster.x-k8s.io";
    public const string ReleaseProxyFinalizer = "helmreleaseproxy.addons.cluster.x-k8s.io";
    public const string K0smotronControlPlaneFinalizer = "k0smotron.controlplane.cluster.x-k8s.io";
    public const string K0smotronClusterFinalizer = "k0smotron.io/finalizer";

    /// <summary>The type of every secret that Cluster API makes.</summary>
    public const string SecretType = "cluster.x-k8s.io/secret";

    public static string KubeConfigSecret(string cluster) => cluster + "-kubeconfig";
}
