using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Makes a machine from a template: its bootstrap configuration, its infrastructure and itself, all of the same name.</summary>
internal static class MachineParts
{
    private const string TemplateEnding = "Template";

    /// <param name="owner">The MachineSet or control plane that the machine is for.</param>
    /// <param name="template">With <c>metadata.labels</c> and a <c>spec</c> as machines have it, but for references to templates.</param>
    /// <param name="labels">Labels beside those of the template.</param>
    /// <param name="bootstrapSpec">What the bootstrap configuration says, where there is no template that does.</param>
    public static StoredObject Create(
        ControllerContext context, StoredObject owner, JsonObject template, string name, JsonObject labels, JsonObject? bootstrapSpec = null)
    {
        JsonObject all = template.Child("metadata", "labels")?.DeepClone().AsObject() ?? [];
        foreach ((string key, JsonNode? value) in labels)
            all[key] = value?.DeepClone();
        JsonObject spec = template.Child("spec")!.DeepClone().AsObject();
        all[CapiNames.ClusterLabel] ??= spec.Text("clusterName");

        if (spec.Child("bootstrap", "configRef") is { } bootstrap)
            CloneInto(context, owner, bootstrap, name, all, bootstrapSpec);
        if (spec.Child("infrastructureRef") is { } infrastructure)
            CloneInto(context, owner, infrastructure, name, all);
        JsonObject metadata = new()
        {
            ["name"] = name,
            ["namespace"] = owner.Namespace,
            ["labels"] = all,
            ["ownerReferences"] = new JsonArray(OwnerReference.To(owner, controller: true).ToJson()),
        };
        if (template.Child("metadata", "annotations") is { Count: > 0 } annotations)
            metadata["annotations"] = annotations.DeepClone();
        return context.Store.Create(Kinds.Machine, new JsonObject { ["metadata"] = metadata, ["spec"] = spec });
    }

    /// <summary>Makes an object of the kind a template is for, and points the reference at it.</summary>
    private static void CloneInto(ControllerContext context, StoredObject owner, JsonObject reference, string name, JsonObject labels, JsonObject? spec = null)
    {
        StoredObject? template = context.Follow(reference, owner.Namespace);
        string kindName = reference.Text("kind") ?? "";
        if (kindName.EndsWith(TemplateEnding, StringComparison.Ordinal))
            kindName = kindName[..^TemplateEnding.Length];
        JsonObject clone = new() { ["apiGroup"] = reference.Text("apiGroup"), ["kind"] = kindName };
        if (context.KindOf(clone) is not { } kind)
            return;

        JsonObject? wanted = template?.ToJson().Child("spec", "template");
        JsonObject metadata = new()
        {
            ["name"] = name,
            ["namespace"] = owner.Namespace,
            ["labels"] = labels.DeepClone(),
            ["annotations"] = new JsonObject
            {
                [CapiNames.ClonedFromName] = reference.Text("name"),
                [CapiNames.ClonedFromKind] = $"{reference.Text("kind")}.{reference.Text("apiGroup")}",
            },
        };
        context.Store.Create(kind, new JsonObject { ["metadata"] = metadata, ["spec"] = (spec ?? wanted?["spec"])?.DeepClone() ?? new JsonObject() });
        reference["kind"] = kindName;
        reference["name"] = name;
    }
}
