using System.Runtime.CompilerServices;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations;

public sealed partial class ManagementCluster
{
    /// <summary>What is there of a kind, and then every change, without end; see <see cref="IKubernetesApi.WatchAsync"/>.</summary>
    /// <typeparam name="T">The model.</typeparam>
    /// <param name="kind">The kind.</param>
    /// <param name="filter">Which ones.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    public async IAsyncEnumerable<ResourceEvent<T>> WatchAsync<T>(CapiKind<T> kind, ResourceFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where T : CapiResource
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(filter);
        string id = await GetIdAsync(cancellationToken).ConfigureAwait(false);
        NamePattern[] names = [.. filter.Names.Select(name => new NamePattern(name))];
        NamePattern? cluster = filter.Cluster is null ? null : new(filter.Cluster);
        string? ns = NamespaceOf(filter);
        string? field = names is [{ IsExact: true } only] ? $"metadata.name={only.Text}" : null;
        IAsyncEnumerable<ResourceEvent<T>> changes = FollowServedVersion(
            kind, type => _api.WatchAsync(new(type, ns, filter.ServerLabelSelector, field), ReaderOf(kind, type, id), cancellationToken), cancellationToken);
        await foreach (ResourceEvent<T> change in changes.ConfigureAwait(false))
        {
            if (change.Item is not T item
                || (cluster?.Matches(item.Cluster) != false && (names.Length == 0 || Array.Exists(names, name => name.Matches(item.Name)))))
            {
                yield return change;
            }
        }
    }

    /// <summary>The machines that are there, and then every change of one, without end.</summary>
    /// <param name="filter">Which ones.</param>
    /// <param name="initial">Whether to tell what is there at the beginning, too.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    public async IAsyncEnumerable<CapiMachineChange> WatchMachinesAsync(ResourceFilter filter, bool initial = true, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Dictionary<string, CapiMachinePhase> phases = new(StringComparer.Ordinal);
        await foreach (ResourceEvent<CapiMachine> change in WatchAsync(CapiKinds.Machine, filter, cancellationToken).ConfigureAwait(false))
        {
            if (change.Item is not CapiMachine machine)
            {
                continue;
            }

            CapiMachinePhase? previous = phases.TryGetValue(machine.Uid, out CapiMachinePhase phase) ? phase : null;
            if (change.Type == ResourceEventType.Deleted)
            {
                phases.Remove(machine.Uid);
            }
            else
            {
                phases[machine.Uid] = machine.Phase;
            }

            if (change.Type != ResourceEventType.Initial || initial)
            {
                yield return new(
                    change.Type switch
                    {
                        ResourceEventType.Initial => CapiChangeType.Initial,
                        ResourceEventType.Added => CapiChangeType.Added,
                        ResourceEventType.Deleted => CapiChangeType.Deleted,
                        _ => CapiChangeType.Modified,
                    },
                    machine,
                    previous,
                    _clock.GetUtcNow());
            }
        }
    }

    /// <summary>Waits for MachineDeployments of this management cluster. Dispose of it when the waiting is over.</summary>
    public MachineDeploymentWaits CreateMachineDeploymentWaits() => new(this, _clock);
}
