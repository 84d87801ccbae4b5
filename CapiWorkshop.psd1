@{
    RootModule           = 'CapiWorkshop.PowerShell.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '6d0f9d43-1c65-4a0a-9a38-5c2a2f7b0b7e'
    Author               = 'The CapiWorkshop contributors'
    CompanyName          = 'CapiWorkshop'
    Copyright            = '(c) 2026 The CapiWorkshop contributors. MIT licence.'
    Description          = 'Operates Cluster API (CAPI) management clusters: scale workers, watch machines, wait for them; typed objects that pipe into each other.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('CapiWorkshop.Format.ps1xml')
    CmdletsToExport      = @(
        'Compare-CapiFootprint'
        'Compare-CapiWorkshopState'
        'Connect-CapiManagementCluster'
        'Disconnect-CapiManagementCluster'
        'Export-CapiWorkshopState'
        'Find-CapiProblem'
        'Get-CapiCluster'
        'Get-CapiClusterClass'
        'Get-CapiClusterTree'
        'Get-CapiCondition'
        'Get-CapiControlPlane'
        'Get-CapiHelmChartProxy'
        'Get-CapiHelmReleaseProxy'
        'Get-CapiMachine'
        'Get-CapiMachineDeployment'
        'Get-CapiMachineHealthCheck'
        'Get-CapiMachinePool'
        'Get-CapiMachineSet'
        'Get-CapiManagementCluster'
        'Get-CapiProvider'
        'Get-CapiRemovalPlan'
        'Get-CapiResourceUsage'
        'Get-CapiSandbox'
        'Get-CapiWorkshopSummary'
        'Import-CapiWorkshopState'
        'Remove-CapiCluster'
        'Remove-CapiWorkshop'
        'Repair-CapiStuckResource'
        'Set-CapiMachineDeploymentScale'
        'Start-CapiSandbox'
        'Stop-CapiSandbox'
        'Test-CapiWorkshop'
        'Wait-CapiMachineDeployment'
        'Watch-CapiMachine'
        'Watch-CapiResourceUsage'
    )
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    PrivateData          = @{
        PSData = @{
            Tags       = @('ClusterAPI', 'CAPI', 'Kubernetes', 'k0smotron', 'PSEdition_Core', 'Linux', 'MacOS', 'Windows')
            LicenseUri = 'https://opensource.org/license/mit'
        }
    }
}
