using System.Text.Json.Nodes;

namespace CapiWorkshop.Sandbox.Api.Patches;

/// <summary>JSON merge patch (RFC 7386): objects merge, null removes, all else replaces.</summary>
internal static class MergePatch
{
    public static void Apply(JsonObject target, JsonObject patch)
    {
        foreach ((string name, JsonNode? value) in patch)
        {
            if (value is null)
                target.Remove(name);
            else if (value is JsonObject inner)
                Apply(Object(target, name), inner);
            else
                target[name] = value.DeepClone();
        }
    }

    private static JsonObject Object(JsonObject target, string name)
    {
        if (target[name] is not JsonObject child)
            target[name] = child = [];
        return child;
    }
}
