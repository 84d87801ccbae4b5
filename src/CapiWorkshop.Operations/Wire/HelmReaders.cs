using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>HelmChartProxy, v1alpha1.</summary>
internal static class HelmChartProxyReader
{
    public static CapiHelmChartProxy Read(ref Utf8JsonReader reader, WireContext wire)
    {
        HelmObject helm = HelmObject.Read(ref reader, wire);
        CapiHelmChartProxy proxy = ObjectReading.With(new CapiHelmChartProxy(), helm.Metadata, null, wire, helm.Conditions, helm.ObservedGeneration);
        return proxy with
        {
            ChartName = helm.ChartName,
            ChartVersion = helm.ChartVersion,
            RepositoryUrl = WithoutCredentials(helm.RepositoryUrl),
            ReleaseName = helm.ReleaseName,
            ReleaseNamespace = helm.ReleaseNamespace,
            ReconcileStrategy = helm.ReconcileStrategy,
            ClusterSelector = helm.ClusterSelector,
            MatchingClusters = helm.MatchingClusters?.AsReadOnly() ?? [],
            Ready = proxy.Holds("Ready"),
        };
    }

    /// <summary>A repository's address may carry a user and a password.</summary>
    private static string? WithoutCredentials(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out Uri? url) && url.UserInfo.Length > 0 ? new UriBuilder(url) { UserName = "", Password = "" }.Uri.AbsoluteUri : address;
}

/// <summary>HelmReleaseProxy, v1alpha1.</summary>
internal static class HelmReleaseProxyReader
{
    public static CapiHelmReleaseProxy Read(ref Utf8JsonReader reader, WireContext wire)
    {
        HelmObject helm = HelmObject.Read(ref reader, wire);
        CapiHelmReleaseProxy release = ObjectReading.With(
            new CapiHelmReleaseProxy(), helm.Metadata, helm.Cluster ?? helm.Metadata.Label(CapiNames.ClusterNameLabel), wire, helm.Conditions, helm.ObservedGeneration);
        return release with
        {
            HelmChartProxy = helm.Metadata.Label(CapiNames.HelmChartProxyLabel),
            ChartName = helm.ChartName,
            ChartVersion = helm.ChartVersion,
            ReleaseName = helm.ReleaseName,
            ReleaseNamespace = helm.ReleaseNamespace,
            Status = helm.ReleaseStatus,
            Revision = helm.Revision,
            Ready = release.Holds("Ready"),
        };
    }
}

/// <summary>What the two Helm kinds say; almost all of it is the same.</summary>
internal struct HelmObject
{
    public ObjectMetadata Metadata;
    public string? Cluster, ChartName, ChartVersion, RepositoryUrl, ReleaseName, ReleaseNamespace, ReconcileStrategy, ClusterSelector, ReleaseStatus;
    public int? Revision;
    public long? ObservedGeneration;
    public List<string>? MatchingClusters;
    public List<CapiCondition>? Conditions;

    public static HelmObject Read(ref Utf8JsonReader reader, WireContext wire)
    {
        HelmObject helm = default;
        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "metadata": helm.Metadata = ObjectReading.Metadata(ref reader, wire); break;
                case "spec": helm.ReadSpec(ref reader, wire); break;
                case "status": helm.ReadStatus(ref reader, wire); break;
                default: reader.Skip(); break;
            }
        }

        return helm;
    }

    private void ReadSpec(ref Utf8JsonReader reader, WireContext wire)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "chartName": ChartName = reader.Text(wire.Pool); break;
                case "version": ChartVersion = reader.Text(wire.Pool); break;
                case "repoURL": RepositoryUrl = reader.Text(wire.Pool); break;
                case "releaseName": ReleaseName = reader.Text(wire.Pool); break;
                case "namespace": ReleaseNamespace = reader.Text(wire.Pool); break;
                case "reconcileStrategy": ReconcileStrategy = reader.Text(wire.Pool); break;
                case "clusterRef": Cluster = ObjectReading.Reference(ref reader, wire.Pool).Name; break;
                case "clusterSelector": ClusterSelector = LabelSelectorReading.Text(ref reader, wire); break;
                default: reader.Skip(); break;
            }
        }
    }

    private void ReadStatus(ref Utf8JsonReader reader, WireContext wire)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "conditions": Conditions = ObjectReading.Conditions(ref reader, wire); break;
                case "status": ReleaseStatus = reader.Text(wire.Pool); break;
                case "revision": Revision = reader.Int(); break;
                case "observedGeneration": ObservedGeneration = reader.Long(); break;
                case "matchingClusters": MatchingClusters = reader.Texts("name", wire.Pool); break;
                default: reader.Skip(); break;
            }
        }
    }
}
