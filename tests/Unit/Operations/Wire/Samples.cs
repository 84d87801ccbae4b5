using System.Text.Json.Nodes;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Wire;

/// <summary>
/// Complete objects, one per kind and dialect: v1beta2; v1beta1 of CAPI up to 1.8 (Legacy); v1beta1 of CAPI 1.9 and later, with the new family
/// under status.v1beta2 (Between). Counts of the two families differ on purpose, so that mixing them shows.
/// </summary>
internal static class Samples
{
    private static JsonNode? ManagedFields => JsonNode.Parse("""
        [{"manager": "manager", "operation": "Update", "apiVersion": "cluster.x-k8s.io/v1beta2", "time": "2026-11-20T09:00:01Z", "fieldsType": "FieldsV1",
          "fieldsV1": {"f:metadata": {"f:name": {}, "f:labels": {".": {}, "f:name": {}}}, "f:status": {"f:phase": {}, "f:conditions": {"k:{\"type\":\"Ready\"}": {".": {}, "f:status": {}}}}}}]
        """);

    public static ObjectJson ClusterV1Beta2 => ObjectJson.Parse("""
        {
          "apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster",
          "metadata": {
            "name": "dev-cluster", "namespace": "team-a", "uid": "c-1", "resourceVersion": "4711", "generation": 3, "creationTimestamp": "2026-11-20T09:00:00Z",
            "labels": {"env": "dev", "empty": ""},
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{\"kind\":\"Cluster\"}", "note": "ours"},
            "finalizers": ["cluster.cluster.x-k8s.io"]
          },
          "spec": {
            "paused": false,
            "clusterNetwork": {"pods": {"cidrBlocks": ["192.168.0.0/16"]}, "serviceDomain": "cluster.local"},
            "controlPlaneEndpoint": {"host": "172.18.0.4", "port": 6443},
            "controlPlaneRef": {"apiGroup": "controlplane.cluster.x-k8s.io", "kind": "KubeadmControlPlane", "name": "dev-cluster-cp"},
            "infrastructureRef": {"apiGroup": "infrastructure.cluster.x-k8s.io", "kind": "DockerCluster", "name": "dev-cluster-infra"},
            "topology": {"classRef": {"name": "quick-start", "namespace": "classes"}, "version": "v1.34.1", "controlPlane": {"replicas": 1},
              "workers": {"machineDeployments": [{"class": "default-worker", "name": "md-0", "replicas": 2}]}}
          },
          "status": {
            "phase": "Provisioned", "observedGeneration": 2,
            "initialization": {"infrastructureProvisioned": true, "controlPlaneInitialized": true},
            "controlPlane": {"desiredReplicas": 1, "replicas": 1, "readyReplicas": 1, "availableReplicas": 1, "upToDateReplicas": 1, "versions": [{"version": "v1.34.1", "replicas": 1}]},
            "workers": {"desiredReplicas": 4, "replicas": 3, "readyReplicas": 2, "availableReplicas": 1, "upToDateReplicas": 0},
            "failureDomains": [{"name": "fd-1", "controlPlane": true}],
            "conditions": [
              {"type": "Available", "status": "False", "reason": "NotAvailable", "message": "* WorkersAvailable: 1 of 4", "lastTransitionTime": "2026-11-20T09:30:00Z", "observedGeneration": 3},
              {"type": "RemoteConnectionProbe", "status": "Unknown", "reason": "ProbeUnknown", "message": "", "lastTransitionTime": "2026-11-20T09:31:00Z", "observedGeneration": 3},
              {"type": "Paused", "status": "False", "reason": "NotPaused", "message": "", "lastTransitionTime": "2026-11-20T09:00:01Z", "observedGeneration": 3}
            ],
            "deprecated": {"v1beta1": {"conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-20T09:10:00Z"}]}}
          }
        }
        """).Metadata("managedFields", ManagedFields);

