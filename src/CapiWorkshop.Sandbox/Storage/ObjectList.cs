namespace CapiWorkshop.Sandbox.Storage;

/// <summary>Objects in the order of their keys, as they were at one version of the store.</summary>
internal sealed record ObjectList(IReadOnlyList<StoredObject> Items, long Version);
