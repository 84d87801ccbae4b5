using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>HelmChartProxy, v1alpha1.</summary>
internal static class HelmChartProxyReader
{
    public static CapiHelmChartProxy Read(ref Utf8JsonReader reader, WireContext wire)
    {
        ObjectMetadata meta = default;
        HelmSpec spec = default;
        HelmStatus status = default;
        while (reader.NextProperty())
        {
            HelmReading.Member(ref reader, wire, ref meta, ref spec, ref status);
        }

        CapiHelmChartProxy proxy = ObjectReading.With(new CapiHelmChartProxy(), meta, null, wire, status.Conditions, status.ObservedGeneration);
        return proxy with
        {
            ChartName = spec.ChartName,
            ChartVersion = spec.Version,
            RepositoryUrl = HelmReading.WithoutCredentials(spec.RepositoryUrl),
            ReleaseName = spec.ReleaseName,
            ReleaseNamespace = spec.Namespace,
            ReconcileStrategy = spec.ReconcileStrategy,
            ClusterSelector = spec.ClusterSelector,
            MatchingClusters = status.MatchingClusters?.AsReadOnly() ?? [],
            Ready = proxy.Holds("Ready"),
        };
    }
}

/// <summary>HelmReleaseProxy, v1alpha1.</summary>
internal static class HelmReleaseProxyReader
{
    public static CapiHelmReleaseProxy Read(ref Utf8JsonReader reader, WireContext wire)
    {
        ObjectMetadata meta = default;
        HelmSpec spec = default;
        HelmStatus status = default;
        while (reader.NextProperty())
        {
            HelmReading.Member(ref reader, wire, ref meta, ref spec, ref status);
        }

        CapiHelmReleaseProxy release = ObjectReading.With(
            new CapiHelmReleaseProxy(), meta, spec.Cluster ?? meta.Label(CapiNames.ClusterNameLabel), wire, status.Conditions, status.ObservedGeneration);
        return release with
        {
            HelmChartProxy = meta.Label(CapiNames.HelmChartProxyLabel),
            ChartName = spec.ChartName,
            ChartVersion = spec.Version,
            ReleaseName = spec.ReleaseName,
            ReleaseNamespace = spec.Namespace,
            Status = status.Release,
            Revision = status.Revision,
            Ready = release.Holds("Ready"),
        };
    }
}

internal struct HelmSpec
{
    public string? Cluster, ChartName, Version, RepositoryUrl, ReleaseName, Namespace, ReconcileStrategy, ClusterSelector;
}

internal struct HelmStatus
{
    public string? Release;
    public int? Revision;
    public long? ObservedGeneration;
    public List<string>? MatchingClusters;
    public List<CapiCondition>? Conditions;
}

/// <summary>What the two Helm kinds have in common: almost everything.</summary>
internal static class HelmReading
{
    /// <summary>One member of the object; the reader stands on its name.</summary>
    public static void Member(ref Utf8JsonReader reader, WireContext wire, ref ObjectMetadata meta, ref HelmSpec spec, ref HelmStatus status)
    {
        if (reader.ValueTextEquals("metadata"u8))
        {
            meta = ObjectReading.Metadata(ref reader, wire);
        }
        else if (reader.ValueTextEquals("spec"u8))
        {
            spec = Spec(ref reader, wire);
        }
        else if (reader.ValueTextEquals("status"u8))
        {
            status = Status(ref reader, wire);
        }
        else
        {
            reader.Skip();
        }
    }

    /// <summary>A repository's address may carry a user and a password.</summary>
    public static string? WithoutCredentials(string? address) =>
        Uri.TryCreate(address, UriKind.Absolute, out Uri? url) && url.UserInfo.Length > 0 ? new UriBuilder(url) { UserName = "", Password = "" }.Uri.AbsoluteUri : address;

    private static HelmSpec Spec(ref Utf8JsonReader reader, WireContext wire)
    {
        HelmSpec spec = default;
        if (!reader.EnterObject())
        {
            return spec;
        }

        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("chartName"u8))
            {
                spec.ChartName = reader.Text(wire.Pool);
            }
            else if (reader.ValueTextEquals("version"u8))
            {
                spec.Version = reader.Text(wire.Pool);
            }
            else if (reader.ValueTextEquals("repoURL"u8))
            {
                spec.RepositoryUrl = reader.Text(wire.Pool);
            }
            else if (reader.ValueTextEquals("releaseName"u8))
            {
                spec.ReleaseName = reader.Text(wire.Pool);
            }
            else if (reader.ValueTextEquals("namespace"u8))
            {
                spec.Namespace = reader.Text(wire.Pool);
            }
            else if (reader.ValueTextEquals("reconcileStrategy"u8))
            {
                spec.ReconcileStrategy = reader.Text(wire.Pool);
            }
            else if (reader.ValueTextEquals("clusterRef"u8))
            {
                spec.Cluster = ObjectReading.Reference(ref reader, wire.Pool).Name;
            }
            else if (reader.ValueTextEquals("clusterSelector"u8))
            {
                spec.ClusterSelector = LabelSelectorReading.Text(ref reader, wire);
            }
            else
            {
                reader.Skip();
            }
        }

        return spec;
    }

    private static HelmStatus Status(ref Utf8JsonReader reader, WireContext wire)
    {
        HelmStatus status = default;
        if (!reader.EnterObject())
        {
            return status;
        }

        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("conditions"u8))
            {
                status.Conditions = ObjectReading.Conditions(ref reader, wire);
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                status.Release = reader.Text(wire.Pool);
            }
            else if (reader.ValueTextEquals("revision"u8))
            {
                status.Revision = reader.Int();
            }
            else if (reader.ValueTextEquals("observedGeneration"u8))
            {
                status.ObservedGeneration = reader.Long();
            }
            else if (reader.ValueTextEquals("matchingClusters"u8))
            {
                status.MatchingClusters = ReferencedNames(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return status;
    }

    private static List<string>? ReferencedNames(ref Utf8JsonReader reader)
    {
        if (!reader.EnterArray())
        {
            return null;
        }

        List<string> names = [];
        while (reader.NextObject())
        {
            string? name = null;
            while (reader.NextProperty())
            {
                if (reader.ValueTextEquals("name"u8))
                {
                    name = reader.Text();
                }
                else
                {
                    reader.Skip();
                }
            }

            if (name is not null)
            {
                names.Add(name);
            }
        }

        return names;
    }
}
