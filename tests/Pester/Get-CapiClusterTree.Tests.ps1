[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
}

Describe 'Get-CapiClusterTree' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'gives what a cluster consists of, from the top down' {
        $rows = Get-CapiClusterTree dev-cluster -Expand
        $rows | Should -BeOfType CapiWorkshop.Operations.CapiClusterTreeNode
        $rows[0].Kind, $rows[0].Name, $rows[0].Depth | Should -Be 'Cluster', 'dev-cluster', 0
        $rows.Kind | Should -Contain 'DockerCluster'
        $rows.Kind | Should -Contain 'KubeadmControlPlane'
        $rows.Kind | Should -Contain 'HelmReleaseProxy'
        ($rows | Where-Object Name -EQ 'dev-cluster-control-plane-5nq8w').Parent | Should -Be 'KubeadmControlPlane/dev-cluster-control-plane'
        @($rows | Where-Object Parent -EQ 'MachineDeployment/dev-cluster-md-0').Count | Should -Be 2
    }

    It 'makes machines in the same state one row' {
        $row = Get-CapiClusterTree dev-cluster | Where-Object Parent -EQ 'MachineDeployment/dev-cluster-md-0'
        $row.Name | Should -Be '2 Machines'
        $row.Count | Should -Be 2
        $row.Names | Should -Be (Get-CapiMachine dev-cluster-md-0-*).Name
    }

    It 'asks for one list a kind, for all clusters together' {
        $null = Get-CapiCluster
        foreach ($look in { Get-CapiClusterTree }, { Get-CapiClusterTree dev-cluster }, { Get-CapiCluster | Get-CapiClusterTree }) {
            $mark = Get-ApiRequestMark $Api
            $null = & $look
            $sent = @(Get-ApiRequest $Api $mark | Where-Object Uri -Match '/namespaces/default/')
            $sent.Count | Should -BeGreaterThan 8
            $sent.Count | Should -BeLessOrEqual 14
            @($sent | Where-Object { $_.Verb -ne 'list' -and $_.Uri -notmatch '/clusters/dev-cluster$' }) | Should -BeNullOrEmpty
        }
    }

    It 'takes clusters from the pipeline, and nothing of an empty one' {
        (Get-CapiCluster k0s-demo-cluster | Get-CapiClusterTree)[0].Name | Should -Be 'k0s-demo-cluster'
        Get-CapiCluster no-such-* | Get-CapiClusterTree | Should -BeNullOrEmpty
        @('dev-cluster', 'k0s-demo-cluster' | Get-CapiClusterTree | Where-Object Depth -EQ 0).Count | Should -Be 2
    }

    It 'shows conditions where they are asked for' {
        $all = Get-CapiClusterTree dev-cluster -Condition All | Where-Object Kind -EQ 'Condition'
        ($all | Where-Object Parent -EQ 'Cluster/dev-cluster').Name | Should -Be (Get-CapiCluster dev-cluster).Conditions.Type
        @(Get-CapiClusterTree dev-cluster -Condition Abnormal | Where-Object Kind -EQ 'Condition').Count | Should -BeLessThan $all.Count
    }

    It 'stays useful as JSON and in a filter' {
        $read = Get-CapiClusterTree dev-cluster -Expand | ConvertTo-Json -Depth 3 -WarningAction Stop | ConvertFrom-Json
        ($read | Where-Object Kind -EQ 'MachineDeployment').Parent | Should -Be 'Workers/Workers'
        ($read | Where-Object Depth -EQ 0).Replicas.Desired | Should -Be 3
    }

    It 'says what is not there' {
        Assert-Problem (Get-Failure { Get-CapiClusterTree nope }) ClusterNotFound -Command Get-CapiClusterTree -Category ObjectNotFound -Target default/nope
    }
}

Describe 'The tree of a workshop' {
    BeforeAll { $Sandbox = Start-TestSandbox }

    AfterAll { Stop-TestSandbox $Sandbox }

    It 'is drawn within 80 columns' {
        $PSStyle.OutputRendering = 'PlainText'
        $lines = (Get-CapiClusterTree | Out-String -Width 80) -split '\r?\n'
        $lines | Where-Object { $_.Length -gt 80 -or $_ -match '\u2026' } | Should -BeNullOrEmpty
        ($lines -match '^Name\b')[0].Trim() -split '\s+' | Should -BeExactly 'Name', 'Replicas', 'Ready', 'Since', 'Status'
        @($lines -match '^\u2502 \u2514\u2500MachineDeployment/dev-cluster-md-0\s+2/2\s+True\s+\S+\s+\w+\s*$').Count | Should -Be 1 -Because ($lines -join "`n")
        @($lines -match '\u2500HelmReleaseProxy/nginx-k0s-demo-cluster-\w+\s+True\s+\S+\s+deployed\s*$').Count | Should -Be 1 -Because ($lines -join "`n")
    }
}
