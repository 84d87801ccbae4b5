using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Api.Writing;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.World;

/// <summary>What the workshop has its users apply.</summary>
internal static class Manifests
{
    private const string KubernetesVersion = "v1.33.2";
    private const string K0sVersion = "v1.33.2+k0s.0";

    /// <summary>Nodes that are containers share one disk: none of them is to evict pods for it.</summary>
    private const string EvictionHard = "nodefs.available<0%,nodefs.inodesFree<0%,imagefs.available<0%";

    /// <summary>Creates objects as a client would: past defaults and admission, without a status.</summary>
    public static void Apply(ClusterApi api, string manifests)
    {
        foreach (JsonNode? manifest in JsonNode.Parse(manifests)!.AsArray())
        {
            JsonObject content = manifest!.DeepClone().AsObject();
            string[] parts = content.Text("apiVersion")!.Split('/');
            ResourceDefinition kind = api.Catalog.Resources.First(resource => resource.Kind == content.Text("kind") && resource.Group == parts[0]);
            content.Ensure("metadata")["namespace"] ??= "default";
            Defaults.Fill(kind, content);
            api.Admission?.Invoke(new(AdmissionOperation.Create, kind, content.Text("metadata", "name")!, null, content, null));
            api.Store.Create(kind, content);
        }
    }

    public static string KubeadmCluster(string name, int workers, int controlPlanes = 1) => $$"""
        [
          {
            "apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster",
            "metadata": { "name": "{{name}}", "labels": { "cluster.x-k8s.io/cluster-name": "{{name}}", "environment": "demo", "cni": "kindnet" } },
            "spec": {
              "clusterNetwork": {
                "pods": { "cidrBlocks": ["192.168.0.0/16"] }, "services": { "cidrBlocks": ["10.128.0.0/12"] }, "serviceDomain": "cluster.local"
              },
              "controlPlaneRef": { "apiGroup": "controlplane.cluster.x-k8s.io", "kind": "KubeadmControlPlane", "name": "{{name}}-control-plane" },
              "infrastructureRef": { "apiGroup": "infrastructure.cluster.x-k8s.io", "kind": "DockerCluster", "name": "{{name}}" }
            }
          },
          { "apiVersion": "infrastructure.cluster.x-k8s.io/v1beta2", "kind": "DockerCluster", "metadata": { "name": "{{name}}" }, "spec": {} },
          {
            "apiVersion": "controlplane.cluster.x-k8s.io/v1beta2", "kind": "KubeadmControlPlane",
            "metadata": { "name": "{{name}}-control-plane" },
            "spec": {
              "replicas": {{controlPlanes}}, "version": "{{KubernetesVersion}}",
              "kubeadmConfigSpec": { "clusterConfiguration": { "apiServer": { "certSANs": ["localhost", "127.0.0.1"] } } },
              "machineTemplate": {
                "spec": {
                  "infrastructureRef": { "apiGroup": "infrastructure.cluster.x-k8s.io", "kind": "DockerMachineTemplate", "name": "{{name}}-control-plane" }
                }
              }
            }
          },
          {{MachineTemplate($"{name}-control-plane")}},
          {{MachineTemplate($"{name}-md-0")}},
          {
            "apiVersion": "bootstrap.cluster.x-k8s.io/v1beta2", "kind": "KubeadmConfigTemplate", "metadata": { "name": "{{name}}-md-0" },
            "spec": { "template": { "spec": { "joinConfiguration": { "nodeRegistration": { "kubeletExtraArgs": [{ "name": "eviction-hard", "value": "{{EvictionHard}}" }] } } } } }
          },
          {{MachineDeployment(name, workers, KubernetesVersion, "KubeadmConfigTemplate")}}
        ]
        """;

    public static string K0smotronCluster(string name, int workers) => $$"""
        [
          {
            "apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster",
            "metadata": { "name": "{{name}}", "labels": { "cluster.x-k8s.io/cluster-name": "{{name}}", "environment": "demo" } },
            "spec": {
              "clusterNetwork": {
                "pods": { "cidrBlocks": ["10.244.0.0/16"] }, "services": { "cidrBlocks": ["10.96.0.0/12"] }, "serviceDomain": "cluster.local"
              },
              "controlPlaneRef": { "apiGroup": "controlplane.cluster.x-k8s.io", "kind": "K0smotronControlPlane", "name": "{{name}}-cp" },
              "infrastructureRef": { "apiGroup": "infrastructure.cluster.x-k8s.io", "kind": "DockerCluster", "name": "{{name}}" }
            }
          },
          {
            "apiVersion": "infrastructure.cluster.x-k8s.io/v1beta2", "kind": "DockerCluster",
            "metadata": { "name": "{{name}}", "annotations": { "cluster.x-k8s.io/managed-by": "k0smotron" } }, "spec": {}
          },
          {
            "apiVersion": "controlplane.cluster.x-k8s.io/v1beta2", "kind": "K0smotronControlPlane", "metadata": { "name": "{{name}}-cp" },
            "spec": {
              "replicas": 3, "version": "v1.33.2-k0s.0",
              "persistence": { "type": "emptyDir" }, "storage": { "type": "etcd" },
              "service": { "type": "NodePort", "apiPort": 30443, "konnectivityPort": 30132 }
            }
          },
          {{MachineTemplate($"{name}-md-0")}},
          {
            "apiVersion": "bootstrap.cluster.x-k8s.io/v1beta2", "kind": "K0sWorkerConfigTemplate", "metadata": { "name": "{{name}}-md-0" },
            "spec": { "template": { "spec": { "version": "{{K0sVersion}}" } } }
          },
          {{MachineDeployment(name, workers, K0sVersion, "K0sWorkerConfigTemplate")}}
        ]
        """;

    /// <summary>One chart for every cluster of the demo.</summary>
    public static string NginxChart() => """
        [
          {
            "apiVersion": "addons.cluster.x-k8s.io/v1alpha1", "kind": "HelmChartProxy", "metadata": { "name": "nginx" },
            "spec": {
              "clusterSelector": { "matchLabels": { "environment": "demo" } },
              "repoURL": "https://charts.bitnami.com/bitnami", "chartName": "nginx", "version": "18.2.4",
              "releaseName": "nginx", "namespace": "default", "reconcileStrategy": "Continuous",
              "options": { "wait": true, "timeout": "5m", "install": { "createNamespace": true } },
              "valuesTemplate": "replicaCount: 1\nservice:\n  type: ClusterIP\n"
            }
          }
        ]
        """;

    private static string MachineTemplate(string name) => $$"""
        {
          "apiVersion": "infrastructure.cluster.x-k8s.io/v1beta2", "kind": "DockerMachineTemplate", "metadata": { "name": "{{name}}" },
          "spec": { "template": { "spec": { "customImage": "kindest/node:{{KubernetesVersion}}" } } }
        }
        """;

    private static string MachineDeployment(string cluster, int workers, string version, string bootstrapKind) => $$"""
        {
          "apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "MachineDeployment", "metadata": { "name": "{{cluster}}-md-0" },
          "spec": {
            "clusterName": "{{cluster}}", "replicas": {{workers}},
            "template": {
              "spec": {
                "clusterName": "{{cluster}}", "version": "{{version}}",
                "bootstrap": { "configRef": { "apiGroup": "bootstrap.cluster.x-k8s.io", "kind": "{{bootstrapKind}}", "name": "{{cluster}}-md-0" } },
                "infrastructureRef": { "apiGroup": "infrastructure.cluster.x-k8s.io", "kind": "DockerMachineTemplate", "name": "{{cluster}}-md-0" }
              }
            }
          }
        }
        """;
}
