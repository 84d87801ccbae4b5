namespace CapiWorkshop.Sandbox.Storage;

/// <summary>What a deletion came to.</summary>
/// <param name="Gone">False while finalizers hold the object.</param>
internal sealed record StoreRemoval(StoredObject Object, bool Gone);
