using System.Text.Json;

namespace CapiWorkshop.Operations.Wire;

/// <summary>A controller's Deployment, as far as its health goes.</summary>
internal sealed record ControllerDeployment(string Name, string? Namespace, string? Provider, string? ImageTag, bool? Available);

/// <summary>An entry of clusterctl's inventory of providers.</summary>
internal sealed record InventoryEntry(string Name, string? Namespace, string? ProviderName, string? Type, string? Version)
{
    /// <summary>The value that the provider's components carry as label <c>cluster.x-k8s.io/provider</c>: the type in short, then the name; the core has no prefix.</summary>
    public string Label
    {
        get
        {
            string name = ProviderName ?? Name;
            return Type switch
            {
                "BootstrapProvider" => "bootstrap-" + name,
                "ControlPlaneProvider" => "control-plane-" + name,
                "InfrastructureProvider" => "infrastructure-" + name,
                "IPAMProvider" => "ipam-" + name,
                "RuntimeExtensionProvider" => "runtime-extension-" + name,
                _ => name,
            };
        }
    }
}

/// <summary>What is read of namespaces, nodes, Deployments and clusterctl's inventory. One for each request: it is not thread-safe.</summary>
internal sealed class InventoryReading
{
    private readonly WireContext _wire = new("v1", null, "", TimeProvider.System);

    /// <summary>The UID of any object.</summary>
    public string? Uid(ref Utf8JsonReader reader)
    {
        string? uid = null;
        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                uid = ObjectReading.Metadata(ref reader, _wire).Uid;
            }
            else
            {
                reader.Skip();
            }
        }

        return uid;
    }

    /// <summary>Whether a Node is ready; null where it does not say.</summary>
    public bool? NodeReady(ref Utf8JsonReader reader)
    {
        List<CapiCondition>? conditions = null;
        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("status"u8))
            {
                conditions = StatusConditions(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        return conditions?.Find(c => c.Type == "Ready") is { } ready ? ready.Status == CapiConditionStatus.True : null;
    }

    /// <summary>A controller's Deployment.</summary>
    public ControllerDeployment Deployment(ref Utf8JsonReader reader)
    {
        ObjectMetadata meta = default;
        string? image = null;
        List<CapiCondition>? conditions = null;
        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                meta = ObjectReading.Metadata(ref reader, _wire);
            }
            else if (reader.ValueTextEquals("spec"u8))
            {
                image = ManagerImage(ref reader);
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                conditions = StatusConditions(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }

        bool? available = conditions?.Find(c => c.Type == "Available")?.Status switch
        {
            CapiConditionStatus.True => true,
            CapiConditionStatus.False => false,
            _ => null,
        };
        return new(meta.Name ?? "", meta.Namespace, meta.Label(CapiNames.ProviderLabel), TagOf(image), available);
    }

    /// <summary>A provider of clusterctl's inventory; its fields stand at the top level.</summary>
    public InventoryEntry Provider(ref Utf8JsonReader reader)
    {
        ObjectMetadata meta = default;
        string? name = null, type = null, version = null;
        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                meta = ObjectReading.Metadata(ref reader, _wire);
            }
            else if (reader.ValueTextEquals("providerName"u8))
            {
                name = reader.Text();
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                type = reader.Text();
            }
            else if (reader.ValueTextEquals("version"u8))
            {
                version = reader.Text();
            }
            else
            {
                reader.Skip();
            }
        }

        return new(meta.Name ?? "", meta.Namespace, name, type, version);
    }

    private List<CapiCondition>? StatusConditions(ref Utf8JsonReader reader)
    {
        List<CapiCondition>? conditions = null;
        if (reader.EnterObject())
        {
            while (reader.NextProperty())
            {
                if (reader.ValueTextEquals("conditions"u8))
                {
                    conditions = ObjectReading.Conditions(ref reader, _wire);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        return conditions;
    }

    /// <summary>spec.template.spec.containers[name=manager].image</summary>
    private static string? ManagerImage(ref Utf8JsonReader reader)
    {
        string? image = null;
        if (!reader.EnterObject())
        {
            return image;
        }

        while (reader.NextProperty())
        {
            if (reader.ValueTextEquals("template"u8) || reader.ValueTextEquals("spec"u8))
            {
                image = ManagerImage(ref reader) ?? image;
            }
            else if (reader.ValueTextEquals("containers"u8))
            {
                bool entered = reader.EnterArray();
                while (entered && reader.NextObject())
                {
                    string? name = null, its = null;
                    while (reader.NextProperty())
                    {
                        if (reader.ValueTextEquals("name"u8))
                        {
                            name = reader.Text();
                        }
                        else if (reader.ValueTextEquals("image"u8))
                        {
                            its = reader.Text();
                        }
                        else
                        {
                            reader.Skip();
                        }
                    }

                    image = name == "manager" ? its : image;
                }
            }
            else
            {
                reader.Skip();
            }
        }

        return image;
    }

    /// <summary><c>host:5000/path/name:tag@sha256:...</c>: only what follows the last colon behind the last slash is a tag.</summary>
    private static string? TagOf(string? image)
    {
        if (image is null)
        {
            return null;
        }

        string name = image.Split('@')[0];
        int colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/') ? name[(colon + 1)..] : null;
    }
}