    public static ObjectJson ClusterLegacy => ObjectJson.Parse("""
        {
          "apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "Cluster",
          "metadata": {"name": "old-cluster", "namespace": "default", "uid": "c-2", "resourceVersion": "12", "generation": 2, "creationTimestamp": "2026-11-19T09:00:00Z"},
          "spec": {
            "controlPlaneEndpoint": {"host": "172.18.0.9", "port": 6443},
            "controlPlaneRef": {"apiVersion": "controlplane.cluster.x-k8s.io/v1beta1", "kind": "K0smotronControlPlane", "name": "old-cluster-cp", "namespace": "default"},
            "infrastructureRef": {"apiVersion": "infrastructure.cluster.x-k8s.io/v1beta1", "kind": "DockerCluster", "name": "old-cluster", "namespace": "default"},
            "topology": {"class": "quick-start", "version": "v1.29.0"}
          },
          "status": {
            "phase": "Provisioned", "observedGeneration": 2, "infrastructureReady": true, "controlPlaneReady": true,
            "failureDomains": {"fd-1": {"controlPlane": true}},
            "conditions": [
              {"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-19T09:10:00Z"},
              {"type": "ControlPlaneReady", "status": "False", "severity": "Warning", "reason": "ScalingUp", "message": "Scaling up", "lastTransitionTime": "2026-11-19T09:10:00Z"}
            ]
          }
        }
        """).Metadata("managedFields", ManagedFields);

    public static ObjectJson ClusterBetween => ObjectJson.Parse("""
        {
          "apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "Cluster",
          "metadata": {"name": "dev-cluster", "namespace": "default", "uid": "c-3", "resourceVersion": "13", "generation": 2, "creationTimestamp": "2026-11-20T09:00:00Z"},
          "spec": {"controlPlaneRef": {"apiVersion": "controlplane.cluster.x-k8s.io/v1beta1", "kind": "KubeadmControlPlane", "name": "dev-cluster-cp"}},
          "status": {
            "phase": "Provisioned", "observedGeneration": 2, "infrastructureReady": true, "controlPlaneReady": false,
            "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-20T09:10:00Z"}],
            "v1beta2": {
              "conditions": [{"type": "Available", "status": "False", "reason": "NotAvailable", "message": "workers", "lastTransitionTime": "2026-11-20T09:10:00Z"}],
              "controlPlane": {"desiredReplicas": 3, "replicas": 3, "readyReplicas": 2, "availableReplicas": 2, "upToDateReplicas": 3},
              "workers": {"desiredReplicas": 2}
            }
          }
        }
        """);

    public static ObjectJson MachineDeploymentV1Beta2 => ObjectJson.Parse("""
        {
          "apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "MachineDeployment",
          "metadata": {
            "name": "dev-cluster-md-0", "namespace": "default", "uid": "md-1", "resourceVersion": "100", "generation": 5, "creationTimestamp": "2026-11-20T09:00:00Z",
            "labels": {"cluster.x-k8s.io/cluster-name": "dev-cluster", "topology.cluster.x-k8s.io/owned": "", "topology.cluster.x-k8s.io/deployment-name": "md-0"},
            "annotations": {"cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size": "1", "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size": "10"},
            "ownerReferences": [{"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster", "name": "dev-cluster", "uid": "c-1"}]
          },
          "spec": {
            "clusterName": "dev-cluster", "replicas": 5, "paused": false,
            "rollout": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}},
            "selector": {"matchLabels": {"cluster.x-k8s.io/deployment-name": "dev-cluster-md-0"}},
            "template": {
              "metadata": {"labels": {"version": "not this one"}},
              "spec": {"clusterName": "dev-cluster", "version": "v1.34.1", "bootstrap": {"configRef": {"kind": "KubeadmConfigTemplate", "name": "b"}}, "infrastructureRef": {"kind": "DockerMachineTemplate", "name": "i"}}
            }
          },
          "status": {
            "phase": "ScalingUp", "observedGeneration": 4, "selector": "cluster.x-k8s.io/deployment-name=dev-cluster-md-0",
            "replicas": 4, "readyReplicas": 3, "availableReplicas": 2, "upToDateReplicas": 1,
            "conditions": [
              {"type": "Available", "status": "True", "reason": "Available", "message": "", "lastTransitionTime": "2026-11-20T09:30:00Z", "observedGeneration": 5},
              {"type": "ScalingUp", "status": "True", "reason": "ScalingUp", "message": "Scaling up from 4 to 5 replicas", "lastTransitionTime": "2026-11-20T09:30:00Z", "observedGeneration": 5}
            ],
            "deprecated": {"v1beta1": {"readyReplicas": 40, "updatedReplicas": 41, "availableReplicas": 42, "unavailableReplicas": 43, "conditions": [{"type": "Available", "status": "False"}]}}
          }
        }
        """).Metadata("managedFields", ManagedFields);

