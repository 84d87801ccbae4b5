namespace CapiWorkshop.Sandbox.Storage;

internal enum ChangeKind
{
    Added,
    Modified,
    Deleted,
}

/// <summary>One step of an object's life.</summary>
/// <param name="Object">The state after the change; of a deletion, the last state, carrying the version of its deletion.</param>
/// <param name="Previous">The state before; null for an addition.</param>
internal sealed record StoreChange(ChangeKind Kind, StoredObject Object, StoredObject? Previous)
{
    public long Version => Object.Version;
}
