namespace CapiWorkshop.Operations;

/// <summary>Something that selects Clusters by label: a HelmChartProxy or a ClusterResourceSet.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Its name.</param>
/// <param name="Namespace">Its namespace, in which alone it selects.</param>
/// <param name="Text">The selector; null for none.</param>
internal sealed record ClusterSelecting(string Kind, string Name, string? Namespace, string? Text)
{
    private readonly LabelSelector? _selector = Text is null ? null : new(Text);

    public IEnumerable<string> RequiredKeys => _selector?.RequiredKeys ?? [];

    public bool Matches(IReadOnlyDictionary<string, string> labels) => _selector?.Matches(labels) == true;
}

/// <summary>Finds the labels to take off a Cluster, so that applications which serve others too leave it.</summary>
internal static class LabelEditing
{
    /// <summary>
    /// The labels that come off, in this order. None is one that controllers put on again, and nothing selects the Cluster afterwards that does not select it now:
    /// it would be installed into a cluster that goes.
    /// </summary>
    /// <param name="labels">The Cluster's labels.</param>
    /// <param name="shared">What shall leave it.</param>
    /// <param name="all">Everything that selects in its namespace, <paramref name="shared"/> among it.</param>
    /// <param name="stuck">What no such edit unselects; null where all of it can be.</param>
    public static IReadOnlyList<CapiLabelEdit> Find(
        IReadOnlyDictionary<string, string> labels, IEnumerable<ClusterSelecting> shared, IReadOnlyCollection<ClusterSelecting> all, out ClusterSelecting? stuck)
    {
        List<CapiLabelEdit> edits = [];
        HashSet<ClusterSelecting> selecting = [.. all.Where(one => one.Matches(labels))];
        Dictionary<string, string> left = new(labels, StringComparer.Ordinal);
        foreach (ClusterSelecting one in shared)
        {
            if (!one.Matches(left))
            {
                continue; // an edit before unselected it, too
            }

            // The key that the fewest others want; among these any, but always the same.
            string? key = one.RequiredKeys.Where(key => !IsKeptByControllers(key) && !all.Any(other => !selecting.Contains(other) && other.Matches(Without(left, key))))
                .OrderBy(key => all.Count(other => other.Matches(left) && !other.Matches(Without(left, key)))).ThenBy(key => key, StringComparer.Ordinal).FirstOrDefault();
            if (key is null)
            {
                stuck = one;
                return [];
            }

            Dictionary<string, string> after = Without(left, key);
            edits.Add(new(key, left[key], [.. all.Where(other => other.Matches(left) && !other.Matches(after)).Select(other => new CapiSelectorChange(other.Kind, other.Name, other.Text!))]));
            left = after;
        }

        stuck = null;
        return edits.AsReadOnly();
    }

    private static bool IsKeptByControllers(string key) => key.Split('/')[0].EndsWith("x-k8s.io", StringComparison.Ordinal);

    private static Dictionary<string, string> Without(Dictionary<string, string> labels, string key)
    {
        Dictionary<string, string> copy = new(labels, StringComparer.Ordinal);
        copy.Remove(key);
        return copy;
    }
}
