using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>What a MachineDeployment wants to know about each of its sets, read once for every state of a set.</summary>
internal sealed record MachineSetFacts
{
    private static readonly ConditionalWeakTable<StoredObject, MachineSetFacts> Read = [];

    private MachineSetFacts(StoredObject item)
    {
        JsonObject content = item.ToJson();
        Item = item;
        TemplateHash = MachineTemplate.Hash(content.Child("spec", "template"));
        Desired = content.Number("spec", "replicas") ?? 0;
        Replicas = content.Number("status", "replicas") ?? 0;
        Ready = content.Number("status", "readyReplicas") ?? 0;
        Available = content.Number("status", "availableReplicas") ?? 0;
        UpToDate = content.Number("status", "upToDateReplicas") ?? 0;
        Revision = Metadata.Annotation(content, CapiNames.Revision);
        DesiredAnnotation = Metadata.Annotation(content, CapiNames.DesiredReplicas);
        CreateDisabled = Metadata.Annotation(content, CapiNames.DisableCreate) == "true";
        CreatedAt = DateTimeOffset.Parse(content.Text("metadata", "creationTimestamp")!, CultureInfo.InvariantCulture);
    }

    public StoredObject Item { get; }

    public string Name => Item.Name;

    public uint TemplateHash { get; }

    public long Desired { get; }

    public long Replicas { get; }

    public long Ready { get; }

    public long Available { get; }

    public long UpToDate { get; }

    public string? Revision { get; }

    public string? DesiredAnnotation { get; }

    public bool CreateDisabled { get; }

    public DateTimeOffset CreatedAt { get; }

    public static MachineSetFacts Of(StoredObject set) => Read.GetValue(set, item => new(item));
}
