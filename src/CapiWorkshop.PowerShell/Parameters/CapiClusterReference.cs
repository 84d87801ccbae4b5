using System.Collections;
using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Parameters;

/// <summary>A cluster as a parameter takes it: its name, or a CapiCluster (from the pipeline, also one that came back from a job or another session).</summary>
public sealed class CapiClusterReference
{
    /// <summary>Names a cluster.</summary>
    /// <param name="name">The name; wildcards are allowed.</param>
    public CapiClusterReference(string name) => Name = name;

    /// <summary>The name; may have wildcards.</summary>
    public string Name { get; }

    /// <summary>The namespace; null where only a name was given.</summary>
    public string? Namespace { get; init; }

    /// <summary>The context it was read through; null where only a name was given.</summary>
    public string? Context { get; init; }

    /// <summary>The management cluster it lives in; null where only a name was given.</summary>
    public string? ManagementClusterId { get; init; }

    /// <summary>The Cluster's identity; null where only a name was given.</summary>
    public string? Uid { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Namespace is null ? Name : $"{Namespace}/{Name}";

    /// <summary>The filter for what belongs to this cluster.</summary>
    internal ResourceFilter Narrow(ResourceFilter filter) =>
        filter with { Cluster = Name, Namespace = Namespace ?? filter.Namespace, AllNamespaces = filter.AllNamespaces && Namespace is null };

    /// <summary>The filter for this cluster itself.</summary>
    internal ResourceFilter Select(ResourceFilter filter) =>
        filter with { Names = [Name], Namespace = Namespace ?? filter.Namespace, AllNamespaces = filter.AllNamespaces && Namespace is null };

    /// <summary>Fails where the cluster was read from another management cluster.</summary>
    internal ValueTask EnsureBelongsToAsync(ManagementCluster cluster, CancellationToken cancellationToken) =>
        ManagementClusterId is null ? ValueTask.CompletedTask : cluster.EnsureOwnsAsync(ManagementClusterId, Context, ToString(), cancellationToken);
}

/// <summary>Turns names and clusters into <see cref="CapiClusterReference"/>, and refuses everything else: a machine has a name, too, but it is no cluster.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CapiClusterReferenceAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => inputData switch
    {
        PSObject { BaseObject: IList many } => ToMany(many),
        IList many => ToMany(many),
        _ => ToOne(inputData),
    };

    private static CapiClusterReference[] ToMany(IList many) => [.. many.Cast<object>().Select(ToOne)];

    private static CapiClusterReference ToOne(object input)
    {
        PSObject wrapped = PSObject.AsPSObject(input);
        return wrapped.BaseObject switch
        {
            CapiClusterReference reference => reference,
            string name when !string.IsNullOrWhiteSpace(name) => new(name),
            CapiCluster cluster => new(cluster.Name) { Namespace = cluster.Namespace, Context = cluster.Context, ManagementClusterId = cluster.ManagementClusterId, Uid = cluster.Uid },
            _ when wrapped.TypeNames.Contains("Deserialized." + typeof(CapiCluster).FullName) && Text(wrapped, nameof(CapiCluster.Name)) is string name =>
                new(name) { Namespace = Text(wrapped, nameof(CapiCluster.Namespace)), Context = Text(wrapped, nameof(CapiCluster.Context)), ManagementClusterId = Text(wrapped, nameof(CapiCluster.ManagementClusterId)), Uid = Text(wrapped, nameof(CapiCluster.Uid)) },
            CapiResource other => throw new ArgumentTransformationMetadataException($"'{other}' is a {other.GetType().Name}, neither the name of a cluster nor a CapiCluster."),
            object other => throw new ArgumentTransformationMetadataException($"A {other.GetType().Name} is neither the name of a cluster nor a CapiCluster."),
        };
    }

    private static string? Text(PSObject wrapped, string property) => wrapped.Properties[property]?.Value as string;
}
