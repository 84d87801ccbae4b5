using CapiWorkshop.Operations.Ports;

namespace CapiWorkshop.Operations.Wire;

/// <summary>Resources that every server has, in the one version they have had for years.</summary>
internal static class CoreTypes
{
    public static ResourceType Namespace { get; } = new("", "v1", "namespaces", "Namespace");

    public static ResourceType Node { get; } = new("", "v1", "nodes", "Node");

    public static ResourceType Pod { get; } = new("", "v1", "pods", "Pod");

    public static ResourceType Event { get; } = new("", "v1", "events", "Event");

    public static ResourceType Secret { get; } = new("", "v1", "secrets", "Secret");

    public static ResourceType VolumeClaim { get; } = new("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim");

    public static ResourceType AccessReview { get; } = new("authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview");

    public static ResourceType Deployment { get; } = new("apps", "v1", "deployments", "Deployment");

    public static ResourceType ValidatingWebhook { get; } = new("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration");

    public static ResourceType MutatingWebhook { get; } = new("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration");
}
