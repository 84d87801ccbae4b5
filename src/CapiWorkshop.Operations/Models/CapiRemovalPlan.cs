using System.Globalization;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

/// <summary>
/// What will be done, before it is done: exactly these objects, each by its identity, in this order, and nothing else. A plan is of one moment; it reads
/// well as JSON or CLIXML, but what comes back from there is a report, not a plan.
/// </summary>
public sealed record CapiRemovalPlan
{
    /// <summary>The kubeconfig context it was made through; null where none was used.</summary>
    public string? Context { get; internal init; }

    /// <summary>The server's address, without credentials.</summary>
    public string Server { get; internal init; } = "";

    /// <summary>Which management cluster it is about.</summary>
    public string ManagementClusterId { get; internal init; } = "";

    /// <summary>The namespace it is about; null for all of them.</summary>
    public string? Namespace { get; internal init; }

    /// <summary>When it was made, UTC.</summary>
    public DateTimeOffset CreatedAt { get; internal init; }

    /// <summary>What will go and what will stay, by stage, and within a stage by cluster. Applications are undone first; the Clusters go last.</summary>
    public IReadOnlyList<CapiRemovalItem> Items { get; internal init; } = [];

    /// <summary>What would make it hang, or destroy what is not meant; while there is any, nothing is removed.</summary>
    public IReadOnlyList<CapiRemovalNotice> Blockers { get; internal init; } = [];

    /// <summary>What should be known before.</summary>
    public IReadOnlyList<CapiRemovalNotice> Warnings { get; internal init; } = [];

    /// <summary>What was asked for and is not there, one problem each.</summary>
    public IReadOnlyList<CapiProblem> Problems { get; internal init; } = [];

    /// <summary>The management cluster as it was, to be compared with afterwards.</summary>
    public CapiManagementCluster ManagementCluster { get; internal init; } = new();

    /// <summary>What was asked for; null where that is not known any more.</summary>
    internal RemovalRequest? Request { get; init; }

    /// <summary>Whether there is nothing to remove.</summary>
    public bool IsEmpty => !Items.Any(item => item.IsRequested);

    /// <summary>Whether nothing stands in its way.</summary>
    public bool CanRun => Blockers.Count == 0;

    /// <summary>The Clusters that go, in the plan's order.</summary>
    internal IEnumerable<CapiRemovalItem> Clusters => In(CapiRemovalStage.Cluster);

    /// <summary>The items of a stage.</summary>
    /// <param name="stage">The stage.</param>
    public IEnumerable<CapiRemovalItem> In(CapiRemovalStage stage) => Items.Where(item => item.Stage == stage);

    /// <summary>The items of a kind that will go, whoever takes them away. Group and plural decide: k0smotron has a Cluster of its own.</summary>
    /// <typeparam name="T">The kind's model.</typeparam>
    /// <param name="kind">The kind, such as <see cref="CapiKinds.HelmChartProxy"/>.</param>
    public IEnumerable<CapiRemovalItem> Going<T>(CapiKind<T> kind)
        where T : CapiResource
    {
        ArgumentNullException.ThrowIfNull(kind);
        return Items.Where(item => item.Action is CapiRemovalAction.Delete or CapiRemovalAction.FollowsOwner && item.Type?.Group == kind.Group && item.Type.Plural == kind.Plural);
    }

    /// <summary>What goes with a Cluster without being asked for, in the plan's order.</summary>
    /// <param name="cluster">The Cluster's item.</param>
    public IEnumerable<CapiRemovalItem> GoingWith(CapiRemovalItem cluster)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return Items.Where(item => item.Action == CapiRemovalAction.FollowsOwner && item.Cluster == cluster.Name && item.Namespace == cluster.Namespace);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Items.Count} objects of {ManagementCluster}");
}

/// <summary>The stages of a removal, in their order.</summary>
public enum CapiRemovalStage
{
    /// <summary>Applications are uninstalled, while the clusters that run them are still there; what is paused is resumed before.</summary>
    Applications,

