using System.Collections;
using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Parameters;

/// <summary>An object that does not go away, as it comes from the pipeline.</summary>
public sealed class StuckReference
{
    internal StuckReference(StuckObject target, string managementClusterId, string? context)
    {
        Target = target;
        ManagementClusterId = managementClusterId;
        Context = context;
    }

    /// <summary>The object.</summary>
    public StuckObject Target { get; }

    /// <summary>The management cluster it lives in.</summary>
    public string ManagementClusterId { get; }

    /// <summary>The context it was read through; null where none was used.</summary>
    public string? Context { get; }

    /// <inheritdoc/>
    public override string ToString() => Target.ToString();
}

/// <summary>Turns what a removal left, and objects of Cluster API, into <see cref="StuckReference"/>. What came back from another process is read anew by its name.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class StuckReferenceAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => inputData switch
    {
        PSObject { BaseObject: IList many } => ToMany(many),
        IList many => ToMany(many),
        _ => ToMany(new[] { inputData }),
    };

    private static StuckReference[] ToMany(IEnumerable many) => [.. many.Cast<object>().SelectMany(Of)];

    /// <summary>Of a result, the culprits that still have something to take off: what merely waits for them goes by itself when they are gone.</summary>
    private static IEnumerable<StuckReference> Of(object input) => PSObject.AsPSObject(input).BaseObject switch
    {
        StuckReference reference => [reference],
        CapiRemovalResult result => result.Remaining.Where(item => item.IsDeleting && item.Finalizers.Count > 0 && result.StuckReasons.Any(reason => reason.Subject == item.ToString())).Select(ToOne),
        CapiRemainingObject item => [ToOne(item)],
        CapiResource resource => [new(new(Qualified(resource.GetType().Name["Capi".Length..], resource.ApiVersion), resource.Name, resource.Namespace, resource.Uid), resource.ManagementClusterId, resource.Context)],
        object other => throw new ArgumentTransformationMetadataException($"A {other.GetType().Name} is neither an object of Cluster API nor what a removal left. Name it with -Kind and -Name."),
    };

    private static StuckReference ToOne(CapiRemainingObject item) => item.ApiVersion is null
        ? throw new ArgumentTransformationMetadataException($"{item} is no object of the management cluster: nothing is taken off it.")
        : new(new(Qualified(item.Kind, item.ApiVersion), item.Name, item.Namespace, item.Uid), item.ManagementClusterId, item.Context);

    /// <summary>With its group: k0smotron has a Cluster of its own.</summary>
    private static string Qualified(string kind, string apiVersion) => apiVersion.Split('/', 2) is [string group, _] ? $"{kind}.{group}" : kind;
}
