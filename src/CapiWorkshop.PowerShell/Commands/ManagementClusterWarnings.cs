using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>What a user should be told about a management cluster that was read: at most one line about rights, and one about what is not there.</summary>
internal static class ManagementClusterWarnings
{
    public static void Write(Cmdlet cmdlet, CapiManagementCluster description)
    {
        if (description.Problems.Count > 0)
        {
            cmdlet.WriteWarning($"Some facts about {description} are left empty: {string.Join(" ", description.Problems.Select(problem => problem.Message))}");
        }

        if (description.ApiVersion is null)
        {
            cmdlet.WriteWarning($"{description} does not serve Cluster API: it is not a management cluster yet. Install Cluster API there with clusterctl init.");
        }
    }
}
