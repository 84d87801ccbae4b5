[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Sandbox = Start-TestSandbox
}

AfterAll { Stop-TestSandbox $Sandbox }

Describe 'Get-CapiMachineSet' {
    It 'gives the revisions of deployments' {
        $set = Get-CapiMachineSet -Cluster dev-cluster
        $set | Should -BeOfType CapiWorkshop.Operations.CapiMachineSet
        $set.MachineDeployment | Should -Be 'dev-cluster-md-0'
        $set.DesiredReplicas, $set.Replicas, $set.ReadyReplicas | Should -Be 2, 2, 2
        (Get-CapiCluster | Get-CapiMachineSet).Cluster | Sort-Object | Should -Be 'dev-cluster', 'k0s-demo-cluster'
    }

    It 'says what is not there' {
        Assert-Problem (Get-Failure { Get-CapiMachineSet nope }) MachineSetNotFound -Command Get-CapiMachineSet -Category ObjectNotFound -Target default/nope
    }
}