    public static ObjectJson MachineDeploymentLegacy => ObjectJson.Parse("""
        {
          "apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "MachineDeployment",
          "metadata": {"name": "old-md", "namespace": "default", "uid": "md-2", "resourceVersion": "7", "generation": 1, "creationTimestamp": "2026-11-20T09:00:00Z"},
          "spec": {
            "clusterName": "old-cluster", "replicas": 5, "minReadySeconds": 0, "revisionHistoryLimit": 1, "progressDeadlineSeconds": 600,
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0, "deletePolicy": "Oldest"}},
            "template": {"spec": {"clusterName": "old-cluster", "version": "v1.29.0", "nodeDrainTimeout": "5m"}}
          },
          "status": {
            "phase": "ScalingUp", "observedGeneration": 1, "replicas": 5, "readyReplicas": 4, "availableReplicas": 3, "updatedReplicas": 2, "unavailableReplicas": 2,
            "conditions": [{"type": "Available", "status": "False", "severity": "Warning", "reason": "WaitingForAvailableMachines", "message": "Minimum availability requires 5 replicas", "lastTransitionTime": "2026-11-20T09:30:00Z"}]
          }
        }
        """);

    public static ObjectJson MachineDeploymentBetween => ObjectJson.Parse("""
        {
          "apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "MachineDeployment",
          "metadata": {"name": "md", "namespace": "default", "uid": "md-3", "resourceVersion": "8", "generation": 1, "creationTimestamp": "2026-11-20T09:00:00Z"},
          "spec": {"clusterName": "dev-cluster", "replicas": 5},
          "status": {
            "phase": "Running", "observedGeneration": 1, "replicas": 5, "readyReplicas": 40, "availableReplicas": 41, "updatedReplicas": 42, "unavailableReplicas": 43,
            "conditions": [{"type": "Available", "status": "False", "severity": "Warning", "reason": "WaitingForAvailableMachines", "lastTransitionTime": "2026-11-20T09:30:00Z"}],
            "v1beta2": {
              "readyReplicas": 4, "availableReplicas": 3, "upToDateReplicas": 2,
              "conditions": [{"type": "Available", "status": "True", "reason": "Available", "message": "", "lastTransitionTime": "2026-11-20T09:30:00Z", "observedGeneration": 1}]
            }
          }
        }
        """);