    /// <summary>Workers: MachineDeployments, MachineSets, MachinePools, Machines and what these own.</summary>
    Workers,

    /// <summary>Control planes, with their Machines or with what they run in the management cluster.</summary>
    ControlPlane,

    /// <summary>What the cluster as a whole stands on, such as a load balancer.</summary>
    Infrastructure,

    /// <summary>The Clusters themselves. Their deletion is asked for when the applications are gone, and makes the three stages before this one happen.</summary>
    Cluster,

    /// <summary>What nobody takes away by himself: looked for when the Clusters are gone.</summary>
    Leftovers,
}

/// <summary>What a removal does with an object.</summary>
public enum CapiRemovalAction
{
    /// <summary>Its deletion is asked for, by its identity.</summary>
    Delete,

    /// <summary>One of its labels is taken off, see <see cref="CapiRemovalItem.Edit"/>.</summary>
    Unlabel,

    /// <summary>It is resumed: its controllers leave alone what is paused, also when it shall go.</summary>
    Unpause,

    /// <summary>Its owner's controller or the garbage collector takes it away; it is waited for.</summary>
    FollowsOwner,

    /// <summary>It should go by itself, or nobody takes it away; where it is left when the Clusters are gone, it is deleted, because that was asked for.</summary>
    DeleteIfLeft,

    /// <summary>It stays, see <see cref="CapiRemovalItem.Reason"/>.</summary>
    Stays,
}

/// <summary>A selector that selects another set of Clusters after a label was taken off one of them.</summary>
/// <param name="Kind"><c>HelmChartProxy</c> or <c>ClusterResourceSet</c>.</param>
/// <param name="Name">The object whose selector it is, in the Cluster's namespace.</param>
/// <param name="Selector">The selector as text.</param>
public sealed record CapiSelectorChange(string Kind, string Name, string Selector)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {Name} ({Selector})";
}

/// <summary>A label that is taken off a Cluster, so that applications which stay elsewhere leave it.</summary>
/// <param name="Key">The label's key.</param>
/// <param name="Before">Its value now; it has none afterwards.</param>
/// <param name="Unselects">Everything that selects the Cluster now and does not afterwards, the application in question among it. Nothing selects it anew.</param>
public sealed record CapiLabelEdit(string Key, string Before, IReadOnlyList<CapiSelectorChange> Unselects)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Key}={Before} -> (none)";
}

/// <summary>One object, container, volume claim or secret, and what a removal does with it.</summary>
public sealed record CapiRemovalItem
{
    /// <summary>When it is its turn.</summary>
    public CapiRemovalStage Stage { get; internal init; }

    /// <summary>What is done with it.</summary>
    public CapiRemovalAction Action { get; internal init; }

    /// <summary>The kind, such as <c>HelmChartProxy</c>; of a container, <c>Container</c>.</summary>
    public string Kind { get; internal init; } = "";

    /// <summary>The API version it was read in; null for a container.</summary>
    public string? ApiVersion => Type?.ApiVersion;

    /// <summary>The name.</summary>
    public string Name { get; internal init; } = "";

    /// <summary>The namespace; null for a container.</summary>
    public string? Namespace { get; internal init; }

    /// <summary>The Cluster that it belongs to; null for what belongs to several.</summary>
    public string? Cluster { get; internal init; }

    /// <summary>The identity: another object of the same name is not meant. Empty for a container, which has an <see cref="Id"/>.</summary>
    public string Uid { get; internal init; } = "";

    /// <summary>A container's identity on the engine that was seen to hold it; null for everything else.</summary>
    public string? Id { get; internal init; }

    /// <summary>The address of the engine that holds the container; null for everything else.</summary>
    public string? Engine { get; internal init; }

    /// <summary>Who takes it away, such as <c>MachineSet/dev-md-0-x7k2p</c>; null where it has no owner.</summary>
    public string? Owner { get; internal init; }

