<#
.SYNOPSIS
    Checks that the workshop was done and that nothing is left of it, as Pester tests.
.DESCRIPTION
    The checks of Test-CapiWorkshop, one test each, against any management cluster.
.PARAMETER Context
    The kubeconfig context of the management cluster. Without it the session's connection is used, else the kubeconfig's current context.
.PARAMETER KubeConfig
    The kubeconfig file. Without it those that kubectl would use.
.PARAMETER Namespace
    The namespace of the workshop. Without it that of the context.
.PARAMETER StatePath
    A file that Export-CapiWorkshopState wrote before the cleanup. Without it what was scaled and deployed is looked for in what there is now, and skipped where there is no cluster.
.PARAMETER Stage
    The parts of the workshop to check: Scaling, Monitoring, Automation, Cleanup or All.
.PARAMETER ExpectedReplicas
    The workers that were to be there, of cluster, namespace/cluster or namespace/cluster/deployment.
.EXAMPLE
    $data = @{ Context = 'kind-capi-management'; StatePath = './state.json'; ExpectedReplicas = @{ 'dev-cluster' = 4 } }
    $path = Join-Path (Get-Module CapiWorkshop -ListAvailable)[0].ModuleBase 'validation/CapiWorkshop.Validation.Tests.ps1'
    Invoke-Pester -Container (New-PesterContainer -Path $path -Data $data) -Output Detailed
#>
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSReviewUnusedParameter', '', Justification = 'Pester runs its blocks in one scope.')]
param(
    [string] $Context,
    [string] $KubeConfig,
    [string] $Namespace,
    [string] $StatePath,
    [ValidateSet('All', 'Scaling', 'Monitoring', 'Automation', 'Cleanup')]
    [string[]] $Stage = 'All',
    [hashtable] $ExpectedReplicas = @{ 'dev-cluster' = 4; 'k0s-demo-cluster' = 3 }
)

BeforeDiscovery {
    $byStage = [ordered] @{
        Scaling    = @($ExpectedReplicas.Keys | Sort-Object | ForEach-Object { "Scaled:$_" }) + 'Scaling'
        Monitoring = 'Monitoring'
        Automation = 'Applications'
        Cleanup    = 'Cleanup', 'NoClusters', 'NoMachines', 'NoHelmReleases', 'ManagementCluster'
    }
    $Checks = @($byStage.Keys | Where-Object { $Stage -contains 'All' -or $Stage -contains $_ } | ForEach-Object { $byStage[$_] })
}

BeforeAll {
    # From the module that this file was shipped with, where it is; else from the one that is there.
    $own = Join-Path $PSScriptRoot '../CapiWorkshop.psd1'
    Import-Module ((Get-Module CapiWorkshop) ?? ((Test-Path $own) ? $own : 'CapiWorkshop'))

    $parameters = @{ ExpectedReplicas = $ExpectedReplicas; Stage = $Stage }
    foreach ($name in 'Context', 'KubeConfig', 'Namespace', 'StatePath') {
        $value = Get-Variable $name -ValueOnly
        if ($value) { $parameters[$name] = $value }
    }

    $Results = @{}
    Test-CapiWorkshop @parameters -ErrorAction Stop | ForEach-Object { $Results[$_.Name] = $_ }
}

Describe 'The workshop' {
    It 'passes: <_>' -ForEach $Checks {
        $result = $Results[$_]
        $result | Should -Not -BeNullOrEmpty -Because 'it is one of the checks'
        if ($result.Status -eq 'Skipped') {
            Set-ItResult -Skipped -Because $result.Message
        }

        $result.Status | Should -Be 'Passed' -Because "$($result.Title): $($result.Message)"
    }

    It 'has no other checks' -ForEach @(@{ Names = $Checks }) {
        $Results.Keys | Sort-Object | Should -Be ($Names | Sort-Object)
    }
}
