using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Saves what there is now in a file: clusters, deployments, machines, Helm releases and containers; never a secret.</summary>
[Cmdlet(VerbsData.Export, "CapiWorkshopState", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(CapiWorkshopState))]
public sealed class ExportCapiWorkshopStateCommand : ScopedCommand
{
    /// <summary>The file; replaced where it exists.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [Alias("PSPath", "FilePath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>Refuses to replace a file.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Emits what was saved.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Process()
    {
        ManagementCluster management = ManagementCluster;
        ResourceFilter scope = Scope;
        string path = GetUnresolvedProviderPathFromPSPath(Path);
        if (!ShouldProcess(path, $"Save the state of {management.Endpoint}"))
        {
            return;
        }

        Start(async (output, token) =>
        {
            CapiWorkshopState state = await management.TakeStateAsync(scope, EngineOpener, token).ConfigureAwait(false);
            await WorkshopStateFile.WriteAsync(path, state, replace: !NoClobber, token).ConfigureAwait(false);
            if (state.Containers is null)
            {
                output.Warn("No container engine answered: the containers are left out.");
            }

            if (PassThru)
            {
                await output.WriteAsync((object)state).ConfigureAwait(false);
            }
        });
    }
}
