[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Sandbox = Start-TestSandbox
    $Command = @{ Command = 'Compare-CapiFootprint' }
}

AfterAll { Stop-TestSandbox $Sandbox }

Describe 'Compare-CapiFootprint' {
    It 'counts what there is, before scaling' {
        $footprint = Compare-CapiFootprint dev-cluster k0s-demo-cluster
        $footprint | Should -BeOfType CapiWorkshop.Operations.CapiFootprint
        $footprint.ReferenceContainers, $footprint.DifferenceContainers, $footprint.ContainersSaved | Should -Be 3, 2, 1
        $footprint.ControlPlanePodsAdded | Should -Be 3
    }

    It 'finds 40 % less containers after scaling' {
        Set-CapiMachineDeploymentScale dev-cluster-md-0 4 -Wait -Timeout 60
        Set-CapiMachineDeploymentScale k0s-demo-cluster-md-0 3 -Wait -Timeout 60
        $footprint = Compare-CapiFootprint dev-cluster k0s-demo-cluster
        $footprint.ReferenceContainers, $footprint.DifferenceContainers | Should -Be 5, 3
        $footprint.ContainersSavedPercent | Should -Be 40
        $footprint.Arithmetic | Should -Be '1 control plane + 4 workers = 5; 0 control plane + 3 workers = 3; (5 - 3) / 5 = 40 %'
        $footprint.CpuSavedPercent | Should -BeOfType double
    }

    It 'takes clusters from the pipeline and with wildcards' {
        (Get-CapiCluster | Compare-CapiFootprint dev-cluster).Difference.Name | Should -Be 'dev-cluster', 'k0s-demo-cluster'
        (Compare-CapiFootprint (Get-CapiCluster dev-cluster) k0s*).Difference.Name | Should -Be 'k0s-demo-cluster'
    }

    It 'says what cannot be compared' {
        Assert-Problem (Get-Failure { Compare-CapiFootprint nope k0s-demo-cluster }) ClusterNotFound @Command -Category ObjectNotFound -Target default/nope
        Assert-Problem (Get-Failure { Compare-CapiFootprint dev-cluster nope }) ClusterNotFound @Command -Category ObjectNotFound -Target default/nope
        Assert-Problem (Get-Failure { Compare-CapiFootprint dev* k0s-demo-cluster }) InvalidPattern @Command -Category InvalidArgument -Target dev*
    }
}
