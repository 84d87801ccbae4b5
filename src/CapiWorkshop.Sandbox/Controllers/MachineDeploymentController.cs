using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Keeps a MachineSet for the template that a MachineDeployment has now, and moves machines over from those it had before.</summary>
internal sealed class MachineDeploymentController(ControllerContext context) : Controller(context, Kinds.MachineDeployment)
{
    protected override ControllerIdentity Identity { get; } = new("machinedeployment", "machinedeployment-controller", ControllerIdentity.Core);

    public override IReadOnlyList<ResourceDefinition> AlsoWatches { get; } = [Kinds.Cluster];

    protected override void Reconcile(StoredObject item, JsonObject content)
    {
        StoredObject? cluster = ClusterOf(item, content);
        content.Ensure("status")["observedGeneration"] = content.Number("metadata", "generation");
        if (IsPaused(content, cluster?.ToJson()))
            return;
        List<MachineSetFacts> sets = [.. Context.Index.DependentsOf(item.Uid).Where(set => set.Resource == Kinds.MachineSet).Select(MachineSetFacts.Of)];
        MachineSetFacts? current = null;
        if (item.IsDeleting)
        {
            foreach (MachineSetFacts set in sets)
                Remove(Kinds.MachineSet, item.Namespace, set.Name);
            if (sets.Count == 0)
                Metadata.RemoveFinalizer(content, CapiNames.MachineDeploymentFinalizer);
        }
        else
        {
            Metadata.AddFinalizer(content, CapiNames.MachineDeploymentFinalizer);
            if (cluster is not null)
            {
                Metadata.AddOwner(content, OwnerReference.To(cluster));
                AdoptTemplates(item, content, cluster);
            }

            current = CurrentSet(item, content, sets);
            Rollout(item, content, sets, current);
        }

        WriteStatus(item, content, sets, current);
    }

    private void AdoptTemplates(StoredObject item, JsonObject content, StoredObject cluster)
    {
        foreach (JsonObject? reference in (ReadOnlySpan<JsonObject?>)[content.Child("spec", "template", "spec", "bootstrap", "configRef"),
            content.Child("spec", "template", "spec", "infrastructureRef")])
            Metadata.Adopt(Store, Context.KindOf(reference), item.Namespace, reference.Text("name"), cluster);
    }

    /// <summary>The set that has the deployment's template; of several, the one with the most machines. An order to roll out makes all earlier sets
    /// old.</summary>
    private MachineSetFacts? CurrentSet(StoredObject item, JsonObject content, List<MachineSetFacts> sets)
    {
        DateTimeOffset? after = DateTimeOffset.TryParse(content.Text("spec", "rollout", "after"), CultureInfo.InvariantCulture, out DateTimeOffset time)
            ? time : null;
        if (after > Now)
            LookAgain(item, after.Value - Now);
        uint hash = MachineTemplate.Hash(content.Child("spec", "template"));
        return sets.Where(set => !set.Item.IsDeleting && set.TemplateHash == hash && !(after <= Now && set.CreatedAt < after))
            .OrderByDescending(set => set.Desired).ThenBy(set => set.CreatedAt).ThenBy(set => set.Name, StringComparer.Ordinal).FirstOrDefault();
    }

    private void Rollout(StoredObject item, JsonObject content, List<MachineSetFacts> sets, MachineSetFacts? current)
    {
        long desired = content.Number("spec", "replicas") ?? 1;
        MachineSetFacts[] active = [.. sets.Where(set => set.Desired > 0)];
        if (content.Flag("spec", "paused") == true)
        {
            if (active is [{ } only])
                Scale(item, content, only, desired);
            else
                ScaleInProportion(item, content, active, desired + Surge(content, desired));
            return;
        }

        if (current is null)
        {
            AddSet(item, content, sets, desired);
            return;
        }

        MarkRevision(content, current.Revision);
        MachineSetFacts[] old = [.. sets.Where(set => set != current).OrderBy(set => set.CreatedAt).ThenBy(set => set.Name, StringComparer.Ordinal)];
        if (!old.Any(set => set.Desired > 0))
            Scale(item, content, current, desired);
        else if (content.Text("spec", "rollout", "strategy", "type") == "OnDelete")
            RollOnDelete(item, content, current, old, desired);
        else
            Roll(item, content, current, old, desired);

        foreach (MachineSetFacts set in old.Where(set => set is { Desired: 0, Replicas: 0, Item.IsDeleting: false }))
        {
            Store.Delete(Kinds.MachineSet, item.Namespace, set.Name);
            Tell(item, "SuccessfulDelete", $"Deleted MachineSet {set.Item.Key}");
        }
    }

