using System.Management.Automation;
using System.Management.Automation.Runspaces;
using CapiWorkshop.PowerShell.Connections;
using CapiWorkshop.PowerShell.Sandboxes;

namespace CapiWorkshop.PowerShell.Loading;

/// <summary>What happens when the module comes and goes. Importing reads no file but the module's own, opens no socket and prints nothing.</summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static bool _attached;

    /// <inheritdoc/>
    public void OnImport()
    {
        // An assembly stays when its module is removed, and so does the way to its dependencies.
        if (!_attached)
        {
            _attached = true;
            DependencyLoadContext.Attach(typeof(ModuleLifetime).Assembly);
        }
    }

    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        RunspaceConnections.Current.CloseAll();
        SandboxRegistry.StopThoseOf(Runspace.DefaultRunspace.InstanceId);
    }
}
