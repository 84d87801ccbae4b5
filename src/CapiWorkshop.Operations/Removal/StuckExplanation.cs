namespace CapiWorkshop.Operations;

/// <summary>What takes requests to know of a deletion that does not go on.</summary>
/// <param name="Providers">The providers and their health; null where they may not be read.</param>
/// <param name="HasKubeConfig">Whether the secret with the workload cluster's kubeconfig is there; null where that may not be read, or nobody asked.</param>
internal sealed record StuckFacts(IReadOnlyList<CapiProvider>? Providers, bool? HasKubeConfig);

/// <summary>Tells from an object, and from what is left around it, why its deletion does not go on. Asks nobody.</summary>
/// <remarks>Source of the reasons: Cluster API's deletion workflow (the Deleting conditions of v1beta2, their v1beta1 forebears) and the Helm add-on's conditions.</remarks>
internal static class StuckExplanation
{
    private const string Resume = "Resume it: set spec.paused of its Cluster to false, or take the annotation cluster.x-k8s.io/paused off.";

    /// <summary>The reasons of several objects: where one only waits for others among them, theirs say more.</summary>
    public static IReadOnlyList<CapiStuckReason> Explain(IReadOnlyCollection<CapiResource> left, StuckFacts facts)
    {
        HashSet<string> owners = [.. left.SelectMany(item => item.Owners).Select(owner => owner.Uid)];
        bool IsLast(CapiResource item) => !owners.Contains(item.Uid) && (item is not CapiCluster || left.Count == 1);
        CapiStuckReason[] reasons = [.. left.SelectMany(item => Of(item, facts, IsLast(item))).Distinct()];
        return reasons.Length > 0 ? reasons.AsReadOnly() : [.. left.Where(item => item.DeletionRequestedAt is not null).Select(Waiting)];
    }

    /// <summary>The reasons of one object, the most telling first.</summary>
    public static IReadOnlyList<CapiStuckReason> Explain(CapiResource resource, StuckFacts facts) => [.. Of(resource, facts, isLast: true)];

    private static IEnumerable<CapiStuckReason> Of(CapiResource item, StuckFacts facts, bool isLast)
    {
        if (item.DeletionRequestedAt is null)
        {
            yield break;
        }

        bool isExplained = false;
        foreach (CapiStuckReason reason in Specific(item, facts))
        {
            isExplained = true;
            yield return reason;
        }

        if (!isExplained && isLast)
        {
            yield return Waiting(item);
        }
    }

    private static IEnumerable<CapiStuckReason> Specific(CapiResource item, StuckFacts facts)
    {
        CapiStuckReason Because(string id, string what, string wayOut) => new(id, Name(item), $"{Name(item)} {what}", wayOut);
        if (item.IsPaused)
        {
            yield return Because(StuckReasonId.Paused, "is paused: its controller leaves it alone.", Resume);
        }

        CapiCondition? deleting = Deleting(item);
        foreach (string hook in item.Annotations.Keys.Where(key => IsHook(key) && (key != CapiNames.KubeadmCleanupHook || deleting?.Reason == "WaitingForPreTerminateHook")))
        {
            yield return Because(StuckReasonId.DeletionHook, $"waits for whoever set the hook {hook}.", $"Let that program finish, or take the annotation off where it does not run any more: kubectl annotate machine {item.Name} -n {item.Namespace} {hook}-");
        }

        switch (deleting?.Reason)
        {
            case "WaitingForBeforeDeleteHook":
                yield return Because(StuckReasonId.DeletionHook, $"waits for a runtime extension{Said(deleting)}", "See which one with: kubectl get extensionconfigs");
                break;
            case "DrainingNode" or "Draining" or "DrainingFailed":
                yield return Because(StuckReasonId.Draining, $"waits until the Pods of its Node have gone{Said(deleting)}",
                    "Look at those Pods and their PodDisruptionBudgets in the workload cluster, or set spec.deletion.nodeDrainTimeoutSeconds of the Machine.");
                break;
            case "WaitingForVolumeDetach":
                yield return Because(StuckReasonId.VolumesAttached, $"waits until volumes are detached from its Node{Said(deleting)}",
                    "Look at the VolumeAttachments in the workload cluster, or set spec.deletion.nodeVolumeDetachTimeoutSeconds of the Machine.");
                break;
        }

        if (NeedsWorkload(item))
        {
            if (facts.HasKubeConfig == false)
            {
                yield return Because(StuckReasonId.KubeConfigMissing, $"needs the workload cluster, and the secret {item.Namespace}/{item.Cluster}-kubeconfig that leads there is missing.",
                    "Restore the secret; without it nothing in the workload cluster can be undone, and only Repair-CapiStuckResource lets go of the object.");
            }
            else if (Failure(item) is CapiCondition failure)
            {
                yield return Because(StuckReasonId.WorkloadUnreachable, $"needs the API of workload cluster {item.Cluster}{Said(failure)}",
                    "Bring that API back. Where it is gone for good, Repair-CapiStuckResource lets go of the object and says what is left behind.");
            }
        }

        foreach (string finalizer in item.Finalizers)
        {
            KnownFinalizer? known = KnownFinalizer.Find(finalizer);
            if (known is null && !IsKubernetes(finalizer))
            {
                yield return Because(StuckReasonId.ForeignFinalizer, $"is held by {finalizer}, which is none of Cluster API's.",
                    $"Let whoever set it take it off (kubectl get {item.Kind}.{item.ApiVersion.Split('/')[0]} {item.Name} -n {item.Namespace} -o yaml --show-managed-fields shows who that is). "
                    + $"Where that one is gone for good: Repair-CapiStuckResource {CapiNames.Distinct(item.Kind, item.ApiVersion)} {item.Name} -Namespace {item.Namespace} -Finalizer {finalizer}");
            }
            else if (known is not null && facts.Providers?.FirstOrDefault(provider => provider.Name == known.Provider && (provider.Available == false || IsMissing(provider, facts.Providers))) is CapiProvider down)
            {
                yield return Because(StuckReasonId.ControllerUnavailable, $"is held by {finalizer}, and the controller that takes it off ({down} in namespace '{down.Namespace}') is not available.", "Bring that controller back.");
            }
        }
    }