    public static ObjectJson MachineV1Beta2 => ObjectJson.Parse("""
        {
          "apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Machine",
          "metadata": {
            "name": "dev-cluster-md-0-x7k2p-9ftzd", "namespace": "default", "uid": "m-1", "resourceVersion": "200", "generation": 3, "creationTimestamp": "2026-11-20T09:00:00Z",
            "deletionTimestamp": "2026-11-20T09:50:00Z", "deletionGracePeriodSeconds": 0,
            "labels": {"cluster.x-k8s.io/cluster-name": "dev-cluster", "cluster.x-k8s.io/deployment-name": "dev-cluster-md-0", "cluster.x-k8s.io/set-name": "dev-cluster-md-0-x7k2p"},
            "finalizers": ["machine.cluster.x-k8s.io", "foregroundDeletion"],
            "ownerReferences": [{"apiVersion": "cluster.x-k8s.io/v1beta2", "blockOwnerDeletion": true, "controller": true, "kind": "MachineSet", "name": "dev-cluster-md-0-x7k2p", "uid": "ms-1"}]
          },
          "spec": {
            "clusterName": "dev-cluster", "version": "v1.34.1", "providerID": "docker:////dev-cluster-md-0-x7k2p-9ftzd", "failureDomain": "fd-asked",
            "bootstrap": {"configRef": {"apiGroup": "bootstrap.cluster.x-k8s.io", "kind": "KubeadmConfig", "name": "b"}, "dataSecretName": "s"},
            "infrastructureRef": {"apiGroup": "infrastructure.cluster.x-k8s.io", "kind": "DockerMachine", "name": "i"},
            "deletion": {"nodeDeletionTimeoutSeconds": 10}
          },
          "status": {
            "phase": "Deleting", "observedGeneration": 3, "lastUpdated": "2026-11-20T09:50:01Z", "failureDomain": "fd-real",
            "nodeRef": {"name": "node-1"},
            "initialization": {"infrastructureProvisioned": true, "bootstrapDataSecretCreated": true},
            "addresses": [
              {"type": "Hostname", "address": "node-1"}, {"type": "InternalIP", "address": "172.18.0.5"}, {"type": "InternalIP", "address": "fc00::5"}, {"type": "ExternalIP", "address": "203.0.113.5"}
            ],
            "nodeInfo": {"osImage": "Debian GNU/Linux 12 (bookworm)", "kubeletVersion": "v1.34.1"},
            "deletion": {"nodeDrainStartTime": "2026-11-20T09:50:02Z"},
            "conditions": [
              {"type": "Available", "status": "False", "reason": "NotReady", "message": "", "lastTransitionTime": "2026-11-20T09:50:01Z", "observedGeneration": 3},
              {"type": "Ready", "status": "False", "reason": "NotReady", "message": "* Deleting: draining", "lastTransitionTime": "2026-11-20T09:50:01Z", "observedGeneration": 3},
              {"type": "UpToDate", "status": "True", "reason": "UpToDate", "message": "", "lastTransitionTime": "2026-11-20T09:00:01Z", "observedGeneration": 3},
              {"type": "InfrastructureReady", "status": "True", "reason": "Ready", "message": "", "lastTransitionTime": "2026-11-20T09:00:01Z", "observedGeneration": 3},
              {"type": "NodeHealthy", "status": "Unknown", "reason": "ConnectionDown", "message": "", "lastTransitionTime": "2026-11-20T09:51:01Z", "observedGeneration": 3},
              {"type": "Deleting", "status": "True", "reason": "DrainingNode", "message": "Drain not completed yet", "lastTransitionTime": "2026-11-20T09:50:01Z", "observedGeneration": 3}
            ],
            "deprecated": {"v1beta1": {"conditions": [{"type": "Ready", "status": "True"}]}}
          }
        }
        """).Metadata("managedFields", ManagedFields);

