using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Plays the webhooks of Cluster API: fills in what is left out, and refuses what cannot work.</summary>
internal static class ClusterAdmission
{
    private const string KubeadmWebhook = "admission webhook \"validation.kubeadmcontrolplane.controlplane.cluster.x-k8s.io\" denied the request: ";

    public static void Review(AdmissionRequest request)
    {
        if (request.Object is not { } content || request.Subresource == "status")
            return;
        if (request.Resource == Kinds.MachineDeployment)
            FillMachineDeployment(request, content);
        else if (request.Resource == Kinds.KubeadmControlPlane)
            CheckControlPlane(request, content);
        else if (request.Resource == Kinds.Machine && request.Operation == AdmissionOperation.Create)
            FillMachine(content);
    }

    private static void FillMachineDeployment(AdmissionRequest request, JsonObject content)
    {
        JsonObject spec = content.Ensure("spec");
        // A merge patch that sets it to null means as little as leaving it out.
        if (spec["replicas"] is null)
            spec["replicas"] = request.Old.Number("spec", "replicas") ?? 1;
        JsonObject strategy = spec.Ensure("rollout", "strategy");
        strategy["type"] ??= "RollingUpdate";
        if (strategy.Text("type") == "RollingUpdate")
        {
            JsonObject limits = strategy.Ensure("rollingUpdate");
            limits["maxSurge"] ??= 1;
            limits["maxUnavailable"] ??= 0;
            if (limits["maxSurge"]!.ToString() is "0" or "0%" && limits["maxUnavailable"]!.ToString() is "0" or "0%")
            {
                throw ApiFailure.Invalid(request.Resource, request.Name, FieldProblem.Invalid("spec.rollout.strategy.rollingUpdate.maxUnavailable",
                    $"\"{limits["maxUnavailable"]}\"", "cannot be 0 when maxSurge is 0"));
            }
        }

        if (spec.Text("clusterName") is { } cluster)
        {
            content.Ensure("metadata", "labels")[CapiNames.ClusterLabel] = cluster;
            spec.Ensure("template", "metadata", "labels")[CapiNames.ClusterLabel] = cluster;
        }

        if (spec.Child("selector", "matchLabels") is not { Count: > 0 } && spec.Items("selector", "matchExpressions") is not { Count: > 0 })
        {
            spec.Ensure("selector", "matchLabels")[CapiNames.DeploymentLabel] = request.Name;
            spec.Ensure("template", "metadata", "labels")[CapiNames.DeploymentLabel] = request.Name;
            if (spec.Text("clusterName") is { } name)
                spec.Ensure("selector", "matchLabels")[CapiNames.ClusterLabel] = name;
        }

        JsonObject template = spec.Ensure("template", "spec");
        if (template.Text("version") is { Length: > 0 } version && !version.StartsWith('v'))
            template["version"] = "v" + version;
        template.Ensure("deletion")["nodeDeletionTimeoutSeconds"] ??= 10;
    }

    private static void FillMachine(JsonObject content)
    {
        if (content.Text("spec", "clusterName") is { } cluster)
            content.Ensure("metadata", "labels")[CapiNames.ClusterLabel] = cluster;
        content.Ensure("spec", "deletion")["nodeDeletionTimeoutSeconds"] ??= 10;
    }

    private static void CheckControlPlane(AdmissionRequest request, JsonObject content)
    {
        JsonObject spec = content.Ensure("spec");
        spec["replicas"] ??= 1;
        bool external = spec.Child("kubeadmConfigSpec", "clusterConfiguration", "etcd", "external") is not null;
        string? problem = content.Number("spec", "replicas") switch
        {
            null or <= 0 => "cannot be less than or equal to 0",
            { } replicas when replicas % 2 == 0 && !external => "cannot be an even number when etcd is stacked",
            _ => null,
        };
        if (problem is null)
            return;
        if (request.Subresource == "scale")
            throw new ApiFailure(403, "Forbidden", $"{KubeadmWebhook}replicas {problem}");
        throw ApiFailure.Invalid(request.Resource, request.Name, FieldProblem.Forbidden("spec.replicas", problem));
    }
}