    /// <summary>Nothing is wrong that can be seen: whose turn it is, in the controller's own words.</summary>
    private static CapiStuckReason Waiting(CapiResource item)
    {
        CapiCondition? said = Deleting(item) ?? (item.GetCondition("Ready") is { Status: CapiConditionStatus.False } ready ? ready : null);
        string held = item.Finalizers.Count == 0 ? "has nothing that holds it and is still there" : $"is held by {string.Join(" and ", item.Finalizers)}";
        string whose = item.Finalizers.Select(KnownFinalizer.Find).FirstOrDefault(known => known is not null)?.Provider is string provider ? $"the controller of provider {provider}" : "its controller";
        return new(StuckReasonId.WaitingForController, Name(item), $"{Name(item)} {held}{Said(said)}", $"Read the log of {whose}.");
    }

    /// <summary>Where another one of the list shows that controllers can be seen, one without a Deployment is not there.</summary>
    private static bool IsMissing(CapiProvider provider, IReadOnlyList<CapiProvider> all) => provider.Deployments.Count == 0 && all.Any(other => other.Deployments.Count > 0);

    /// <summary>What its controller says about a deletion that is under way, in either family of conditions.</summary>
    private static CapiCondition? Deleting(CapiResource item) => item.GetCondition("Deleting") is { Status: CapiConditionStatus.True } deleting ? deleting
        : item.GetCondition("DrainingSucceeded") is { Status: CapiConditionStatus.False } draining ? draining : null;

    /// <summary>The condition that says that a workload cluster's API cannot be used; a release that is merely being uninstalled is not ready, either.</summary>
    private static CapiCondition? Failure(CapiResource item) => item.Conditions.FirstOrDefault(condition => condition is
        { Status: CapiConditionStatus.False, Type: "ClusterAvailable" or "RemoteConnectionProbe" }
        or { Status: CapiConditionStatus.False, Type: "HelmReleaseReady", Reason: "HelmReleaseGetFailed" or "HelmReleaseDeletionFailed" });

    private static bool NeedsWorkload(CapiResource item) => item is CapiHelmReleaseProxy || (item is CapiCluster && item.GetCondition("RemoteConnectionProbe") is { Status: CapiConditionStatus.False });

    private static bool IsHook(string annotation) =>
        annotation.StartsWith(CapiNames.PreDrainHookPrefix, StringComparison.Ordinal) || annotation.StartsWith(CapiNames.PreTerminateHookPrefix, StringComparison.Ordinal);

    /// <summary>Finalizers without a domain are the API server's and the garbage collector's own.</summary>
    private static bool IsKubernetes(string finalizer) => !finalizer.Contains('.', StringComparison.Ordinal);

    private static string Said(CapiCondition? condition) => (condition?.Message ?? condition?.Reason) is string said ? $": {said.ReplaceLineEndings(" ").TrimEnd('.')}." : ".";

    private static string Name(CapiResource item) => $"{CapiNames.Distinct(item.Kind, item.ApiVersion)} {item}";
}
