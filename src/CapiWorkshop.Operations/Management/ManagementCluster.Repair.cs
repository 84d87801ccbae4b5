using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

/// <summary>An object that does not go away, as it is named for a repair.</summary>
/// <param name="Kind">The kind, such as <c>Machine</c>, alone or with its group, such as <c>Cluster.k0smotron.io</c>. Alone it means Cluster API's own where there are several.</param>
/// <param name="Name">The name.</param>
/// <param name="Namespace">The namespace; null for the one of the connection.</param>
/// <param name="Uid">The identity; null for whatever bears the name.</param>
public sealed record StuckObject(string Kind, string Name, string? Namespace = null, string? Uid = null)
{
    /// <inheritdoc/>
    public override string ToString() => Namespace is null ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";
}

/// <summary>What a repair will do, before it does it.</summary>
public sealed record RepairPlan
{
    internal RepairPlan(OwnedObject target, IReadOnlyList<string> finalizers)
    {
        Target = target;
        Finalizers = finalizers;
    }

    /// <summary>The finalizers that are taken off.</summary>
    public IReadOnlyList<string> Finalizers { get; }

    /// <summary>What may be left behind, one sentence for each of them.</summary>
    public IEnumerable<string> Leaks => Finalizers.Select(KnownFinalizer.LeakOf);

    internal OwnedObject Target { get; }

    /// <summary>Such as <c>Machine default/dev-md-0-x7k2p</c>.</summary>
    public override string ToString() => $"{Target.Kind} {Target}";
}

public sealed partial class ManagementCluster
{
    /// <summary>Looks at an object that does not go away, and at what letting it go would leave behind. Writes nothing.</summary>
    /// <param name="stuck">The object.</param>
    /// <param name="finalizers">The finalizers to take off; none for those of Cluster API and its providers that it has.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="CapiProblemException">
    /// <c>NotBeingDeleted</c> where nobody asked for its deletion, <c>FinalizerNotFound</c> where it has no such finalizer, <c>FinalizerNotNamed</c> where it has only
    /// ones of which nothing is known, and what the server answered.
    /// </exception>
    public async Task<RepairPlan> PlanRepairAsync(StuckObject stuck, IReadOnlyList<string> finalizers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stuck);
        ArgumentNullException.ThrowIfNull(finalizers);
        ResourceType type = await ResolveKindAsync(stuck.Kind, cancellationToken).ConfigureAwait(false);
        string ns = stuck.Namespace ?? Endpoint.Namespace;
        OwnedObject? found = await FindObjectAsync(type, ns, stuck.Name, cancellationToken).ConfigureAwait(false);
        if (found is null || (stuck.Uid is not null && found.Uid != stuck.Uid))
        {
            throw ProblemTable.NotFound(type.Kind, stuck.Name, ns).ToException();
        }

        string name = $"{found.Kind} {found}";
        if (found.DeletionRequestedAt is null)
        {
            throw new CapiProblem(ProblemId.NotBeingDeleted, CapiProblemCategory.InvalidOperation, $"{name} is not being deleted: there is nothing to repair.",
                "Remove it first, and wait for its controllers.", found.ToString()).ToException();
        }

        if (finalizers.FirstOrDefault(one => !found.Finalizers.Contains(one, StringComparer.Ordinal)) is string missing)
        {
            throw new CapiProblem(ProblemId.FinalizerNotFound, CapiProblemCategory.ObjectNotFound, $"{name} has no finalizer {missing}.", $"It has: {(found.Finalizers.Count == 0 ? "none" : string.Join(", ", found.Finalizers))}.", found.ToString()).ToException();
        }

        IReadOnlyList<string> chosen = finalizers.Count > 0 ? finalizers : [.. found.Finalizers.Where(one => KnownFinalizer.Find(one) is not null)];
        return chosen.Count > 0
            ? new(found, chosen)
            : throw new CapiProblem(ProblemId.FinalizerNotNamed, CapiProblemCategory.InvalidOperation, $"{name} is held by {(found.Finalizers.Count == 0 ? "no finalizer" : string.Join(" and ", found.Finalizers))}: nobody here knows what that guards.",
                "Ask whoever set it. To take it off all the same, name it with -Finalizer.", found.ToString()).ToException();
    }

    /// <summary>Takes the finalizers off that a plan names, where the object is still as it was when the plan was made.</summary>
    /// <param name="plan">What to do.</param>
    /// <param name="cancellationToken">Ends the request; the server may have acted already.</param>
    /// <exception cref="CapiProblemException"><c>WrongManagementCluster</c>, <c>ApiConflict</c> where the object has changed, and what the server answered.</exception>
    public async Task<CapiRepairResult> RepairAsync(RepairPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        OwnedObject target = plan.Target;
        await EnsureOwnsAsync(target.ManagementClusterId, target.Context, target.ToString(), cancellationToken).ConfigureAwait(false);
        string[] left = [.. target.Finalizers.Except(plan.Finalizers, StringComparer.Ordinal)];
        await PatchObjectAsync(target.Type, target.Namespace, target.Name, ObjectPatch.RemoveFinalizers(target.Uid, target.Finalizers, left), cancellationToken).ConfigureAwait(false);
        return new()
        {
            Kind = target.Kind,
            ApiVersion = target.ApiVersion,
            Name = target.Name,
            Namespace = target.Namespace,
            Cluster = target.Cluster,
            Uid = target.Uid,
            FinalizersBefore = target.Finalizers,
            FinalizersAfter = left,
            MayHaveLeaked = [.. plan.Leaks],
            RepairedAt = _clock.GetUtcNow(),
            Context = target.Context,
            ManagementClusterId = target.ManagementClusterId,
        };
    }

    /// <summary>Only kinds of Cluster API and its providers: what else has finalizers is nothing that is repaired here.</summary>
    private async Task<ResourceType> ResolveKindAsync(string kind, CancellationToken cancellationToken)
    {
        string[] words = kind.Split('.', 2);
        List<ResourceType> kinds = await FindClusterKindsAsync(cancellationToken).ConfigureAwait(false);
        return kinds.Where(type => (type.Kind.Equals(words[0], StringComparison.OrdinalIgnoreCase) || type.Plural.Equals(words[0], StringComparison.OrdinalIgnoreCase)) && (words.Length == 1 || type.Group == words[1]))
            .MinBy(type => type.Group == CapiNames.CoreGroup ? 0 : 1)
            ?? throw new CapiProblem(ProblemId.NotFound(words[0]), CapiProblemCategory.ObjectNotFound, $"The server {ProblemTable.Show(Endpoint.Server)} serves no kind '{kind}' of Cluster API or its providers.",
                "See what it serves with: kubectl api-resources", kind).ToException();
    }
}
