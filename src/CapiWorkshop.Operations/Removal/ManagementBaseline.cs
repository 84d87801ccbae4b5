using System.Globalization;

namespace CapiWorkshop.Operations;

/// <summary>What makes a management cluster what it is, at one moment: what a removal must leave as it is.</summary>
/// <param name="Description">Nodes, version, providers and their controllers.</param>
/// <param name="Kinds">The kinds of Cluster API and its providers that are served, with their versions: what their CRDs come to.</param>
/// <param name="Webhooks">The admission webhooks of providers; null where they may not be read.</param>
internal sealed record ManagementBaseline(CapiManagementCluster Description, IReadOnlySet<string> Kinds, IReadOnlySet<string>? Webhooks)
{
    /// <summary>What is worse than before: that something got better, or may not be read any more, is no fault of a removal.</summary>
    public IEnumerable<string> WorseIn(ManagementBaseline now)
    {
        CapiManagementCluster before = Description, after = now.Description;
        foreach ((string what, int? was, int? @is) in (IEnumerable<(string, int?, int?)>)[("Nodes", before.Nodes, after.Nodes), ("Nodes that are ready", before.NodesReady, after.NodesReady)])
        {
            if (@is < was)
            {
                yield return string.Create(CultureInfo.InvariantCulture, $"{what}: {was} before, {@is} now");
            }
        }

        if (before.ApiVersion is not null && after.ApiVersion != before.ApiVersion)
        {
            yield return $"API version: {before.ApiVersion} before, {after.ApiVersion ?? "none"} now";
        }

        foreach (string kind in Kinds.Except(now.Kinds, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            yield return $"{kind} is not served any more";
        }

        foreach (string webhook in Webhooks?.Where(webhook => now.Webhooks?.Contains(webhook) == false).Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>())
        {
            yield return $"{webhook} is missing";
        }

        if (before.Providers is null || after.Providers is null)
        {
            yield break;
        }

        Dictionary<string, CapiProvider> providers = after.Providers.ToDictionary(KeyOf, StringComparer.Ordinal);
        foreach (CapiProvider was in before.Providers)
        {
            if (!providers.TryGetValue(KeyOf(was), out CapiProvider? @is))
            {
                yield return $"Provider {was} is missing";
            }
            else if (was.Version != @is.Version)
            {
                yield return $"Provider {was}: version {@is.Version ?? "unknown"} now";
            }
            else if (was.Available == true && @is.Available == false)
            {
                yield return $"Provider {was}: not available now";
            }
        }
    }

    private static string KeyOf(CapiProvider provider) => $"{provider.Namespace}/{provider.Type}/{provider.Name}";
}
