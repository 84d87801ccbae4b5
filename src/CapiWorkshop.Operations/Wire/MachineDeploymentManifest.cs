using System.Buffers;
using System.Text.Json;
using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations.Wire;

/// <summary>The least that a server accepts as a MachineDeployment.</summary>
internal static class MachineDeploymentManifest
{
    /// <summary>One of no machines, of a Cluster that need not exist; UTF-8 JSON.</summary>
    public static ReadOnlyMemory<byte> Write(ResourceType type, string name)
    {
        bool isV1Beta1 = type.Version == "v1beta1";
        ArrayBufferWriter<byte> body = new();
        using Utf8JsonWriter writer = new(body);
        writer.WriteStartObject();
        writer.WriteString("apiVersion", type.ApiVersion);
        writer.WriteString("kind", type.Kind);
        writer.WriteStartObject("metadata");
        writer.WriteString("name", name);
        writer.WriteEndObject();
        writer.WriteStartObject("spec");
        writer.WriteString("clusterName", name);
        writer.WriteNumber("replicas", 0);
        writer.WriteStartObject("selector");
        WriteLabels(writer, "matchLabels", name);
        writer.WriteEndObject();
        writer.WriteStartObject("template");
        writer.WriteStartObject("metadata");
        WriteLabels(writer, "labels", name);
        writer.WriteEndObject();
        writer.WriteStartObject("spec");
        writer.WriteString("clusterName", name);
        writer.WriteStartObject("bootstrap");
        writer.WriteString("dataSecretName", name);
        writer.WriteEndObject();
        writer.WriteStartObject("infrastructureRef");
        writer.WriteString(isV1Beta1 ? "apiVersion" : "apiGroup", isV1Beta1 ? "infrastructure.cluster.x-k8s.io/v1beta1" : "infrastructure.cluster.x-k8s.io");
        writer.WriteString("kind", "DockerMachineTemplate");
        writer.WriteString("name", name);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return body.WrittenMemory;
    }

    private static void WriteLabels(Utf8JsonWriter writer, string field, string cluster)
    {
        writer.WriteStartObject(field);
        writer.WriteString(CapiNames.ClusterNameLabel, cluster);
        writer.WriteEndObject();
    }
}
