using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Parameters;

/// <summary>Takes a plan as it was made, and says why it takes no copy: what came back from a file or another process may be old, or changed by hand.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RemovalPlanAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        PSObject wrapped = PSObject.AsPSObject(inputData);
        return wrapped.BaseObject is CapiRemovalPlan plan ? plan
            : wrapped.TypeNames.Contains("Deserialized." + typeof(CapiRemovalPlan).FullName) || wrapped.Properties[nameof(CapiRemovalPlan.ManagementClusterId)] is not null
                ? throw new ArgumentTransformationMetadataException("This plan came back from a file or another process: it can be read, but not be done. Make it anew with Get-CapiRemovalPlan.")
                : throw new ArgumentTransformationMetadataException($"A {wrapped.BaseObject.GetType().Name} is not a plan. Make one with Get-CapiRemovalPlan.");
    }
}
