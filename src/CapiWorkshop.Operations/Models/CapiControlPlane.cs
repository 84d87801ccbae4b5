namespace CapiWorkshop.Operations;

/// <summary>The control plane of a cluster, whoever provides it: what all of them say of themselves.</summary>
public sealed record CapiControlPlane : CapiScalableResource
{
    internal const string HostedKind = "K0smotronControlPlane";

    private const string Suffix = "ControlPlane";

    private readonly string _kind;

    internal CapiControlPlane(string kind) => _kind = kind;

    /// <summary>The kind as it is spelled in manifests, such as <c>KubeadmControlPlane</c> or <c>K0smotronControlPlane</c>.</summary>
    public override string Kind => _kind;

    /// <summary>Who provides it, by its kind, such as <c>Kubeadm</c>, <c>K0smotron</c> or <c>K0s</c>.</summary>
    public string Provider => _kind.EndsWith(Suffix, StringComparison.Ordinal) ? _kind[..^Suffix.Length] : _kind;

    /// <summary>Whether it works, by its <c>Available</c> condition; in v1beta1, where there is none, by <c>status.ready</c>.</summary>
    public bool? Available { get; internal init; }

    /// <summary>Whether it has once been up; it never goes back.</summary>
    public bool? Initialized { get; internal init; }

    /// <summary>Whether it runs outside the cluster, as Pods of the management cluster or as somebody's service: then it has no machines.</summary>
    public bool IsHosted { get; internal init; }

    /// <summary>The version that it runs, the oldest where there are several; null where it does not say.</summary>
    public string? RunningVersion { get; internal init; }
}
