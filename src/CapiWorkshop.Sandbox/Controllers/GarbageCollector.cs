using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Deletes what has lost its last owner, in any store, of any kind.</summary>
internal sealed class GarbageCollector(ObjectStore store, ObjectIndex index)
{
    public void Seen(StoreChange change)
    {
        if (change.Kind is ChangeKind.Deleted)
        {
            foreach (StoredObject dependent in index.DependentsOf(change.Object.Uid).ToList())
                Collect(dependent);
        }
        else if (change.Kind is ChangeKind.Added && change.Object.Owners.Count > 0)
        {
            // Made for an owner that went in the meantime.
            Collect(change.Object);
        }
    }

    private void Collect(StoredObject dependent)
    {
        if (dependent.IsDeleting || dependent.Owners.Any(owner => index.Exists(owner.Uid)))
            return;
        try
        {
            store.Delete(dependent.Resource, dependent.Namespace, dependent.Name, new(Uid: dependent.Uid));
        }
        catch (ApiFailure failure) when (failure.Code is 404 or 409)
        {
            // It went by itself, or is another one by now.
        }
    }
}