    public static ObjectJson MachineLegacy => ObjectJson.Parse("""
        {
          "apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "Machine",
          "metadata": {
            "name": "old-cp-abcde", "namespace": "default", "uid": "m-2", "resourceVersion": "201", "generation": 2, "creationTimestamp": "2026-11-20T09:00:00Z",
            "labels": {"cluster.x-k8s.io/cluster-name": "old-cluster", "cluster.x-k8s.io/control-plane": "", "cluster.x-k8s.io/control-plane-name": "old-cp"}
          },
          "spec": {
            "clusterName": "old-cluster", "version": "v1.29.0", "providerID": "docker:////old-cp-abcde", "failureDomain": "fd-1", "nodeDeletionTimeout": "10s",
            "infrastructureRef": {"apiVersion": "infrastructure.cluster.x-k8s.io/v1beta1", "kind": "DockerMachine", "name": "old-cp-abcde", "namespace": "default"}
          },
          "status": {
            "phase": "Running", "observedGeneration": 2, "lastUpdated": "2026-11-20T09:05:00Z", "bootstrapReady": true, "infrastructureReady": true,
            "nodeRef": {"apiVersion": "v1", "kind": "Node", "name": "old-cp-abcde", "uid": "n-1"},
            "addresses": [{"type": "InternalIP", "address": "172.18.0.6"}],
            "conditions": [
              {"type": "Ready", "status": "False", "severity": "Warning", "reason": "NodeConditionsFailed", "message": "Node is not ready", "lastTransitionTime": "2026-11-20T09:05:00Z"},
              {"type": "InfrastructureReady", "status": "True", "lastTransitionTime": "2026-11-20T09:05:00Z"},
              {"type": "NodeHealthy", "status": "False", "severity": "Warning", "reason": "NodeConditionsFailed", "message": "Node is not ready", "lastTransitionTime": "2026-11-20T09:05:00Z"}
            ]
          }
        }
        """);

    public static ObjectJson MachineBetween => ObjectJson.Parse("""
        {
          "apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "Machine",
          "metadata": {"name": "m", "namespace": "default", "uid": "m-3", "resourceVersion": "202", "generation": 2, "creationTimestamp": "2026-11-20T09:00:00Z"},
          "spec": {"clusterName": "dev-cluster", "version": "v1.31.0"},
          "status": {
            "phase": "Running", "observedGeneration": 2, "nodeRef": {"apiVersion": "v1", "kind": "Node", "name": "node-2", "uid": "n-2"},
            "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-20T09:05:00Z"}],
            "v1beta2": {"conditions": [
              {"type": "Available", "status": "False", "reason": "NotReady", "message": "", "lastTransitionTime": "2026-11-20T09:05:00Z", "observedGeneration": 2},
              {"type": "Ready", "status": "False", "reason": "NotReady", "message": "", "lastTransitionTime": "2026-11-20T09:05:00Z", "observedGeneration": 2},
              {"type": "UpToDate", "status": "True", "reason": "UpToDate", "message": "", "lastTransitionTime": "2026-11-20T09:05:00Z", "observedGeneration": 2}
            ]}
          }
        }
        """);

    public static ObjectJson HelmChartProxy => ObjectJson.Parse("""
        {
          "apiVersion": "addons.cluster.x-k8s.io/v1alpha1", "kind": "HelmChartProxy",
          "metadata": {"name": "nginx", "namespace": "default", "uid": "h-1", "resourceVersion": "300", "generation": 1, "creationTimestamp": "2026-11-20T09:00:00Z"},
          "spec": {
            "clusterSelector": {"matchLabels": {"ingress": "nginx"}, "matchExpressions": [{"key": "env", "operator": "In", "values": ["dev", "test"]}, {"key": "gone", "operator": "DoesNotExist"}]},
            "chartName": "ingress-nginx", "repoURL": "https://charts.example/nginx", "releaseName": "ingress", "namespace": "ingress", "version": "4.13.0", "reconcileStrategy": "Continuous",
            "valuesTemplate": "controller: {}"
          },
          "status": {
            "observedGeneration": 1, "matchingClusters": [{"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster", "name": "dev-cluster", "namespace": "default"}],
            "conditions": [{"type": "Ready", "status": "True", "reason": "Ready", "message": "", "lastTransitionTime": "2026-11-20T09:05:00Z"}]
          }
        }
        """);

