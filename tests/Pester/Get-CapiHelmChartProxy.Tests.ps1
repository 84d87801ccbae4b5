[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Sandbox = Start-TestSandbox
}

AfterAll { Stop-TestSandbox $Sandbox }

Describe 'Get-CapiHelmChartProxy' {
    It 'gives the chart, and where it goes' {
        $proxy = Get-CapiHelmChartProxy
        $proxy | Should -BeOfType CapiWorkshop.Operations.CapiHelmChartProxy
        $proxy.Name, $proxy.ChartName, $proxy.ClusterSelector | Should -Be 'nginx', 'nginx', 'environment=demo'
        $proxy.MatchingClusters | Sort-Object | Should -Be 'dev-cluster', 'k0s-demo-cluster'
        $proxy.Ready | Should -BeTrue
    }

    It 'selects by name and pattern' {
        (Get-CapiHelmChartProxy ngi*).Name | Should -Be 'nginx'
        Get-CapiHelmChartProxy none* | Should -BeNullOrEmpty
        Get-CapiHelmChartProxy -Namespace kube-system | Should -BeNullOrEmpty
        (Get-CapiHelmChartProxy -AllNamespaces).Name | Should -Be 'nginx'
    }

    It 'says that a name is not there' {
        Assert-Problem (Get-Failure { Get-CapiHelmChartProxy nope }) HelmChartProxyNotFound -Command Get-CapiHelmChartProxy -Category ObjectNotFound -Target default/nope
    }
}
