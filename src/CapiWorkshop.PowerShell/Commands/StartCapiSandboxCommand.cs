using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text.RegularExpressions;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Connections;
using CapiWorkshop.PowerShell.Parameters;
using CapiWorkshop.PowerShell.Pipeline;
using CapiWorkshop.PowerShell.Sandboxes;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Starts a management cluster of one's own on this machine and connects this runspace to it.</summary>
[Cmdlet(VerbsLifecycle.Start, "CapiSandbox", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(CapiSandbox))]
public sealed class StartCapiSandboxCommand : CapiCmdlet
{
    /// <summary>Its name, which is that of its kubeconfig context, too.</summary>
    [Parameter(Position = 0)]
    [ValidatePattern("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", Options = RegexOptions.None)]
    public string Name { get; set; } = "capi-sandbox";

    /// <summary>The port of its Kubernetes API on loopback; 0 for a free one.</summary>
    [Parameter]
    [ValidateRange(0, ushort.MaxValue)]
    public int Port { get; set; }

    /// <summary>How many seconds of its world pass in one second.</summary>
    [Parameter]
    [ValidateRange(0.001, 10000)]
    public double TimeScale { get; set; } = 1;

    /// <summary>What its world's accidents come from: the same seed gives the same world.</summary>
    [Parameter]
    public int Seed { get; set; }

    /// <summary>Lets it outlive this PowerShell.</summary>
    [Parameter]
    public SwitchParameter Detached { get; set; }

    /// <summary>How long it may take to be there.</summary>
    [Parameter]
    [Duration]
    [Alias("TimeoutSec")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    private protected override void Process()
    {
        if (SandboxRegistry.FindRunning().Any(sandbox => sandbox.Name == Name))
        {
            Throw(SandboxLauncher.AlreadyRunning(Name));
        }

        if (!ShouldProcess($"Sandbox {Name}", "Start"))
        {
            return;
        }

        SandboxRequest request = new(Name, Port, TimeScale, Seed, Detached);
        Guid runspace = Runspace.DefaultRunspace.InstanceId;
        CapiSandbox? sandbox = null;
        CapiProblem? failure = null;
        RunToEnd(async (output, token) =>
        {
            try
            {
                CapiSandbox started = await SandboxLauncher.StartAsync(request, runspace, Timeout, token).ConfigureAwait(false);
                await ConnectAsync(started, output, token).ConfigureAwait(false);
                sandbox = started;
            }
            catch (CapiProblemException e)
            {
                failure = e.Problem;
            }
        });
        if (failure is not null)
        {
            Throw(failure);
        }

        if (sandbox is not null)
        {
            WriteObject(sandbox);
        }
    }

    /// <summary>Until it is this session's, nobody else will end it.</summary>
    private async Task ConnectAsync(CapiSandbox sandbox, Output output, CancellationToken cancellationToken)
    {
        bool isOurs = false;
        try
        {
            CapiConnection connection = sandbox.Connection = KubernetesConnector.Open([sandbox.KubeConfig], sandbox.Context);
            connection.Sandbox = sandbox;
            CapiManagementCluster description = connection.Description = await connection.Cluster.Observe(this).DescribeAsync(cancellationToken).ConfigureAwait(false);
            isOurs = await output.AskAsync(() =>
            {
                ManagementClusterWarnings.Write(this, description);
                RunspaceConnections.Current.MakeDefault(connection);
                SandboxRegistry.Add(sandbox);
                sandbox.OnEnded(connection.Close);
                return true;
            }).ConfigureAwait(false);
        }
        finally
        {
            if (!isOurs)
            {
                sandbox.Connection?.Close();
                sandbox.Stop();
            }
        }
    }
}
