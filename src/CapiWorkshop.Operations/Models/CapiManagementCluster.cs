namespace CapiWorkshop.Operations;

/// <summary>A provider of a management cluster, and how its controller does.</summary>
public sealed record CapiProvider
{
    /// <summary>The provider's name, such as <c>cluster-api</c> or <c>docker</c>.</summary>
    public string Name { get; internal init; } = "";

    /// <summary>The provider's type, such as <c>CoreProvider</c>; null where no inventory tells.</summary>
    public string? Type { get; internal init; }

    /// <summary>The installed version; null where neither inventory nor image tag tell.</summary>
    public string? Version { get; internal init; }

    /// <summary>The namespace it lives in.</summary>
    public string? Namespace { get; internal init; }

    /// <summary>Its controllers' Deployments; empty where none was found or may be seen.</summary>
    public IReadOnlyList<string> Deployments { get; internal init; } = [];

    /// <summary>Whether all its controllers are available; null where none was found or may be seen.</summary>
    public bool? Available { get; internal init; }

    /// <inheritdoc/>
    public override string ToString() => Version is null ? Name : $"{Name} {Version}";
}

/// <summary>A management cluster: what it is, what it speaks, and how its controllers do. What may not be read is null.</summary>
public sealed record CapiManagementCluster
{
    /// <summary>The kubeconfig context it was reached through; null where none was used.</summary>
    public string? Context { get; internal init; }

    /// <summary>The server's address.</summary>
    public Uri Server { get; internal init; } = null!;

    /// <summary>The namespace that is used where none is named.</summary>
    public string Namespace { get; internal init; } = "";

    /// <summary>Whom it was asked to take the user for (<c>as</c> in the kubeconfig); null where it was not asked to.</summary>
    public string? ImpersonatedUser { get; internal init; }

    /// <summary>The UID of its kube-system namespace, or a hash where that cannot be read.</summary>
    public string ManagementClusterId { get; internal init; } = "";

    /// <summary>The version of its Kubernetes API server.</summary>
    public string? KubernetesVersion { get; internal init; }

    /// <summary>Its nodes.</summary>
    public int? Nodes { get; internal init; }

    /// <summary>Its nodes that are ready.</summary>
    public int? NodesReady { get; internal init; }

    /// <summary>The installed version of Cluster API.</summary>
    public string? CapiVersion { get; internal init; }

    /// <summary>The version of Cluster API's API that this module uses here, such as <c>v1beta2</c>; null where CAPI is not installed.</summary>
    public string? ApiVersion { get; internal init; }

    /// <summary>All versions of Cluster API's API that are served.</summary>
    public IReadOnlyList<string> ServedApiVersions { get; internal init; } = [];

    /// <summary>The providers; null where they may not be read.</summary>
    public IReadOnlyList<CapiProvider>? Providers { get; internal init; }

    /// <summary>Whether all nodes are ready and all controllers available: false where Cluster API is not installed, null where it is not known.</summary>
    public bool? Ready { get; internal init; }

    /// <summary>When this state was read, UTC.</summary>
    public DateTimeOffset ObservedAt { get; internal init; }

    /// <summary>What could not be read, and why.</summary>
    public IReadOnlyList<CapiProblem> Problems { get; internal init; } = [];

    /// <inheritdoc/>
    public override string ToString() => Context ?? Server.ToString();
}
