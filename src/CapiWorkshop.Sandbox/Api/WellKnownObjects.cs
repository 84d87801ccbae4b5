using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api.Writing;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api;

/// <summary>What every cluster holds before anybody has done anything: its namespaces, and the definitions of its custom kinds.</summary>
internal static class WellKnownObjects
{
    public static void AddTo(ClusterApi api)
    {
        foreach (string name in (ReadOnlySpan<string>)["default", "kube-node-lease", "kube-public", "kube-system"])
            AddNamespace(api, name);
        foreach (ResourceDefinition resource in api.Catalog.Resources.Where(resource => resource.Custom))
            api.Store.Create(Kinds.CustomResourceDefinition, DefinitionObjects.Describe(resource, api.Time.GetUtcNow()), WriteScope.Everything);
    }

    public static StoredObject AddNamespace(ClusterApi api, string name)
    {
        JsonObject content = new() { ["metadata"] = new JsonObject { ["name"] = name } };
        Defaults.Fill(Kinds.Namespace, content);
        Defaults.FillInitial(Kinds.Namespace, content);
        return api.Store.Create(Kinds.Namespace, content, WriteScope.Everything);
    }
}
