using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>What those who own machines want to know about each of them. Read once for every state of a machine, however often it is asked for.</summary>
internal sealed record MachineFacts
{
    private static readonly ConditionalWeakTable<StoredObject, MachineFacts> Read = [];

    private MachineFacts(StoredObject item)
    {
        JsonObject content = item.ToJson();
        Item = item;
        Ready = Conditions.StatusOf(content, "Ready");
        IsAvailable = Conditions.IsTrue(content, "Available");
        IsUpToDate = Conditions.IsTrue(content, "UpToDate");
        IsControlPlaneHealthy = Conditions.IsTrue(content, "EtcdMemberHealthy");
        HasNode = content.Text("status", "nodeRef", "name") is not null;
        IsUnhealthy = !HasNode || Conditions.StatusOf(content, "NodeHealthy") == Conditions.False
            || Conditions.StatusOf(content, "HealthCheckSucceeded") == Conditions.False;
        IsChosen = Metadata.Annotation(content, CapiNames.DeleteFirst) is not null;
        HasControlPlaneHook = Metadata.Annotation(content, CapiNames.ControlPlaneHook) is not null;
        Version = content.Text("spec", "version");
        CreatedAt = DateTimeOffset.Parse(content.Text("metadata", "creationTimestamp")!, CultureInfo.InvariantCulture);
    }

    public StoredObject Item { get; }

    public string Name => Item.Name;

    public bool IsDeleting => Item.IsDeleting;

    /// <summary>The status of the condition; null before the first look at the machine.</summary>
    public string? Ready { get; }

    public bool IsReady => Ready == Conditions.True;

    public bool IsAvailable { get; }

    public bool IsUpToDate { get; }

    public bool IsControlPlaneHealthy { get; }

    public bool HasNode { get; }

    public bool IsUnhealthy { get; }

    /// <summary>Marked to be the first to go.</summary>
    public bool IsChosen { get; }

    public bool HasControlPlaneHook { get; }

    public string? Version { get; }

    public DateTimeOffset CreatedAt { get; }

    public static MachineFacts Of(StoredObject machine) => Read.GetValue(machine, item => new(item));
}
