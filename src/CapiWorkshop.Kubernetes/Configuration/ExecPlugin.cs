namespace CapiWorkshop.Kubernetes.Configuration;

/// <summary>Whether a plugin may, or must, talk to whoever sits at the terminal.</summary>
internal enum ExecInteraction
{
    /// <summary>It never asks.</summary>
    Never,

    /// <summary>It asks where there is a terminal, and does without where there is none.</summary>
    IfAvailable,

    /// <summary>It cannot do without a terminal.</summary>
    Always,
}

/// <summary>A program that a kubeconfig names for getting credentials (client.authentication.k8s.io). May hold secrets in its arguments and variables: never printed.</summary>
internal sealed class ExecPlugin
{
    /// <summary>The protocol, as the program is told it and must answer it.</summary>
    public required string ApiVersion { get; init; }

    /// <summary>A path, or the bare name of a program on <c>PATH</c>.</summary>
    public required string Command { get; init; }

    /// <summary>The kubeconfig's name for the user, for messages.</summary>
    public required string User { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables that are added to one's own.</summary>
    public IReadOnlyList<(string Name, string Value)> Environment { get; init; } = [];

    /// <summary>What to do where the program is not there.</summary>
    public string? InstallHint { get; init; }

    public ExecInteraction Interaction { get; init; }

    /// <summary>The cluster as the program is told it, JSON; null where it is told nothing of it.</summary>
    public string? Cluster { get; init; }
}
