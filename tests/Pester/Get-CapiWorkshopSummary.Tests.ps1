[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Sandbox = Start-TestSandbox
}

AfterAll { Stop-TestSandbox $Sandbox }

Describe 'Get-CapiWorkshopSummary' {
    It 'has 90 minutes, which are those of its modules' {
        $summary = Get-CapiWorkshopSummary
        $summary | Should -BeOfType CapiWorkshop.Operations.CapiWorkshopSummary
        $summary.Minutes | Should -Be 90
        ($summary.Modules.Minutes | Measure-Object -Sum).Sum | Should -Be 90
    }

    It 'counts what was built' {
        Set-CapiMachineDeploymentScale dev-cluster-md-0 4 -Wait -Timeout 60
        Set-CapiMachineDeploymentScale k0s-demo-cluster-md-0 3 -Wait -Timeout 60
        $summary = Get-CapiWorkshopSummary
        $summary.Clusters.Name | Should -Be 'dev-cluster', 'k0s-demo-cluster'
        $summary.Nodes, $summary.ControlPlaneMachines, $summary.WorkerMachines, $summary.ControlPlanePods | Should -Be 8, 1, 7, 3
        $summary.Applications.Cluster | Should -Be 'dev-cluster', 'k0s-demo-cluster'
        $text = $summary | Out-String -Width 200
        $text | Should -Match '90 minutes'
        $text | Should -Match '8 nodes: 1 control plane and 7 worker machines'
        $text | Should -Match '2 applications: nginx in dev-cluster'
    }

    It 'counts nothing after the cleanup, and still tells what was taught' {
        $null = Remove-CapiWorkshop -Force -Timeout 60
        $summary = Get-CapiWorkshopSummary
        $summary.Clusters.Count, $summary.Nodes, $summary.ControlPlanePods, $summary.Applications.Count | Should -Be 0, 0, 0, 0
        $summary.Minutes | Should -Be 90
    }
}
