namespace CapiWorkshop.Operations;

/// <summary>What a reading of usage is about.</summary>
public enum CapiUsageScope
{
    /// <summary>The management cluster itself.</summary>
    ManagementCluster,

    /// <summary>One of its workload clusters.</summary>
    WorkloadCluster,
}

/// <summary>What one cluster has and uses at one moment. What could not be read is null, and named in <see cref="Problems"/>.</summary>
public sealed record CapiResourceUsage
{
    /// <summary>The cluster's name; of the management cluster, that of its context.</summary>
    public string Name { get; internal init; } = "";

    /// <summary>What the reading is about.</summary>
    public CapiUsageScope Scope { get; internal init; }

    /// <summary>The namespace of the Cluster; null for the management cluster.</summary>
    public string? Namespace { get; internal init; }

    /// <summary>The name of the Cluster; null for the management cluster.</summary>
    public string? Cluster { get; internal init; }

    /// <summary>The kubeconfig context it was read through; null where none was used.</summary>
    public string? Context { get; internal init; }

    /// <summary>Which management cluster it is, or lives in.</summary>
    public string ManagementClusterId { get; internal init; } = "";

    /// <summary>The kind of control plane, such as <c>KubeadmControlPlane</c>; null for the management cluster.</summary>
    public string? ControlPlaneKind { get; internal init; }

    /// <summary>Its Nodes.</summary>
    public int? Nodes { get; internal init; }

    /// <summary>Its Nodes that are ready.</summary>
    public int? NodesReady { get; internal init; }

    /// <summary>Its Pods, in all namespaces and states.</summary>
    public int? Pods { get; internal init; }

    /// <summary>The containers that are its control plane's machines.</summary>
    public int? ControlPlaneContainers { get; internal init; }

    /// <summary>The containers that are its workers.</summary>
    public int? WorkerContainers { get; internal init; }

    /// <summary>The containers that are its machines: control plane and workers.</summary>
    public int? Containers => ControlPlaneContainers + WorkerContainers;

    /// <summary>The containers that are load balancers in front of its control plane.</summary>
    public int? LoadBalancers { get; internal init; }

    /// <summary>The Pods of the management cluster that are its hosted control plane; 0 where its control plane has machines of its own.</summary>
    public int? ControlPlanePods { get; internal init; }

    /// <summary>The processor time that all its containers use, load balancers too, in per cent: 100 is one core.</summary>
    public double? CpuPercent { get; internal init; }

    /// <summary>The memory that all its containers use, load balancers too, without page cache, bytes.</summary>
    public long? MemoryBytes { get; internal init; }

    /// <summary>When it was read, UTC.</summary>
    public DateTimeOffset SampledAt { get; internal init; }

    /// <summary>Over how long <see cref="CpuPercent"/> was measured; null where it was not.</summary>
    public TimeSpan? Interval { get; internal init; }

    /// <summary>What could not be read, and why.</summary>
    public IReadOnlyList<CapiProblem> Problems { get; internal init; } = [];

    /// <summary>Whether nothing is missing.</summary>
    public bool IsComplete => Missing.Count == 0;

    /// <summary>The properties that could not be read, by name.</summary>
    public IReadOnlyList<string> Missing =>
    [
        .. from value in (IEnumerable<(string Name, object? Value)>)
           [
               (nameof(Nodes), Nodes), (nameof(Pods), Pods), (nameof(Containers), Containers), (nameof(LoadBalancers), LoadBalancers),
               (nameof(ControlPlanePods), ControlPlanePods), (nameof(CpuPercent), CpuPercent), (nameof(MemoryBytes), MemoryBytes),
           ]
           where value.Value is null
           select value.Name,
    ];

    /// <summary><c>namespace/name</c>, or the management cluster's name.</summary>
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";
}
