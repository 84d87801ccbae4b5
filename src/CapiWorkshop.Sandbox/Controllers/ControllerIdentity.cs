namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>How a controller signs its events and log lines.</summary>
/// <param name="Name">What its log lines call it.</param>
/// <param name="Component">The source of its events.</param>
/// <param name="Provider">The provider label of the pods it runs in.</param>
/// <param name="Part">Which of k0smotron's three Deployments; null for providers that have one.</param>
internal sealed record ControllerIdentity(string Name, string Component, string Provider, string? Part = null)
{
    public const string Core = "cluster-api";
    public const string KubeadmBootstrap = "bootstrap-kubeadm";
    public const string KubeadmControlPlane = "control-plane-kubeadm";
    public const string Docker = "infrastructure-docker";
    public const string Helm = "helm";
    public const string K0smotron = "k0sproject-k0smotron";
}