    public static ObjectJson HelmReleaseProxy => ObjectJson.Parse("""
        {
          "apiVersion": "addons.cluster.x-k8s.io/v1alpha1", "kind": "HelmReleaseProxy",
          "metadata": {
            "name": "nginx-dev-cluster-7h2kd", "namespace": "default", "uid": "h-2", "resourceVersion": "301", "generation": 1, "creationTimestamp": "2026-11-20T09:00:00Z",
            "labels": {"cluster.x-k8s.io/cluster-name": "dev-cluster", "helmreleaseproxy.addons.cluster.x-k8s.io/helmchartproxy-name": "nginx"}
          },
          "spec": {"clusterRef": {"apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "Cluster", "name": "dev-cluster", "namespace": "default"}, "chartName": "ingress-nginx", "version": "4.13.0"},
          "status": {
            "observedGeneration": 1, "status": "deployed", "revision": 2,
            "conditions": [{"type": "Ready", "status": "False", "reason": "HelmReleasePending", "message": "pending", "lastTransitionTime": "2026-11-20T09:05:00Z"}]
          }
        }
        """);

    public static ObjectJson MachineSet => ObjectJson.Parse("""
        {
          "apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "MachineSet",
          "metadata": {"name": "dev-md-0-x7k2p", "namespace": "default", "uid": "ms-1", "resourceVersion": "7", "generation": 2, "creationTimestamp": "2026-11-20T09:00:00Z",
            "labels": {"cluster.x-k8s.io/cluster-name": "dev", "cluster.x-k8s.io/deployment-name": "dev-md-0", "machine-template-hash": "123-x7k2p"}},
          "spec": {"clusterName": "dev", "replicas": 3, "deletion": {"order": "Oldest"},
            "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"clusterName": "other", "version": "v1.34.1", "infrastructureRef": {"apiGroup": "infrastructure.cluster.x-k8s.io", "kind": "DockerMachineTemplate", "name": "dev-md-0"}}}},
          "status": {"observedGeneration": 2, "replicas": 3, "readyReplicas": 2, "availableReplicas": 1, "upToDateReplicas": 3, "selector": "a=b",
            "conditions": [{"type": "MachinesReady", "status": "False", "reason": "NotReady", "lastTransitionTime": "2026-11-20T09:30:00Z"}],
            "deprecated": {"v1beta1": {"readyReplicas": 40, "availableReplicas": 41, "fullyLabeledReplicas": 42}}}
        }
        """).Metadata("managedFields", ManagedFields);

    public static ObjectJson MachinePool => ObjectJson.Parse("""
        {
          "apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "MachinePool",
          "metadata": {"name": "dev-mp-0", "namespace": "default", "uid": "mp-1", "resourceVersion": "7", "generation": 1, "creationTimestamp": "2026-11-20T09:00:00Z",
            "annotations": {"cluster.x-k8s.io/replicas-managed-by": "external-autoscaler"}},
          "spec": {"clusterName": "dev", "replicas": 4, "providerIDList": ["docker:////a"],
            "template": {"spec": {"version": "v1.34.1", "infrastructureRef": {"kind": "DockerMachinePool", "name": "dev-mp-0"}}}},
          "status": {"phase": "ScalingUp", "observedGeneration": 1, "initialization": {"infrastructureProvisioned": true, "bootstrapDataSecretCreated": true},
            "nodeRefs": [{"name": "a"}], "replicas": 2, "readyReplicas": 2, "availableReplicas": 1, "upToDateReplicas": 2, "conditions": []}
        }
        """);

    public static ObjectJson KubeadmControlPlane => ObjectJson.Parse("""
        {
          "apiVersion": "controlplane.cluster.x-k8s.io/v1beta2", "kind": "KubeadmControlPlane",
          "metadata": {"name": "dev-control-plane", "namespace": "default", "uid": "kcp-1", "resourceVersion": "7", "generation": 1, "creationTimestamp": "2026-11-20T09:00:00Z",
            "labels": {"cluster.x-k8s.io/cluster-name": "dev"}},
          "spec": {"replicas": 3, "version": "v1.34.1", "kubeadmConfigSpec": {"clusterConfiguration": {}}, "machineTemplate": {"spec": {"infrastructureRef": {"kind": "DockerMachineTemplate", "name": "cp"}}}},
          "status": {"observedGeneration": 1, "initialization": {"controlPlaneInitialized": true}, "replicas": 3, "readyReplicas": 3, "availableReplicas": 2, "upToDateReplicas": 1, "version": "v1.33.5",
            "conditions": [{"type": "Available", "status": "True", "reason": "Available", "lastTransitionTime": "2026-11-20T09:30:00Z"}]}
        }
        """).Metadata("managedFields", ManagedFields);

