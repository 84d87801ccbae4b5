using System.Runtime.CompilerServices;
using System.Text.Json;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

public sealed partial class ManagementCluster
{
    /// <summary>Why the deletion of an object does not go on, as far as it and its surroundings tell; empty where it is not being deleted.</summary>
    /// <param name="resource">The object, as it was read last.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="CapiProblemException"><c>WrongManagementCluster</c>, or what the server answered.</exception>
    public async Task<IReadOnlyList<CapiStuckReason>> ExplainStuckAsync(CapiResource resource, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resource);
        await EnsureOwnsAsync(resource.ManagementClusterId, resource.Context, resource.ToString(), cancellationToken).ConfigureAwait(false);
        return StuckExplanation.Explain(resource, await GatherStuckFactsAsync(resource.Namespace, resource.Cluster, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>What objects alone do not tell of a deletion that does not go on.</summary>
    internal async Task<StuckFacts> GatherStuckFactsAsync(string? ns, string? name, CancellationToken cancellationToken)
    {
        Task<CapiManagementCluster> description = DescribeAsync(cancellationToken);
        Task<bool?> kubeConfig = HasKubeConfigAsync();
        await Task.WhenAll(description, kubeConfig).ConfigureAwait(false);
        return new((await description.ConfigureAwait(false)).Providers, await kubeConfig.ConfigureAwait(false));

        async Task<bool?> HasKubeConfigAsync()
        {
            try
            {
                return name is null ? null : await FindObjectAsync(CoreTypes.Secret, ns, name + "-kubeconfig", cancellationToken).ConfigureAwait(false) is not null;
            }
            catch (CapiProblemException e) when (e.Problem.Category == CapiProblemCategory.PermissionDenied)
            {
                return null;
            }
        }
    }

    /// <summary>What this management cluster is made of, at this moment.</summary>
    internal async Task<ManagementBaseline> TakeBaselineAsync(CancellationToken cancellationToken)
    {
        Task<CapiManagementCluster> description = DescribeAsync(cancellationToken);
        Task<ServedResources> served = _api.DiscoverAsync(cancellationToken); // anew: what was served when the connection was opened proves nothing
        Task<List<OwnedObject>?>[] webhooks = [TryListObjectsAsync(CoreTypes.ValidatingWebhook), TryListObjectsAsync(CoreTypes.MutatingWebhook)];
        await Task.WhenAll([description, served, .. webhooks]).ConfigureAwait(false);
        List<OwnedObject>?[] found = await Task.WhenAll(webhooks).ConfigureAwait(false);
        return new(
            await description.ConfigureAwait(false),
            (await served.ConfigureAwait(false)).All.Where(type => IsOfCluster(type.Group)).Select(type => $"{type.Kind} ({type.ApiVersion})").ToHashSet(StringComparer.Ordinal),
            Array.Exists(found, list => list is null) ? null : found.SelectMany(list => list!).Select(item => $"{item.Kind} {item.Name}").ToHashSet(StringComparer.Ordinal));

        async Task<List<OwnedObject>?> TryListObjectsAsync(ResourceType type)
        {
            try
            {
                return await ListObjectsAsync(new(type, LabelSelector: CapiNames.ProviderLabel), cancellationToken).ConfigureAwait(false);
            }
            catch (CapiProblemException e) when (e.Problem.Category == CapiProblemCategory.PermissionDenied)
            {
                return null;
            }
        }
    }

    /// <summary>The objects of any kind, and then every change, without end.</summary>
    internal async IAsyncEnumerable<ResourceEvent<OwnedObject>> WatchObjectsAsync(ResourceQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        WireContext wire = new(query.Type.ApiVersion, Endpoint.Context, await GetIdAsync(cancellationToken).ConfigureAwait(false), _clock);
        await foreach (ResourceEvent<OwnedObject> change in _api.WatchAsync(query, (ref reader) => OwnedObjectReader.Read(ref reader, wire, query.Type), cancellationToken).ConfigureAwait(false))
        {
            yield return change;
        }
    }

    /// <summary>An object of any kind; null where there is none of that name. That its kind is not served is a problem.</summary>
    internal async Task<OwnedObject?> FindObjectAsync(ResourceType type, string? ns, string name, CancellationToken cancellationToken)
    {
        WireContext wire = new(type.ApiVersion, Endpoint.Context, await GetIdAsync(cancellationToken).ConfigureAwait(false), _clock);
        try
        {
            return await _api.GetAsync(new(type, ns, name), (ref reader) => OwnedObjectReader.Read(ref reader, wire, type), cancellationToken).ConfigureAwait(false);
        }
        catch (CapiProblemException e) when (e.Problem is { Category: CapiProblemCategory.ObjectNotFound, IsUnserved: false })
        {
            return null;
        }
    }

    /// <summary>Asks for the deletion of one object, which must have this identity; false where it is gone, also where another bears its name.</summary>
    internal async Task<bool> TryDeleteAsync(ResourceType type, string? ns, string name, string uid, CancellationToken cancellationToken)
    {
        try
        {
            await _api.DeleteAsync(new(type, ns, name), new(uid), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (CapiProblemException e) when (e.Problem is { Category: CapiProblemCategory.ObjectNotFound, IsUnserved: false })
        {
            return false; // somebody was faster
        }
        catch (CapiProblemException e) when (e.Problem.Id == ProblemId.ApiConflict)
        {
            // Where there is a new object of that name, it is none of ours; else the server has another reason.
            if ((await FindObjectAsync(type, ns, name, cancellationToken).ConfigureAwait(false))?.Uid == uid)
            {
                throw;
            }

            return false;
        }
    }

    /// <summary>Tells whoever observes this something that the user should know.</summary>
    internal void Warn(string message) => _observer?.Warning(message);

    /// <summary>Changes one object and returns what the server made of it.</summary>
    internal async Task<OwnedObject> PatchObjectAsync(ResourceType type, string? ns, string name, Patch patch, CancellationToken cancellationToken)
    {
        WireContext wire = new(type.ApiVersion, Endpoint.Context, await GetIdAsync(cancellationToken).ConfigureAwait(false), _clock);
        return await _api.PatchAsync(new(type, ns, name), patch, (ref reader) => OwnedObjectReader.Read(ref reader, wire, type), dryRun: false, cancellationToken).ConfigureAwait(false);
    }
}