    private void Roll(StoredObject item, JsonObject content, MachineSetFacts current, MachineSetFacts[] old, long desired)
    {
        long total = current.Desired + old.Sum(set => set.Desired);
        long room = desired + Surge(content, desired) - total;
        if (current.Desired > desired)
            Scale(item, content, current, desired);
        else if (room > 0 && current.Desired < desired)
            Scale(item, content, current, current.Desired + Math.Min(room, desired - current.Desired));

        long mustStay = desired - Unavailable(content, desired);
        long spare = total - mustStay - Math.Max(0, current.Desired - current.Available);
        // What does not work anyway is given up first.
        foreach (MachineSetFacts set in old)
        {
            long dead = Math.Min(spare, set.Desired - set.Available);
            if (dead <= 0)
                continue;
            Scale(item, content, set, set.Desired - dead);
            spare -= dead;
        }

        spare = Math.Min(spare, current.Available + old.Sum(set => set.Available) - mustStay);
        foreach (MachineSetFacts set in old.Where(set => set.Available >= set.Desired))
        {
            long down = Math.Min(spare, set.Desired);
            if (down <= 0)
                continue;
            Scale(item, content, set, set.Desired - down);
            spare -= down;
        }
    }

    /// <summary>Old machines leave when their user deletes them; only their places move.</summary>
    private void RollOnDelete(StoredObject item, JsonObject content, MachineSetFacts current, MachineSetFacts[] old, long desired)
    {
        foreach (MachineSetFacts set in old.Where(set => set.Desired > set.Replicas))
            Scale(item, content, set, set.Replicas);
        foreach (MachineSetFacts set in old.Where(set => set.Desired > 0 && !set.CreateDisabled))
            Store.Update(Kinds.MachineSet, item.Namespace, set.Name, draft => Metadata.Annotate(draft, CapiNames.DisableCreate, "true"));
        Scale(item, content, current, Math.Max(0, desired - old.Sum(set => Math.Min(set.Desired, set.Replicas))));
    }

    private void ScaleInProportion(StoredObject item, JsonObject content, MachineSetFacts[] active, long goal)
    {
        long left = goal;
        long total = active.Sum(set => set.Desired);
        for (int at = 0; at < active.Length; at++)
        {
            long share = at == active.Length - 1 ? left : (long)Math.Round((double)goal * active[at].Desired / total);
            Scale(item, content, active[at], Math.Min(share, left));
            left -= Math.Min(share, left);
        }
    }

