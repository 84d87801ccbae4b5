using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Sandbox.World;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Installs a release into a workload cluster and takes it off again, for which it has to get in there.</summary>
internal sealed class HelmReleaseProxyController(ControllerContext context) : Controller(context, Kinds.HelmReleaseProxy)
{
    private static readonly TimeSpan InstallTime = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan UninstallTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(10);

    protected override ControllerIdentity Identity { get; } = new("helmreleaseproxy", "helmreleaseproxy-controller", ControllerIdentity.Helm);

    public override IReadOnlyList<ResourceDefinition> AlsoWatches { get; } = [Kinds.Cluster];

    protected override void Reconcile(StoredObject item, JsonObject content)
    {
        if (Metadata.Annotation(content, CapiNames.Paused) is not null)
            return;
        content.Ensure("status")["observedGeneration"] = content.Number("metadata", "generation");
        string name = content.Text("spec", "clusterRef", "name") ?? "";
        StoredObject? cluster = Store.Find(Kinds.Cluster, content.Text("spec", "clusterRef", "namespace") ?? item.Namespace, name);
        if (cluster is null && item.IsDeleting)
        {
            // Nothing is left that it could be uninstalled from.
            Metadata.RemoveFinalizer(content, CapiNames.ReleaseProxyFinalizer);
            return;
        }

        WorkloadCluster? workload = Enter(item, content, cluster, name);
        if (workload is null)
            LookAgain(item, Retry);
        else if (item.IsDeleting)
            Uninstall(item, content, workload);
        else
            Install(item, content, workload);
        Conditions.Summarize(content, Now, "Ready", "Ready", "NotReady", "ReadyUnknown", "ClusterAvailable", "HelmReleaseReady");
        // The sum carries the reason of what went wrong.
        if (Conditions.Find(content, "Ready") is JsonObject ready && ready.Text("status") == Conditions.False)
        {
            JsonNode? bad = Conditions.IsTrue(content, "ClusterAvailable") ? Conditions.Find(content, "HelmReleaseReady")
                : Conditions.Find(content, "ClusterAvailable");
            ready["reason"] = bad.Text("reason");
            ready["message"] = bad.Text("message");
        }
    }

    /// <summary>Null, and a condition that says why, where there is no way in.</summary>
    private WorkloadCluster? Enter(StoredObject item, JsonObject content, StoredObject? cluster, string name)
    {
        string secret = CapiNames.KubeConfigSecret(name);
        string? reason = cluster is null ? "GetClusterFailed"
            : Store.Find(Kinds.Secret, cluster.Namespace, secret) is null ? "GetKubeconfigFailed"
            : null;
        if (reason is not null)
        {
            Conditions.Set(content, Now, "ClusterAvailable", Conditions.False, reason,
                cluster is null ? $"clusters.cluster.x-k8s.io \"{name}\" not found"
                    : $"failed to get kubeconfig for cluster {name}: secrets \"{secret}\" not found");
            return null;
        }

        if (Context.Workloads.Find(item.Namespace, name) is { } workload)
        {
            Conditions.SetFlag(content, Now, "ClusterAvailable", true);
            return workload;
        }

        Conditions.Set(content, Now, "HelmReleaseReady", Conditions.False, "HelmReleaseGetFailed",
            $"Kubernetes cluster unreachable: the API of {name} does not answer");
        return null;
    }

    private void Install(StoredObject item, JsonObject content, WorkloadCluster workload)
    {
        JsonObject status = content.Ensure("status");
        string revision = $"install {content.Number("metadata", "generation")}";
        if (content.Text("status", "status") != "deployed" || content.Number("status", "revision") is null)
            status["status"] = "pending-install";
        if (!Elapsed(item, revision, InstallTime))
        {
            Conditions.Set(content, Now, "HelmReleaseReady", Conditions.False, status.Text("status") == "deployed" ? "HelmReleasePending"
                : "PreparingToHelmInstall", "Release is being installed");
            return;
        }

        if (Conditions.IsTrue(content, "HelmReleaseReady"))
            return;
        WorkloadContent.InstallRelease(workload.Api, ReleaseNamespace(content), ReleaseName(content), content.Text("spec", "chartName") ?? "chart",
            content.Text("spec", "version") ?? "0.1.0");
        status["status"] = "deployed";
        status["revision"] = (content.Number("status", "revision") ?? 0) + 1;
        Conditions.SetFlag(content, Now, "HelmReleaseReady", true);
        Note(item, $"Release {ReleaseName(content)} exists on cluster {workload.Name} and is up to date");
    }

    private void Uninstall(StoredObject item, JsonObject content, WorkloadCluster workload)
    {
        if (content.Text("spec", "reconcileStrategy") != "InstallOnce")
        {
            content["status"]!["status"] = "uninstalling";
            Conditions.Set(content, Now, "HelmReleaseReady", Conditions.False, "HelmReleaseDeleting", "Release is being uninstalled");
            if (!Elapsed(item, "uninstall", UninstallTime))
                return;
            try
            {
                WorkloadContent.UninstallRelease(workload.Api, ReleaseNamespace(content), ReleaseName(content));
            }
            catch (ApiFailure failure) when (failure.Code == 404)
            {
                // Somebody else has taken it off: that is as good.
            }
        }

        Metadata.RemoveFinalizer(content, CapiNames.ReleaseProxyFinalizer);
        Note(item, $"Release {ReleaseName(content)} has been uninstalled from cluster {workload.Name}");
    }

    private static string ReleaseName(JsonObject content) => content.Text("spec", "releaseName") ?? content.Text("spec", "chartName") ?? "release";

    private static string ReleaseNamespace(JsonObject content) => content.Text("spec", "namespace") ?? "default";
}
