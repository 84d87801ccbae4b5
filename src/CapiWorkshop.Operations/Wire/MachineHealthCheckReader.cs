using System.Globalization;
using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>MachineHealthCheck, v1beta1 and v1beta2.</summary>
internal static class MachineHealthCheckReader
{
    public static CapiMachineHealthCheck Read(ref Utf8JsonReader reader, WireContext wire)
    {
        ObjectMetadata meta = default;
        Spec spec = default;
        Status status = default;
        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "metadata": meta = ObjectReading.Metadata(ref reader, wire); break;
                case "spec": ReadSpec(ref reader, wire, ref spec); break;
                case "status": status = ReadStatus(ref reader, wire); break;
                default: reader.Skip(); break;
            }
        }

        CapiMachineHealthCheck check = ObjectReading.With(
            new CapiMachineHealthCheck(), meta, spec.Cluster ?? meta.Label(CapiNames.ClusterNameLabel), wire, status.NewConditions ?? status.Conditions, status.ObservedGeneration);
        return check with
        {
            ExpectedMachines = status.Expected,
            HealthyMachines = status.Healthy,
            RemediationsAllowed = status.RemediationsAllowed,
            RemediationAllowed = check.Holds("RemediationAllowed"),
            Targets = status.Targets?.AsReadOnly() ?? [],
            Selector = spec.Selector,
            MaxUnhealthy = spec.MaxUnhealthy,
            UnhealthyRange = spec.UnhealthyRange,
            NodeStartupTimeout = spec.StartupTimeout,
        };
    }

    /// <summary>The specification, or one of the parts of it that v1beta2 has and v1beta1 has not; their names do not repeat.</summary>
    private static void ReadSpec(ref Utf8JsonReader reader, WireContext wire, ref Spec spec)
    {
        if (!reader.EnterObject())
        {
            return;
        }

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "clusterName": spec.Cluster = reader.Text(wire.Pool); break;
                case "selector": spec.Selector = LabelSelectorReading.Text(ref reader, wire); break;
                case "checks" or "remediation" or "triggerIf": ReadSpec(ref reader, wire, ref spec); break;
                case "maxUnhealthy" or "unhealthyLessThanOrEqualTo": spec.MaxUnhealthy = ReadCountOrShare(ref reader); break;
                case "unhealthyRange" or "unhealthyInRange": spec.UnhealthyRange = reader.Text(wire.Pool); break;
                case "nodeStartupTimeoutSeconds": spec.StartupTimeout = reader.Int() is int seconds ? TimeSpan.FromSeconds(seconds) : null; break;
                case "nodeStartupTimeout": spec.StartupTimeout = Parse(reader.Text(wire.Pool)); break;
                default: reader.Skip(); break;
            }
        }
    }

    /// <summary>Kubernetes' number or share, such as <c>2</c> or <c>40%</c>.</summary>
    private static string? ReadCountOrShare(ref Utf8JsonReader reader)
    {
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return Utf8StringPool.Decode(ref reader);
            case JsonTokenType.Number when reader.TryGetInt32(out int count):
                return count.ToString(CultureInfo.InvariantCulture);
            default:
                reader.Skip();
                return null;
        }
    }

    /// <summary>Go's spelling of a length of time; zero switches the check off.</summary>
    private static TimeSpan? Parse(string? text) => text is "0" or "0s" ? TimeSpan.Zero : Duration.TryParse(text, out TimeSpan timeout) ? timeout : null;

    private static Status ReadStatus(ref Utf8JsonReader reader, WireContext wire)
    {
        Status status = default;
        if (!reader.EnterObject())
        {
            return status;
        }

        while (reader.NextProperty(wire.Pool, out string name))
        {
            switch (name)
            {
                case "expectedMachines": status.Expected = reader.Int(); break;
                case "currentHealthy": status.Healthy = reader.Int(); break;
                case "remediationsAllowed": status.RemediationsAllowed = reader.Int(); break;
                case "targets": status.Targets = reader.Strings(wire.Pool); break;
                case "observedGeneration": status.ObservedGeneration = reader.Long(); break;
                case "conditions": status.Conditions = ObjectReading.Conditions(ref reader, wire); break;
                case "v1beta2": status.NewConditions = ObjectReading.ConditionsWithin(ref reader, wire); break;
                default: reader.Skip(); break;
            }
        }

        return status;
    }

    private struct Spec
    {
        public string? Cluster, Selector, MaxUnhealthy, UnhealthyRange;
        public TimeSpan? StartupTimeout;
    }

    private struct Status
    {
        public int? Expected, Healthy, RemediationsAllowed;
        public long? ObservedGeneration;
        public List<string>? Targets;
        public List<CapiCondition>? Conditions, NewConditions;
    }
}