    public static ObjectJson K0smotronControlPlaneLegacy => ObjectJson.Parse("""
        {
          "apiVersion": "controlplane.cluster.x-k8s.io/v1beta1", "kind": "K0smotronControlPlane",
          "metadata": {"name": "old-cp", "namespace": "default", "uid": "k0s-1", "resourceVersion": "7", "creationTimestamp": "2026-11-20T09:00:00Z",
            "ownerReferences": [{"apiVersion": "cluster.x-k8s.io/v1beta1", "kind": "Cluster", "name": "old", "uid": "c-2"}]},
          "spec": {"replicas": 3, "version": "v1.29.0", "service": {"type": "NodePort"}},
          "status": {"ready": true, "initialized": true, "externalManagedControlPlane": true, "replicas": 3, "readyReplicas": 2, "updatedReplicas": 2, "unavailableReplicas": 2, "version": "v1.29.0"}
        }
        """);

    public static ObjectJson MachineHealthCheck => ObjectJson.Parse("""
        {
          "apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "MachineHealthCheck",
          "metadata": {"name": "dev-mhc", "namespace": "default", "uid": "mhc-1", "resourceVersion": "7", "generation": 1, "creationTimestamp": "2026-11-20T09:00:00Z"},
          "spec": {"clusterName": "dev", "selector": {"matchLabels": {"nodepool": "a"}},
            "checks": {"nodeStartupTimeoutSeconds": 600, "unhealthyNodeConditions": [{"type": "Ready", "status": "Unknown", "timeoutSeconds": 300}]},
            "remediation": {"triggerIf": {"unhealthyLessThanOrEqualTo": "40%", "unhealthyInRange": "[1-2]"}, "templateRef": {"kind": "Remedy", "name": "r"}}},
          "status": {"observedGeneration": 1, "expectedMachines": 3, "currentHealthy": 1, "remediationsAllowed": 0, "targets": ["dev-1", "dev-2", "dev-3"],
            "conditions": [{"type": "RemediationAllowed", "status": "False", "reason": "TooManyUnhealthy", "lastTransitionTime": "2026-11-20T09:30:00Z"}]}
        }
        """);

    public static ObjectJson ClusterClass => ObjectJson.Parse("""
        {
          "apiVersion": "cluster.x-k8s.io/v1beta2", "kind": "ClusterClass",
          "metadata": {"name": "quick-start", "namespace": "default", "uid": "cc-1", "resourceVersion": "7", "generation": 1, "creationTimestamp": "2026-11-20T09:00:00Z"},
          "spec": {
            "controlPlane": {"templateRef": {"kind": "KubeadmControlPlaneTemplate", "name": "cp"}, "machineInfrastructure": {"templateRef": {"kind": "DockerMachineTemplate", "name": "m"}}},
            "infrastructure": {"templateRef": {"kind": "DockerClusterTemplate", "name": "i"}},
            "workers": {"machineDeployments": [{"class": "default-worker", "bootstrap": {}}, {"class": "big-worker"}], "machinePools": [{"class": "default-pool"}]},
            "variables": [{"name": "imageRepository", "required": true}, {"name": "podSecurityStandard"}], "kubernetesVersions": ["v1.33.5", "v1.34.1"], "patches": [{"name": "p"}]},
          "status": {"observedGeneration": 1, "conditions": [{"type": "VariablesReady", "status": "True", "reason": "VariablesReady", "lastTransitionTime": "2026-11-20T09:30:00Z"}]}
        }
        """);
}
