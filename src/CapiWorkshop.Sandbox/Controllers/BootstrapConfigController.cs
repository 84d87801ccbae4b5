using System.Text;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Writes the secret that a machine starts with: cloud-init in the real world, a line about it here.</summary>
internal sealed class BootstrapConfigController(ControllerContext context, ResourceDefinition kind, ControllerIdentity identity) : Controller(context, kind)
{
    protected override ControllerIdentity Identity { get; } = identity;

    public override IReadOnlyList<ResourceDefinition> AlsoWatches { get; } = [Kinds.Cluster];

    protected override void Reconcile(StoredObject item, JsonObject content)
    {
        JsonObject? cluster = ClusterOf(item, content)?.ToJson();
        JsonObject status = content.Ensure("status");
        // k0smotron's configurations have no such field.
        if (item.Resource == Kinds.KubeadmConfig)
            status["observedGeneration"] = content.Number("metadata", "generation");
        if (IsPaused(content, cluster) || item.IsDeleting || item.Owners.Count == 0)
            return;
        string? obstacle = cluster.Flag("status", "initialization", "infrastructureProvisioned") != true
            ? "Cluster status.initialization.infrastructureProvisioned is false"
            : !item.Labels.ContainsKey(CapiNames.ControlPlaneLabel) && cluster.Flag("status", "initialization", "controlPlaneInitialized") != true
                ? "Waiting for Cluster control plane to be initialized"
            : null;
        if (obstacle is null && content.Flag("status", "initialization", "dataSecretCreated") != true)
        {
            if (Store.Find(Kinds.Secret, item.Namespace, item.Name) is null)
            {
                Store.Create(Kinds.Secret, Secrets.Describe(item, item.Name,
                    new() { ["format"] = "cloud-config", ["value"] = $"## template: jinja\n#cloud-config\n# {item.Name}\n" }));
                Note(item, $"Created bootstrap data secret {item.Name}");
            }

            status["dataSecretName"] = item.Name;
            content.Ensure("status", "initialization")["dataSecretCreated"] = true;
        }

        Conditions.SetFlag(content, Now, "DataSecretAvailable", obstacle is null, obstacle ?? "", "Available", "NotAvailable");
        Conditions.Summarize(content, Now, "Ready", "Ready", "NotReady", "ReadyUnknown", "DataSecretAvailable");
    }
}

/// <summary>Secrets as Cluster API makes them.</summary>
internal static class Secrets
{
    /// <param name="owner">Takes the secret along when it goes; it must be of the secret's cluster.</param>
    public static JsonObject Describe(StoredObject owner, string name, Dictionary<string, string> texts)
    {
        JsonObject data = [];
        foreach ((string key, string text) in texts)
            data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
        return new()
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = owner.Namespace,
                ["labels"] = new JsonObject { [CapiNames.ClusterLabel] = owner.Labels.GetValueOrDefault(CapiNames.ClusterLabel) },
                ["ownerReferences"] = new JsonArray(OwnerReference.To(owner, controller: true).ToJson()),
            },
            ["type"] = CapiNames.SecretType,
            ["data"] = data,
        };
    }
}
