using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Operations.Wire;

namespace CapiWorkshop.Operations;

public sealed partial class ManagementCluster
{
    /// <summary>The names of the objects of a kind, in their order and each once: for somebody who is to choose among them.</summary>
    /// <param name="kind">The kind, such as <c>Machine</c>; <c>ControlPlane</c> for those of all providers, <c>Provider</c> and <c>Namespace</c>, too.</param>
    /// <param name="scope">The namespace, or all of them.</param>
    /// <param name="cancellationToken">Ends the requests.</param>
    /// <exception cref="CapiProblemException">The kind is not served, or what the server answered.</exception>
    public async Task<IReadOnlyList<string>> ListNamesAsync(string kind, ResourceFilter scope, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scope);
        List<string> names = [];
        switch (kind)
        {
            case "Provider":
                names.AddRange((await ReadProvidersAsync(await DiscoverAsync(cancellationToken).ConfigureAwait(false), [], cancellationToken).ConfigureAwait(false) ?? []).Select(provider => provider.Name));
                break;
            case "Namespace":
                names.AddRange((await ListObjectsAsync(new(CoreTypes.Namespace), cancellationToken).ConfigureAwait(false)).Select(item => item.Name));
                break;
            case "ControlPlane":
                await foreach (Outcome<CapiControlPlane> outcome in GetControlPlanesAsync(scope, cancellationToken).ConfigureAwait(false))
                {
                    names.AddRange(outcome.Value is CapiControlPlane found ? [found.Name] : []);
                }

                break;
            default:
                ResourceType type = await ResolveKindAsync(kind, cancellationToken).ConfigureAwait(false);
                names.AddRange((await ListObjectsAsync(new(type, NamespaceOf(scope)), cancellationToken).ConfigureAwait(false)).Select(item => item.Name));
                break;
        }

        return [.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }
}
