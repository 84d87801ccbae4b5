using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Keeps one release for every cluster that a chart selects.</summary>
internal sealed class HelmChartProxyController(ControllerContext context) : Controller(context, Kinds.HelmChartProxy)
{
    private static readonly string[] Passed = ["chartName", "repoURL", "releaseName", "version", "namespace", "options", "reconcileStrategy", "credentials",
        "tlsConfig"];

    /// <summary>The generation of the chart that a state of a release has been found to follow.</summary>
    private readonly ConditionalWeakTable<StoredObject, object> _compared = [];

    protected override ControllerIdentity Identity { get; } = new("helmchartproxy", "helmchartproxy-controller", ControllerIdentity.Helm);

    public override IReadOnlyList<ResourceDefinition> AlsoWatches { get; } = [Kinds.Cluster];

    /// <summary>A cluster may be selected, or no longer be, by any chart of its namespace.</summary>
    public override IEnumerable<ObjectKey> Concerned(StoredObject changed) => Store.List(Kinds.HelmChartProxy, changed.Namespace).Items.Select(ObjectKey.Of);

    protected override void Reconcile(StoredObject item, JsonObject content)
    {
        if (Metadata.Annotation(content, CapiNames.Paused) is not null)
            return;
        content.Ensure("status")["observedGeneration"] = content.Number("metadata", "generation");
        List<StoredObject> releases = [.. Context.Index.DependentsOf(item.Uid).Where(dependent => dependent.Resource == Kinds.HelmReleaseProxy)];
        if (item.IsDeleting)
        {
            foreach (StoredObject release in releases)
                Remove(Kinds.HelmReleaseProxy, release.Namespace, release.Name);
            if (releases.Count == 0)
                Metadata.RemoveFinalizer(content, CapiNames.ChartProxyFinalizer);
            else
                Describe(item, content, releases, expected: releases.Count);
            return;
        }

        Metadata.AddFinalizer(content, CapiNames.ChartProxyFinalizer);
        List<StoredObject> selected = [.. Store.List(Kinds.Cluster, item.Namespace).Items.Where(cluster => Selects(content, cluster))];
        content["status"]!["matchingClusters"] = new JsonArray([.. selected.Select(ReferenceTo)]);
        bool once = content.Text("spec", "reconcileStrategy") == "InstallOnce";
        foreach (StoredObject cluster in selected.Where(cluster => !cluster.IsDeleting))
        {
            StoredObject? release = releases.Find(release => release.Labels.GetValueOrDefault(CapiNames.ClusterLabel) == cluster.Name);
            if (release is null)
                Create(item, content, cluster);
            else if (!once && !release.IsDeleting)
                Update(item, content, cluster, release);
        }

        // What is no longer selected is taken off; a cluster that is gone leaves nothing to take off from.
        foreach (StoredObject release in releases.Where(release =>
            selected.TrueForAll(cluster => cluster.Name != release.Labels.GetValueOrDefault(CapiNames.ClusterLabel))))
        {
            if (!once || Store.Find(Kinds.Cluster, item.Namespace, release.Labels.GetValueOrDefault(CapiNames.ClusterLabel) ?? "") is not null)
                Remove(Kinds.HelmReleaseProxy, release.Namespace, release.Name);
        }

        Describe(item, content, releases, selected.Count);
    }

    private static bool Selects(JsonObject content, StoredObject cluster)
    {
        foreach ((string key, JsonNode? value) in content.Child("spec", "clusterSelector", "matchLabels") ?? [])
        {
            if (cluster.Labels.GetValueOrDefault(key) != value?.ToString())
                return false;
        }

        return (content.Items("spec", "clusterSelector", "matchExpressions") ?? []).All(expression =>
        {
            string? actual = cluster.Labels.GetValueOrDefault(expression.Text("key") ?? "");
            bool listed = actual is not null && (expression.Items("values") ?? []).Any(value => value?.ToString() == actual);
            return expression.Text("operator") switch
            {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => actual is not null,
                "DoesNotExist" => actual is null,
                _ => false,
            };
        });
    }

