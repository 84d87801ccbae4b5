using System.Text;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api.Writing;

/// <summary>What a real server fills in on its own: by the schemas of custom kinds, and for the few built-in kinds that people create by hand.</summary>
internal static class Defaults
{
    public static void Fill(ResourceDefinition resource, JsonObject content)
    {
        if (resource == Kinds.Namespace && content.Text("metadata", "name") is { } name)
            content.Ensure("metadata", "labels")["kubernetes.io/metadata.name"] = name;
        else if (resource == Kinds.Secret)
            FillSecret(content);
        foreach ((string path, string json) in resource.Defaults)
        {
            string[] steps = path.Split('.');
            if (content.Child(steps.AsSpan(..^1)) is { } parent && parent[steps[^1]] is null)
                parent[steps[^1]] = JsonNode.Parse(json);
        }
    }

    /// <summary>What a new object starts with and clients cannot send themselves.</summary>
    public static void FillInitial(ResourceDefinition resource, JsonObject content)
    {
        if (resource == Kinds.Namespace)
        {
            content.Ensure("spec")["finalizers"] = new JsonArray("kubernetes");
            content["status"] = new JsonObject { ["phase"] = "Active" };
        }
        else if (resource == Kinds.Pod)
        {
            content["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = "BestEffort" };
        }
    }

    private static void FillSecret(JsonObject content)
    {
        content["type"] ??= "Opaque";
        if (content.Child("stringData") is not { } texts)
            return;
        JsonObject data = content.Ensure("data");
        foreach ((string key, JsonNode? value) in texts)
            data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value?.ToString() ?? ""));
        content.Remove("stringData");
    }
}
