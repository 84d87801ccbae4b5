using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Pipeline;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Gets the conditions of objects, one row a condition. Asks nobody: objects have theirs with them.</summary>
[Cmdlet(VerbsCommon.Get, "CapiCondition")]
[OutputType(typeof(CapiResourceCondition))]
public sealed class GetCapiConditionCommand : CapiCmdlet
{
    private WildcardPattern[] _types = [];

    /// <summary>The objects, from the pipeline.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyCollection]
    public CapiResource[] InputObject { get; set; } = [];

    /// <summary>The types of conditions, such as <c>Available</c>; wildcards are allowed.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Type { get; set; } = ["*"];

    /// <summary>Whether to get all conditions, or only those that ask for attention.</summary>
    [Parameter]
    public CapiConditionFilter Condition { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing() => _types = [.. Type.Select(type => WildcardPattern.Get(type, WildcardOptions.IgnoreCase))];

    private protected override void Process() => WriteObject(
        InputObject.SelectMany(CapiResourceCondition.Of)
            .Where(row => (row.IsAbnormal || Condition == CapiConditionFilter.All) && Array.Exists(_types, type => type.IsMatch(row.Type))),
        enumerateCollection: true);
}