    private static JsonObject ReferenceTo(StoredObject cluster) => new()
    {
        ["apiVersion"] = cluster.Resource.StorageApiVersion,
        ["kind"] = cluster.Resource.Kind,
        ["name"] = cluster.Name,
        ["namespace"] = cluster.Namespace,
    };

    private static JsonObject SpecFor(JsonObject content, StoredObject cluster)
    {
        JsonObject spec = new() { ["clusterRef"] = ReferenceTo(cluster) };
        foreach (string field in Passed)
        {
            if (content.Child("spec")?[field] is { } value)
                spec[field] = value.DeepClone();
        }

        if (content.Text("spec", "valuesTemplate") is { } values)
            spec["values"] = values.Replace("{{ .Cluster.metadata.name }}", cluster.Name, StringComparison.Ordinal);
        return spec;
    }

    private void Create(StoredObject item, JsonObject content, StoredObject cluster)
    {
        StoredObject release = Store.Create(Kinds.HelmReleaseProxy, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["generateName"] = $"{content.Text("spec", "chartName")}-{cluster.Name}-",
                ["namespace"] = item.Namespace,
                ["labels"] = new JsonObject { [CapiNames.ClusterLabel] = cluster.Name, [CapiNames.ChartProxyLabel] = item.Name },
                ["finalizers"] = new JsonArray(CapiNames.ReleaseProxyFinalizer),
                ["ownerReferences"] = new JsonArray(OwnerReference.To(item, controller: true).ToJson()),
            },
            ["spec"] = SpecFor(content, cluster),
        });
        Note(item, $"Created HelmReleaseProxy {release.Name}");
    }

    private void Update(StoredObject item, JsonObject content, StoredObject cluster, StoredObject release)
    {
        // With many clusters, each change of one release would compare all of them.
        long generation = content.Number("metadata", "generation") ?? 0;
        if (_compared.TryGetValue(release, out object? before) && generation.Equals(before))
            return;
        _compared.AddOrUpdate(release, generation);
        JsonObject there = release.ToJson();
        JsonObject spec = SpecFor(content, cluster);
        foreach (string field in (ReadOnlySpan<string>)["chartName", "repoURL", "releaseName", "namespace"])
        {
            // Another chart is another release: the old one has to be taken off.
            if (there.Child("spec")!.ContainsKey(field) && spec.ContainsKey(field) && there.Text("spec", field) != spec.Text(field))
            {
                Remove(Kinds.HelmReleaseProxy, release.Namespace, release.Name);
                return;
            }
        }

        if (!JsonNode.DeepEquals(there["spec"], spec))
            Store.Update(Kinds.HelmReleaseProxy, item.Namespace, release.Name, draft => draft["spec"] = spec);
    }

    private void Describe(StoredObject item, JsonObject content, List<StoredObject> releases, int expected)
    {
        StoredObject? waiting = releases.Find(release => !Conditions.IsTrue(release.ToJson(), "Ready"));
        string? problem = Conditions.Find(waiting?.ToJson(), "Ready").Text("message");
        bool ready = releases.Count >= expected && waiting is null;
        Conditions.SetFlag(content, Now, "HelmReleaseProxySpecsUpToDate", releases.Count >= expected, negative: "HelmReleaseProxySpecsUpdating");
        Conditions.SetFlag(content, Now, "HelmReleaseProxiesReady", ready && !item.IsDeleting, ready ? "" : problem ?? "Waiting for HelmReleaseProxies",
            negative: item.IsDeleting ? "HelmReleaseProxiesDeleting" : null);
        Conditions.Summarize(content, Now, "Ready", "Ready", "NotReady", "ReadyUnknown", "HelmReleaseProxySpecsUpToDate", "HelmReleaseProxiesReady");
    }
}
