using System.Collections.ObjectModel;
using System.Management.Automation;

namespace CapiWorkshop.PowerShell.Pipeline;

/// <summary>Conditions that users give as script blocks. Only on the pipeline thread.</summary>
internal static class ScriptBlocks
{
    /// <summary>Whether a script block says something true of an object, which it sees as <c>$_</c>.</summary>
    public static bool IsTrueFor(this ScriptBlock condition, object item)
    {
        Collection<PSObject> said = condition.InvokeWithContext(null, [new PSVariable("_", item)]);
        return said.Count > 1 || (said.Count == 1 && LanguagePrimitives.IsTrue(said[0]));
    }
}
