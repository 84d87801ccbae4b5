using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Definitions;

/// <summary>The CustomResourceDefinition objects of a catalog: enough for <c>kubectl get crd</c> and for reading versions and contracts.</summary>
internal static class DefinitionObjects
{
    public static JsonObject Describe(ResourceDefinition resource, DateTimeOffset created)
    {
        JsonObject names = new()
        {
            ["kind"] = resource.Kind,
            ["listKind"] = resource.ListKind,
            ["plural"] = resource.Plural,
            ["singular"] = resource.Singular,
        };
        if (resource.ShortNames.Count > 0)
            names["shortNames"] = Texts(resource.ShortNames);
        if (resource.Categories.Count > 0)
            names["categories"] = Texts(resource.Categories);
        return new()
        {
            ["metadata"] = new JsonObject { ["name"] = resource.QualifiedName, ["labels"] = Labels(resource) },
            ["spec"] = new JsonObject
            {
                ["group"] = resource.Group,
                ["names"] = names,
                ["scope"] = resource.Namespaced ? "Namespaced" : "Cluster",
                ["versions"] = new JsonArray([.. resource.Versions.Reverse().Select(version => Version(resource, version))]),
            },
            ["status"] = new JsonObject
            {
                ["acceptedNames"] = names.DeepClone(),
                ["conditions"] = new JsonArray(Condition("NamesAccepted", "NoConflicts", created), Condition("Established", "InitialNamesAccepted", created)),
                ["storedVersions"] = new JsonArray(resource.Storage.Name),
            },
        };
    }

    private static JsonObject Version(ResourceDefinition resource, ResourceVersion version)
    {
        JsonObject described = new()
        {
            ["name"] = version.Name,
            ["served"] = true,
            ["storage"] = version == resource.Storage,
            ["schema"] = new JsonObject
            {
                ["openAPIV3Schema"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true },
            },
        };
        if (version.Deprecated)
            described["deprecated"] = true;
        JsonObject subresources = [];
        if (version.HasStatus)
            subresources["status"] = new JsonObject();
        if (version.Scale is { } scale)
        {
            subresources["scale"] = new JsonObject { ["specReplicasPath"] = ".spec.replicas", ["statusReplicasPath"] = ".status.replicas" };
            if (scale.HasSelector)
                subresources["scale"]!["labelSelectorPath"] = ".status.selector";
        }

        if (subresources.Count > 0)
            described["subresources"] = subresources;
        if (version.Columns.Count > 0)
        {
            described["additionalPrinterColumns"] = new JsonArray([.. version.Columns.Select(column => new JsonObject
            {
                ["name"] = column.Name,
                ["type"] = column.Type,
                ["priority"] = column.Priority,
                ["jsonPath"] = column.Path,
            })]);
        }

        return described;
    }

    private static JsonObject Labels(ResourceDefinition resource)
    {
        JsonObject labels = [];
        foreach ((string key, string value) in resource.DefinitionLabels)
            labels[key] = value;
        return labels;
    }

    private static JsonObject Condition(string type, string reason, DateTimeOffset time) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["reason"] = reason,
        ["message"] = "",
        ["lastTransitionTime"] = time.ToKubernetesTime(),
    };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
