[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Sandbox = Start-TestSandbox
}

AfterAll { Stop-TestSandbox $Sandbox }

Describe 'Get-CapiHelmReleaseProxy' {
    It 'gives one release a cluster' {
        $releases = Get-CapiHelmReleaseProxy
        $releases | Should -BeOfType CapiWorkshop.Operations.CapiHelmReleaseProxy
        $releases.Cluster | Sort-Object | Should -Be 'dev-cluster', 'k0s-demo-cluster'
        $releases.HelmChartProxy | Should -Be 'nginx', 'nginx'
        $releases.Ready | Should -Be $true, $true
        $releases.Revision | Should -Be 1, 1
        $releases.Status | Should -Be 'deployed', 'deployed'
    }

    It 'selects by cluster, from the pipeline too' {
        (Get-CapiHelmReleaseProxy -Cluster dev*).Cluster | Should -Be 'dev-cluster'
        (Get-CapiCluster k0s-demo-cluster | Get-CapiHelmReleaseProxy).Cluster | Should -Be 'k0s-demo-cluster'
    }

    It 'says what is not there' {
        Assert-Problem (Get-Failure { Get-CapiHelmReleaseProxy nope }) HelmReleaseProxyNotFound -Command Get-CapiHelmReleaseProxy -Category ObjectNotFound -Target default/nope
        Assert-Problem (Get-Failure { Get-CapiHelmReleaseProxy -Cluster nope }) ClusterNotFound -Command Get-CapiHelmReleaseProxy -Category ObjectNotFound -Target default/nope
    }
}
