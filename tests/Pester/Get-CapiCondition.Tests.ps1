[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    if (-not $Api.Reason) {
        $Space = Add-TestNamespace $Api
        Add-TestMachine $Api $Space fine
        Add-TestMachine $Api $Space waiting -State Provisioning
    }
}

Describe 'Get-CapiCondition' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'gives a row a condition, which says of what it is' {
        $machine = Get-CapiMachine fine -Namespace $Space
        $rows = $machine | Get-CapiCondition
        $rows | Should -BeOfType CapiWorkshop.Operations.CapiResourceCondition
        $rows.Type | Should -Be $machine.Conditions.Type
        $rows.Name | Select-Object -Unique | Should -Be 'fine'
        $rows.Kind | Select-Object -Unique | Should -Be 'Machine'
        $rows.Namespace | Select-Object -Unique | Should -Be $Space
        $rows[0].Age | Should -BeOfType timespan
    }

    It 'takes objects of several kinds in one pipeline' {
        $rows = & { Get-CapiCluster dev-cluster; Get-CapiMachineDeployment dev-cluster-md-0; Get-CapiMachine waiting -Namespace $Space } | Get-CapiCondition
        $rows.Kind | Select-Object -Unique | Should -Be 'Cluster', 'MachineDeployment', 'Machine'
    }

    It 'selects by type, with wildcards, whatever the case' {
        (Get-CapiCluster dev-cluster | Get-CapiCondition *available).Type | Should -Be 'Available', 'ControlPlaneAvailable', 'WorkersAvailable'
        Get-CapiCluster dev-cluster | Get-CapiCondition NoSuchType | Should -BeNullOrEmpty
    }

    It 'gives only what asks for attention where that is asked for' {
        $all = Get-CapiMachine -Namespace $Space | Get-CapiCondition
        $abnormal = Get-CapiMachine -Namespace $Space | Get-CapiCondition -Condition Abnormal
        $abnormal.Name | Select-Object -Unique | Should -Be 'waiting'
        $abnormal.Type | Should -Contain 'Ready'
        $abnormal.Type | Should -Not -Contain 'Paused' -Because 'that one is False when all is well'
        @($abnormal).Count | Should -Be @($all | Where-Object IsAbnormal).Count
    }

    It 'takes nothing but objects of Cluster API, and asks for nothing' {
        $mark = Get-ApiRequestMark $Api
        (Get-Failure { 'dev-cluster' | Get-CapiCondition }).FullyQualifiedErrorId | Should -Match 'InputObjectNotBound'
        @(Get-ApiRequest $Api $mark).Count | Should -Be 0
    }
}
