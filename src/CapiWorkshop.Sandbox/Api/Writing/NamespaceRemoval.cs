using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api.Writing;

/// <summary>A namespace takes everything in it along, and stays until the last of it is gone.</summary>
internal static class NamespaceRemoval
{
    /// <summary>Goes on with a namespace that has just been marked for deletion.</summary>
    public static void Begin(ClusterApi api, string name)
    {
        api.Store.Update(Kinds.Namespace, null, name, content => content.Ensure("status")["phase"] = "Terminating", WriteScope.Status);
        // From before the first look, so that no departure is missed.
        StoreSubscription changes = api.Store.Subscribe();
        Empty(api, name);
        if (Finished(api, name))
            changes.Dispose();
        else
            _ = FollowAsync(api, name, changes);
    }

    private static async Task FollowAsync(ClusterApi api, string name, StoreSubscription changes)
    {
        using (changes)
        {
            await foreach (StoreChange change in changes.Changes.ReadAllAsync().ConfigureAwait(false))
            {
                if (change.Kind is ChangeKind.Deleted && change.Object.Namespace == name && Finished(api, name))
                    return;
            }
        }
    }

    private static void Empty(ClusterApi api, string name)
    {
        foreach (StoredObject item in Contents(api, name))
        {
            try
            {
                api.Store.Delete(item.Resource, item.Namespace, item.Name);
            }
            catch (ApiFailure failure) when (failure.Code == 404)
            {
                // It went by itself.
            }
        }
    }

    private static bool Finished(ClusterApi api, string name)
    {
        if (Contents(api, name).Any())
            return false;
        try
        {
            api.Store.Update(Kinds.Namespace, null, name, content => content.Child("spec")?.Remove("finalizers"));
        }
        catch (ApiFailure failure) when (failure.Code == 404)
        {
            // Somebody else has let it go.
        }

        return true;
    }

    private static IEnumerable<StoredObject> Contents(ClusterApi api, string name) =>
        api.Catalog.Resources.Where(resource => resource.Namespaced).SelectMany(resource => api.Store.List(resource, name).Items);
}
