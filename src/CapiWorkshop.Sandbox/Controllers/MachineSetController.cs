using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Keeps as many machines as a MachineSet asks for. One that is on its way out still counts: its place is filled when it is gone.</summary>
internal sealed class MachineSetController(ControllerContext context) : Controller(context, Kinds.MachineSet)
{
    protected override ControllerIdentity Identity { get; } = new("machineset", "machineset-controller", ControllerIdentity.Core);

    public override IReadOnlyList<ResourceDefinition> AlsoWatches { get; } = [Kinds.Cluster];

    protected override void Reconcile(StoredObject item, JsonObject content)
    {
        StoredObject? cluster = ClusterOf(item, content);
        content.Ensure("status")["observedGeneration"] = content.Number("metadata", "generation");
        if (IsPaused(content, cluster?.ToJson()))
            return;
        List<MachineFacts> machines = [.. MachinesOf(Context.Index, item)];
        if (item.IsDeleting)
        {
            foreach (MachineFacts machine in machines.Where(machine => !machine.IsDeleting))
                Store.Delete(Kinds.Machine, item.Namespace, machine.Name);
            if (machines.Count == 0)
                Metadata.RemoveFinalizer(content, CapiNames.MachineSetFinalizer);
        }
        else
        {
            Metadata.AddFinalizer(content, CapiNames.MachineSetFinalizer);
            if (item.Owners.Count == 0 && cluster is not null)
                Metadata.AddOwner(content, OwnerReference.To(cluster));
            Scale(item, content, machines);
        }

        ScalingStatus.Count(content, machines);
        content["status"]!["selector"] = MachineTemplate.SelectorText(content);
        ScalingStatus.Describe(content, Now, item.IsDeleting);
        Conditions.SetFlag(content, Now, "Deleting", item.IsDeleting, item.IsDeleting ? $"Deleting {machines.Count} Machines" : "");
    }

    public static IEnumerable<MachineFacts> MachinesOf(ObjectIndex index, StoredObject owner) =>
        index.DependentsOf(owner.Uid).Where(item => item.Resource == Kinds.Machine).Select(MachineFacts.Of);

    private void Scale(StoredObject item, JsonObject content, List<MachineFacts> machines)
    {
        int missing = (int)(content.Number("spec", "replicas") ?? 1) - machines.Count;
        if (missing > 0 && Metadata.Annotation(content, CapiNames.DisableCreate) != "true")
        {
            for (int at = 0; at < missing; at++)
            {
                string name = NameSuffix.AppendTo(item.Name + "-", Context.Random);
                MachineParts.Create(Context, item, content.Child("spec", "template")!, name, new() { [CapiNames.SetLabel] = item.Name });
                Tell(item, "SuccessfulCreate", $"Created Machine \"{name}\"");
            }
        }

        string order = content.Text("spec", "deletion", "order") ?? "Random";
        foreach (MachineFacts machine in DeletionOrder.Sort(machines, order, Now).Take(-missing))
        {
            // Those on their way out come first and are counted, but need no second push.
            if (machine.IsDeleting)
                continue;
            Store.Delete(Kinds.Machine, item.Namespace, machine.Name);
            Tell(item, "SuccessfulDelete", $"Deleted Machine \"{machine.Name}\"");
        }
    }
}
