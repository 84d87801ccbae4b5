[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
}

Describe 'Get-CapiControlPlane' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'gives those of all providers as one kind of object' {
        $planes = Get-CapiControlPlane | Sort-Object Name
        $planes | Should -BeOfType CapiWorkshop.Operations.CapiControlPlane
        $planes.Kind | Should -Be 'KubeadmControlPlane', 'K0smotronControlPlane'
        $planes.Provider | Should -Be 'Kubeadm', 'K0smotron'
        $planes.IsHosted | Should -Be $false, $true
        $planes.Cluster | Should -Be 'dev-cluster', 'k0s-demo-cluster'
        $planes[0].Initialized | Should -BeTrue
        "$($planes[0])" | Should -Be 'default/dev-cluster-control-plane'
    }

    It 'selects by name, wildcard and cluster, from the pipeline too' {
        (Get-CapiControlPlane k0s-demo-cluster-cp).Name | Should -Be 'k0s-demo-cluster-cp'
        (Get-CapiControlPlane dev-*).Name | Should -Be 'dev-cluster-control-plane'
        (Get-CapiCluster k0s-demo-cluster | Get-CapiControlPlane).Kind | Should -Be 'K0smotronControlPlane'
    }

    It 'says what is not there' {
        Assert-Problem (Get-Failure { Get-CapiControlPlane nope }) ControlPlaneNotFound -Command Get-CapiControlPlane -Category ObjectNotFound -Target default/nope
        Assert-Problem (Get-Failure { Get-CapiControlPlane -Cluster nope }) ClusterNotFound -Command Get-CapiControlPlane -Category ObjectNotFound -Target default/nope
    }

    It 'asks for one list a kind' {
        $mark = Get-ApiRequestMark $Api
        $null = Get-CapiControlPlane
        @(Get-ApiRequest $Api $mark | Where-Object { $_.Uri -match 'controlplanes' }).Verb | Should -Be 'list', 'list', 'list'
    }
}