    /// <summary>The label that is taken off; null where <see cref="Action"/> is another.</summary>
    public CapiLabelEdit? Edit { get; internal init; }

    /// <summary>Why it is treated so, where that does not go without saying.</summary>
    public string? Reason { get; internal init; }

    /// <summary>Whether its deletion was asked for before.</summary>
    public bool IsDeleting { get; internal init; }

    /// <summary>Whether it is asked for here; else it stays, or somebody else takes it away.</summary>
    public bool IsRequested => Action is not (CapiRemovalAction.FollowsOwner or CapiRemovalAction.Stays);

    /// <summary>What its requests name; null for a container.</summary>
    internal ResourceType? Type { get; init; }

    /// <summary>The namespace of the Machine that a container is; null for everything else.</summary>
    internal string? OwnerNamespace { get; init; }

    /// <summary>The identity of the owner; null where it has none.</summary>
    internal string? OwnerUid { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{CapiNames.Distinct(Kind, ApiVersion)} {(Namespace is null ? Name : $"{Namespace}/{Name}")}";

    internal static CapiRemovalItem Of(CapiResource resource, ResourceType type, CapiRemovalStage stage, CapiRemovalAction action) => new()
    {
        Stage = stage,
        Action = action,
        Kind = type.Kind,
        Type = type,
        Name = resource.Name,
        Namespace = resource.Namespace,
        Cluster = resource.Cluster,
        Uid = resource.Uid,
        IsDeleting = resource.DeletionRequestedAt is not null,
    };
}

/// <summary>How grave something is that was noticed when a removal was planned.</summary>
public enum CapiRemovalSeverity
{
    /// <summary>It should be known before.</summary>
    Warning,

    /// <summary>While it is so, nothing is removed.</summary>
    Blocker,
}

/// <summary>Something that was noticed when a removal was planned.</summary>
public sealed record CapiRemovalNotice
{
    internal CapiRemovalNotice(string id, CapiRemovalSeverity severity, string? subject, string message, string wayOut)
    {
        Id = id;
        Severity = severity;
        Subject = subject;
        Message = message;
        WayOut = wayOut;
    }

    /// <summary>A constant word to find it by, see <see cref="RemovalNoticeId"/>.</summary>
    public string Id { get; }

    /// <summary>How grave it is.</summary>
    public CapiRemovalSeverity Severity { get; }

    /// <summary>What it is about, such as <c>Cluster default/dev-cluster</c>; null for the whole.</summary>
    public string? Subject { get; }

    /// <summary>One sentence that says what it is.</summary>
    public string Message { get; }

    /// <summary>What one can do about it.</summary>
    public string WayOut { get; }

    /// <summary>Message and way out.</summary>
    public override string ToString() => $"{Message} {WayOut}";
}

/// <summary>The words by which notices of a plan are found. They are part of the public interface: scripts compare with them.</summary>
public static class RemovalNoticeId
{
#pragma warning disable CS1591 // Each name says what it is; the messages and the docs say the rest.
    public const string Paused = nameof(Paused);
    public const string ControllerMissing = nameof(ControllerMissing);
    public const string ControllerUnavailable = nameof(ControllerUnavailable);
    public const string DeletionHook = nameof(DeletionHook);
    public const string ReleaseStays = nameof(ReleaseStays);
    public const string SelectorNotEditable = nameof(SelectorNotEditable);
    public const string WorkloadUnreachable = nameof(WorkloadUnreachable);
    public const string Protected = nameof(Protected);
    public const string ManagedElsewhere = nameof(ManagedElsewhere);
    public const string PermissionMissing = nameof(PermissionMissing);
    public const string PermissionUnknown = nameof(PermissionUnknown);
    public const string KindNotReadable = nameof(KindNotReadable);
    public const string EngineNotReadable = nameof(EngineNotReadable);
    public const string IsManagementCluster = nameof(IsManagementCluster);
    public const string MayBeManagementCluster = nameof(MayBeManagementCluster);
#pragma warning restore CS1591
}
