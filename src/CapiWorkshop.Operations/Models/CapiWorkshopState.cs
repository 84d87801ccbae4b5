namespace CapiWorkshop.Operations;

/// <summary>
/// What a management cluster held at one moment, to be kept in a file (docs/schemas/workshop-state.v2.json) and compared with later. A record of facts: its
/// parts are no live objects, and nothing can be piped to a cmdlet that acts. It never holds a secret, and no Helm values.
/// </summary>
public sealed record CapiWorkshopState
{
    /// <summary>The version of the schema that this library writes.</summary>
    public const int CurrentSchemaVersion = 2;

    /// <summary>The version of the schema that it was written in.</summary>
    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    /// <summary>When it was taken, UTC.</summary>
    public DateTimeOffset TakenAt { get; init; }

    /// <summary>The namespace it is about; null for all of them.</summary>
    public string? Namespace { get; init; }

    /// <summary>The management cluster.</summary>
    public required CapiManagementClusterState ManagementCluster { get; init; }

    /// <summary>The workload clusters, by namespace and name.</summary>
    public required IReadOnlyList<CapiClusterState> Clusters { get; init; }

    /// <summary>The MachineDeployments, by namespace and name.</summary>
    public required IReadOnlyList<CapiMachineDeploymentState> MachineDeployments { get; init; }

    /// <summary>The Machines, by namespace and name.</summary>
    public required IReadOnlyList<CapiMachineState> Machines { get; init; }

    /// <summary>The Helm releases, by namespace and name.</summary>
    public required IReadOnlyList<CapiHelmReleaseState> HelmReleases { get; init; }

    /// <summary>The containers of the management cluster and of the workload clusters, by name; null where no engine could be asked.</summary>
    public IReadOnlyList<CapiContainerState>? Containers { get; init; }

    /// <summary>Such as <c>2 clusters, 8 machines, 2 releases at 2026-11-22 10:00:00Z</c>.</summary>
    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Clusters.Count} clusters, {Machines.Count} machines, {HelmReleases.Count} releases at {TakenAt:u}");
}

/// <summary>The management cluster in a <see cref="CapiWorkshopState"/>.</summary>
public sealed record CapiManagementClusterState
{
    /// <summary>Its identity; see <see cref="CapiResource.ManagementClusterId"/>.</summary>
    public required string Id { get; init; }

    /// <summary>The kubeconfig context; null where none was used.</summary>
    public string? Context { get; init; }

    /// <summary>The server's address, without credentials.</summary>
    public required string Server { get; init; }

    /// <summary>The version of its Kubernetes API server.</summary>
    public string? KubernetesVersion { get; init; }

    /// <summary>The version of Cluster API.</summary>
    public string? CapiVersion { get; init; }

    /// <summary>Its providers as <c>name version</c>; null where they may not be read.</summary>
    public IReadOnlyList<string>? Providers { get; init; }

    /// <summary>Whether it was ready.</summary>
    public bool? Ready { get; init; }
}

/// <summary>A Cluster in a <see cref="CapiWorkshopState"/>.</summary>
public sealed record CapiClusterState
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary>The identity.</summary>
    public required string Uid { get; init; }

    /// <summary>The phase as the server spelled it.</summary>
    public string? Phase { get; init; }

    /// <summary>Whether it worked.</summary>
    public bool? Available { get; init; }

    /// <summary>The kind of control plane.</summary>
    public string? ControlPlaneKind { get; init; }

    /// <summary>Ready control plane replicas.</summary>
    public int? ControlPlaneReady { get; init; }

    /// <summary>Control plane replicas asked for.</summary>
    public int? ControlPlaneDesired { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>A MachineDeployment in a <see cref="CapiWorkshopState"/>.</summary>
public sealed record CapiMachineDeploymentState
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary>The identity; null in files of schema version 1.</summary>
    public string? Uid { get; init; }

    /// <summary>The Cluster.</summary>
    public string? Cluster { get; init; }

    /// <summary>Replicas asked for.</summary>
    public int? DesiredReplicas { get; init; }

    /// <summary>Replicas that existed.</summary>
    public int? Replicas { get; init; }

    /// <summary>Replicas that were ready.</summary>
    public int? ReadyReplicas { get; init; }

    /// <summary>The Kubernetes version.</summary>
    public string? Version { get; init; }
}

/// <summary>A Machine in a <see cref="CapiWorkshopState"/>.</summary>
public sealed record CapiMachineState
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary>The identity; null in files of schema version 1.</summary>
    public string? Uid { get; init; }

    /// <summary>The Cluster.</summary>
    public string? Cluster { get; init; }

    /// <summary>The phase as the server spelled it.</summary>
    public string? Phase { get; init; }

    /// <summary>Whether it was ready.</summary>
    public bool? Ready { get; init; }

    /// <summary>Whether it was a control plane machine.</summary>
    public bool IsControlPlane { get; init; }

    /// <summary>Its Node.</summary>
    public string? NodeName { get; init; }

    /// <summary>What the infrastructure called it.</summary>
    public string? ProviderId { get; init; }

    /// <summary>The Kubernetes version.</summary>
    public string? Version { get; init; }
}

/// <summary>A Helm release in a <see cref="CapiWorkshopState"/>.</summary>
public sealed record CapiHelmReleaseState
{
    /// <summary>The HelmReleaseProxy's name.</summary>
    public required string Name { get; init; }

    /// <summary>The namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary>The identity; null in files of schema version 1.</summary>
    public string? Uid { get; init; }

    /// <summary>The Cluster.</summary>
    public string? Cluster { get; init; }

    /// <summary>The HelmChartProxy that made it.</summary>
    public string? HelmChartProxy { get; init; }

    /// <summary>The chart.</summary>
    public string? Chart { get; init; }

    /// <summary>The chart's version.</summary>
    public string? ChartVersion { get; init; }

    /// <summary>The release.</summary>
    public string? Release { get; init; }

    /// <summary>The release's state as Helm spelled it.</summary>
    public string? Status { get; init; }

    /// <summary>The release's revision.</summary>
    public int? Revision { get; init; }

    /// <summary>Whether it was installed.</summary>
    public bool? Ready { get; init; }
}

/// <summary>A container in a <see cref="CapiWorkshopState"/>.</summary>
public sealed record CapiContainerState
{
    /// <summary>The name.</summary>
    public required string Name { get; init; }

    /// <summary>The cluster that its label names.</summary>
    public string? Cluster { get; init; }

    /// <summary>Its part in that cluster, as its label spells it.</summary>
    public string? Role { get; init; }

    /// <summary>The image.</summary>
    public string? Image { get; init; }

    /// <summary>What it was doing, as the engine spelled it.</summary>
    public string? State { get; init; }
}