    private void AddSet(StoredObject item, JsonObject content, List<MachineSetFacts> old, long desired)
    {
        long surge = Surge(content, desired);
        bool onDelete = content.Text("spec", "rollout", "strategy", "type") == "OnDelete";
        long replicas = Math.Clamp(desired + (onDelete ? 0 : surge) - old.Sum(set => set.Desired), 0, desired);
        long newest = old.Select(set => long.TryParse(set.Revision, out long number) ? number : 0).DefaultIfEmpty(0).Max();
        string revision = (newest + 1).ToString(CultureInfo.InvariantCulture);
        string suffix = NameSuffix.Next(Context.Random);
        string name = (item.Name.Length > 57 ? item.Name[..57] : item.Name) + "-" + suffix;
        JsonObject template = content.Child("spec", "template")!.DeepClone().AsObject();
        string hash = $"{MachineTemplate.Hash(template)}-{suffix}";
        JsonObject labels = template.Ensure("metadata", "labels");
        labels[CapiNames.TemplateHashLabel] = hash;
        labels[CapiNames.DeploymentLabel] = item.Name;
        JsonObject selector = content.Child("spec", "selector")?.DeepClone().AsObject() ?? [];
        selector.Ensure("matchLabels")[CapiNames.TemplateHashLabel] = hash;

        MarkRevision(content, revision);
        JsonObject annotations = content.Child("metadata", "annotations")!.DeepClone().AsObject();
        annotations[CapiNames.DesiredReplicas] = desired.ToString(CultureInfo.InvariantCulture);
        annotations[CapiNames.MaximumReplicas] = (desired + surge).ToString(CultureInfo.InvariantCulture);
        annotations[CapiNames.DisableCreate] = "false";
        JsonObject spec = new()
        {
            ["clusterName"] = content.Text("spec", "clusterName"),
            ["replicas"] = replicas,
            ["selector"] = selector,
            ["template"] = template,
        };
        if (content.Child("spec", "deletion") is { } deletion)
            spec["deletion"] = deletion.DeepClone();
        Store.Create(Kinds.MachineSet, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = item.Namespace,
                ["labels"] = labels.DeepClone(),
                ["annotations"] = annotations,
                ["finalizers"] = new JsonArray(CapiNames.MachineSetFinalizer),
                ["ownerReferences"] = new JsonArray(OwnerReference.To(item, controller: true).ToJson()),
            },
            ["spec"] = spec,
        });
        Tell(item, "SuccessfulCreate", $"Created MachineSet {item.Namespace}/{name} with {replicas} replicas");
        // Machines of the sets before this one are out of date from now on, and would not hear of it otherwise.
        foreach (StoredObject machine in old.SelectMany(set => Context.Index.DependentsOf(set.Item.Uid)).Where(dependent =>
            dependent.Resource == Kinds.Machine))
            Context.Wake(Kinds.Machine, ObjectKey.Of(machine));
    }

    private void Scale(StoredObject item, JsonObject content, MachineSetFacts set, long replicas)
    {
        long desired = content.Number("spec", "replicas") ?? 1;
        string intent = desired.ToString(CultureInfo.InvariantCulture);
        if (set.Desired == replicas && set.DesiredAnnotation == intent)
            return;
        Store.Update(Kinds.MachineSet, item.Namespace, set.Name, draft =>
        {
            draft.Ensure("spec")["replicas"] = replicas;
            Metadata.Annotate(draft, CapiNames.DesiredReplicas, intent);
            Metadata.Annotate(draft, CapiNames.MaximumReplicas, (desired + Surge(content, desired)).ToString(CultureInfo.InvariantCulture));
        });
        if (set.Desired != replicas)
            Tell(item, "SuccessfulScale", $"Scaled {(replicas > set.Desired ? "up" : "down")} MachineSet {set.Name}: {set.Desired} -> {replicas}");
    }

    private void WriteStatus(StoredObject item, JsonObject content, List<MachineSetFacts> sets, MachineSetFacts? current)
    {
        long desired = content.Number("spec", "replicas") ?? 0;
        ScalingStatus.Count(content, sets.Sum(set => set.Replicas), sets.Sum(set => set.Ready), sets.Sum(set => set.Available), sets.Sum(set => set.UpToDate));
        long replicas = content.Number("status", "replicas") ?? 0;
        long available = content.Number("status", "availableReplicas") ?? 0;
        content["status"]!["selector"] = MachineTemplate.SelectorText(content);
        content["status"]!["phase"] = item.IsDeleting || replicas > desired ? "ScalingDown" : replicas < desired ? "ScalingUp" : "Running";

        long mustStay = desired - Unavailable(content, desired);
        Conditions.SetFlag(content, Now, "Available", available >= mustStay,
            available >= mustStay ? "" : $"{available} available replicas, at least {mustStay} required (spec.strategy.rollout.maxUnavailable is {Unavailable(content, desired)}, spec.replicas is {desired})");
        bool rolling = !item.IsDeleting && sets.Any(set => set != current && set.Replicas > 0);
        Conditions.SetFlag(content, Now, "RollingOut", rolling,
            rolling ? $"Rolling out {replicas - (current?.UpToDate ?? 0)} not up-to-date replicas" : "");
        ScalingStatus.Describe(content, Now, item.IsDeleting);
        Conditions.SetFlag(content, Now, "Deleting", item.IsDeleting, item.IsDeleting ? $"Deleting {sets.Count} MachineSets" : "");
    }

    private static void MarkRevision(JsonObject content, string? revision)
    {
        if (revision is not null)
            Metadata.Annotate(content, CapiNames.Revision, revision);
    }

    private static long Surge(JsonObject content, long desired) => Limit(content, "maxSurge", desired, roundUp: true, fallback: 1);

    private static long Unavailable(JsonObject content, long desired) => Limit(content, "maxUnavailable", desired, roundUp: false, fallback: 0);

    /// <summary>A number of machines, or a percentage of those desired.</summary>
    private static long Limit(JsonObject content, string field, long desired, bool roundUp, long fallback)
    {
        JsonObject? limits = content.Child("spec", "rollout", "strategy", "rollingUpdate");
        if (limits.Number(field) is { } number)
            return number;
        if (limits.Text(field) is not [.. { } digits, '%'] || !double.TryParse(digits, NumberStyles.Number, CultureInfo.InvariantCulture, out double percent))
            return fallback;
        double share = desired * percent / 100;
        return (long)(roundUp ? Math.Ceiling(share) : Math.Floor(share));
    }
}
