namespace CapiWorkshop.Operations;

/// <summary>A finalizer of Cluster API or one of its providers: whose it is, and what is left behind where it is taken off by hand.</summary>
/// <param name="Name">The finalizer.</param>
/// <param name="Provider">The provider's name in an inventory, such as <c>docker</c>.</param>
/// <param name="Leak">What nobody takes away any more, as half a sentence.</param>
/// <remarks>Source: the finalizer constants of Cluster API, its Docker and Helm add-on providers and k0smotron.</remarks>
internal sealed record KnownFinalizer(string Name, string Provider, string Leak)
{
    private const string Core = "cluster-api", Kubeadm = "kubeadm", Docker = "docker", Helm = "helm", K0smotron = "k0sproject-k0smotron";
    private const string Machines = "its Machines, their infrastructure and their Nodes";
    private const string Infrastructure = "what it stands for at the provider: machines, containers, load balancers or disks";
    private const string HostedControlPlane = "the hosted control plane and what runs it in this management cluster";

    private static readonly Dictionary<string, KnownFinalizer> All = new KnownFinalizer[]
    {
        new("cluster.cluster.x-k8s.io", Core, "its Machines, control plane and infrastructure: without their Cluster they cannot be deleted any more"),
        new("machine.cluster.x-k8s.io", Core, "its infrastructure machine with what that stands for, its bootstrap configuration and its Node"),
        new("cluster.x-k8s.io/machineset", Core, Machines),
        new("cluster.x-k8s.io/machinedeployment", Core, "its MachineSets and their Machines"),
        new("machineset.topology.cluster.x-k8s.io", Core, "the templates that were made for it"),
        new("machinedeployment.topology.cluster.x-k8s.io", Core, "the templates that were made for it"),
        new("machinepool.cluster.x-k8s.io", Core, Machines),
        new("addons.cluster.x-k8s.io", Core, "its entries in ClusterResourceSetBindings"),
        new("kubeadm.controlplane.cluster.x-k8s.io", Kubeadm, Machines),
        new("dockercluster.infrastructure.cluster.x-k8s.io", Docker, "the container of its load balancer"),
        new("dockermachine.infrastructure.cluster.x-k8s.io", Docker, "its container"),
        new("dockermachinepool.infrastructure.cluster.x-k8s.io", Docker, "its containers"),
        new("helmchartproxy.addons.cluster.x-k8s.io", Helm, "its HelmReleaseProxies and the releases of its chart"),
        new("helmreleaseproxy.addons.cluster.x-k8s.io", Helm, "the release in the workload cluster, with its load balancers and disks"),
        new("k0smotron.controlplane.cluster.x-k8s.io", K0smotron, HostedControlPlane),
        new("k0s.controlplane.cluster.x-k8s.io", K0smotron, Machines),
        new("k0smotron.io/finalizer", K0smotron, HostedControlPlane),
    }.ToDictionary(known => known.Name, StringComparer.Ordinal);

    /// <summary>What is known of a finalizer; null where it is somebody else's.</summary>
    public static KnownFinalizer? Find(string name) => All.TryGetValue(name, out KnownFinalizer? known) ? known
        : name.EndsWith(".infrastructure.cluster.x-k8s.io", StringComparison.Ordinal) ? new(name, name[..name.IndexOf('.', StringComparison.Ordinal)], Infrastructure) : null;

    /// <summary>What may be left behind where a finalizer is taken off, as a sentence.</summary>
    public static string LeakOf(string name) => Find(name) is KnownFinalizer known
        ? $"Nobody takes away any more: {known.Leak}."
        : $"Nobody here knows what {name} guards: whoever set it does not clean up any more.";
}
