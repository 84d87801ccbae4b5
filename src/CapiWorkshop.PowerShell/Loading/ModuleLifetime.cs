using System.Management.Automation;
using CapiWorkshop.PowerShell.Connections;

namespace CapiWorkshop.PowerShell.Loading;

/// <summary>What happens when the module comes and goes. Importing reads no file but the module's own, opens no socket and prints nothing.</summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static Action? _detach;

    /// <inheritdoc/>
    public void OnImport() => _detach ??= DependencyLoadContext.Attach(typeof(ModuleLifetime).Assembly);

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => RunspaceConnections.Current.CloseAll();
}
