[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer

    function Get-Completion([string] $Line) {
        (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches | Where-Object ResultType -EQ ParameterValue | ForEach-Object CompletionText
    }
}

Describe 'Completion of names' {
    BeforeEach {
        Skip-WithoutApiServer $Api
        if (-not $Api.Reason) {
            $null = Get-CapiCluster # the connection is there: what is measured is one list
        }
    }

    It 'knows the names behind <Line>' -ForEach @(
        @{ Line = 'Get-CapiCluster k0'; Expected = 'k0s-demo-cluster' }
        @{ Line = 'Get-CapiMachineDeployment -Name DEV'; Expected = 'dev-cluster-md-0' }
        @{ Line = 'Get-CapiMachine dev-cluster-control'; Expected = 'dev-cluster-control-plane-5nq8w' }
        @{ Line = 'Get-CapiControlPlane k0s'; Expected = 'k0s-demo-cluster-cp' }
        @{ Line = 'Get-CapiMachine -Cluster dev'; Expected = 'dev-cluster' }
        @{ Line = 'Get-CapiClusterTree k0s'; Expected = 'k0s-demo-cluster' }
        @{ Line = 'Get-CapiMachine -Namespace kube-sys'; Expected = 'kube-system' }
    ) {
        # A machine that has much to do may take longer than the second that a completion waits.
        $null = Wait-Until { (Get-Completion $Line) -eq $Expected } "$Expected behind $Line" -Seconds 30
    }

    It 'looks in the namespace that is named' {
        Get-Completion 'Get-CapiCluster -Namespace kube-system dev' | Should -BeNullOrEmpty
    }

    It 'says nothing, and soon, where there is no server: <Name>' -ForEach @(
        @{ Name = 'no such context'; Line = 'Get-CapiCluster -Context nowhere d' }
        @{ Name = 'nobody listens'; Line = 'Get-CapiCluster -Context refused d' }
        @{ Name = 'no such kubeconfig'; Line = 'Get-CapiCluster -KubeConfig /no/such/file d' }
    ) {
        $clock = [Diagnostics.Stopwatch]::StartNew()
        Get-Completion $Line | Should -BeNullOrEmpty
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 10
    }
}
