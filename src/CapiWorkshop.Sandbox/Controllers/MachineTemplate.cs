using System.Text;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>The part of a machine template that a change of which replaces machines; the rest is passed on in place.</summary>
internal static class MachineTemplate
{
    public static uint Hash(JsonObject? template)
    {
        JsonObject? spec = template.Child("spec");
        return Fnv1A.Hash(string.Join('\n',
            spec.Text("version"), spec.Text("failureDomain"), Reference(spec.Child("infrastructureRef")), Reference(spec.Child("bootstrap", "configRef")),
            spec.Text("bootstrap", "dataSecretName")));
    }

    /// <summary>The selector as text, which is how <c>scale</c> shows it.</summary>
    public static string SelectorText(JsonObject content) =>
        string.Join(',', (content.Child("spec", "selector", "matchLabels") ?? []).Select(label => $"{label.Key}={label.Value}"));

    private static string Reference(JsonObject? reference) => $"{reference.Text("apiGroup")}/{reference.Text("kind")}/{reference.Text("name")}";
}

/// <summary>A hash that is the same in every process, as those of strings are not.</summary>
internal static class Fnv1A
{
    public static uint Hash(string text)
    {
        uint hash = 2166136261;
        foreach (byte letter in Encoding.UTF8.GetBytes(text))
            hash = unchecked((hash ^ letter) * 16777619);
        return hash;
    }
}
