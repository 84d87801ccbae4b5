using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api;

/// <summary>One Kubernetes API: what it serves, what it holds, and the hooks that controllers and a world hang on it.</summary>
/// <param name="time">The world's clock: ages and stamps follow it.</param>
internal sealed class ClusterApi(ResourceCatalog catalog, ObjectStore store, TimeProvider time)
{
    public ResourceCatalog Catalog { get; } = catalog;

    public ObjectStore Store { get; } = store;

    public TimeProvider Time { get; } = time;

    /// <summary>What its containers have written.</summary>
    public PodLogs Logs { get; } = new();

    /// <summary>What <c>/version</c> answers.</summary>
    public string ServerVersion { get; init; } = "v1.33.2";

    /// <summary>
    /// Plays the admission webhooks: may change <see cref="AdmissionRequest.Object"/>, or refuse with an <see cref="Failures.ApiFailure"/>.
    /// Sees what clients write, never what the sandbox's own controllers write into the store. It runs while the store's lock is held.
    /// </summary>
    public Action<AdmissionRequest>? Admission { get; set; }

    /// <summary>Told of a kind before objects of it are read, for those that are only made when somebody asks. Called from many threads.</summary>
    public Action<ResourceDefinition>? BeforeRead { get; set; }
}
