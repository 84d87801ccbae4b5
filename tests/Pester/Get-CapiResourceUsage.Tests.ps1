[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Sandbox = Start-TestSandbox
    $Rows = Get-CapiResourceUsage -WarningVariable Warnings
    $Command = @{ Command = 'Get-CapiResourceUsage' }

    # The kubeconfig of a workload cluster, from the secret that CAPI keeps for it.
    function Save-KubeConfig([string] $Cluster) {
        $file = Join-Path $TestDrive $Cluster
        $secret = Invoke-Kubectl $Sandbox.KubeConfig get secret "$Cluster-kubeconfig" -o 'jsonpath={.data.value}'
        [IO.File]::WriteAllBytes($file, [Convert]::FromBase64String($secret))
        $file
    }
}

AfterAll { Stop-TestSandbox $Sandbox }

Describe 'Get-CapiResourceUsage' {
    It 'gives a row for the management cluster and one for each workload cluster' {
        $Rows.Name | Should -Be $Sandbox.Name, 'dev-cluster', 'k0s-demo-cluster'
        $Rows.Scope | Should -Be 'ManagementCluster', 'WorkloadCluster', 'WorkloadCluster'
        $Rows | Should -BeOfType CapiWorkshop.Operations.CapiResourceUsage
        @($Rows.SampledAt | Select-Object -Unique).Count | Should -Be 1
        $Warnings | Should -BeNullOrEmpty
    }

    It 'gives numbers, and none is missing' {
        foreach ($row in $Rows) {
            $row.IsComplete | Should -BeTrue
            $row.Nodes, $row.Pods, $row.Containers, $row.LoadBalancers, $row.ControlPlanePods | Should -BeOfType int
            $row.CpuPercent | Should -BeOfType double
            $row.CpuPercent | Should -BeGreaterThan 0
            $row.MemoryBytes | Should -BeOfType long
            $row.MemoryBytes | Should -BeGreaterThan 1MB
        }
    }

    It 'counts what the workshop has' {
        $Rows.Containers | Should -Be 1, 3, 2
        $Rows.LoadBalancers | Should -Be 0, 1, 0
        $Rows.ControlPlanePods | Should -Be 0, 0, 3
        $Rows.Nodes | Should -Be 1, 3, 2
    }

    It 'counts nodes and pods as kubectl does' {
        Skip-Without kubectl
        foreach ($row in $Rows) {
            $file = $row.Cluster ? (Save-KubeConfig $row.Cluster) : $Sandbox.KubeConfig
            @(Invoke-Kubectl $file get nodes -o name).Count | Should -Be $row.Nodes
            @(Invoke-Kubectl $file get pods --all-namespaces -o name).Count | Should -Be $row.Pods
        }
    }

    It 'counts containers as docker does' {
        Skip-Without docker
        foreach ($row in $Rows | Where-Object Cluster) {
            $found = docker -H $Sandbox.EngineAddress ps --quiet --filter "label=io.x-k8s.kind.cluster=$($row.Cluster)"
            @($found).Count | Should -Be ($row.Containers + $row.LoadBalancers)
        }
    }

    It 'measures the clusters of the pipeline alone, and nothing where there are none' {
        (Get-CapiCluster | Get-CapiResourceUsage).Name | Should -Be 'dev-cluster', 'k0s-demo-cluster'
        Get-CapiCluster none* | Get-CapiResourceUsage | Should -BeNullOrEmpty
    }

    It 'takes names and wildcards' {
        (Get-CapiResourceUsage k0s*).Name | Should -Be 'k0s-demo-cluster'
        (Get-CapiResourceUsage k0s-demo-cluster, dev-cluster).Name | Sort-Object | Should -Be 'dev-cluster', 'k0s-demo-cluster'
    }

    It 'says that a cluster is not there, and measures the others' {
        $problem = Get-Failure { $script:others = Get-CapiResourceUsage nope, dev-cluster }
        Assert-Problem $problem ClusterNotFound @Command -Category ObjectNotFound -Target default/nope
        $others.Name | Should -Be 'dev-cluster'
    }

    It 'leaves empty what no engine tells, and says so once' {
        $run = Invoke-Script {
            $env:DOCKER_HOST = 'unix:///there/is/no/engine.sock'
            try {
                Get-CapiResourceUsage -KubeConfig $File
            }
            finally {
                $env:DOCKER_HOST = $Before
            }
        } -Variables @{ File = Copy-KubeConfig $Sandbox; Before = $env:DOCKER_HOST }
        $run.Errors | Should -BeNullOrEmpty
        $run.Output.Count | Should -Be 3
        foreach ($row in $run.Output) {
            $null -eq $row.Containers -and $null -eq $row.CpuPercent -and $null -eq $row.MemoryBytes | Should -BeTrue
            $row.Missing | Should -Be 'Containers', 'LoadBalancers', 'CpuPercent', 'MemoryBytes'
            $row.Problems.Id | Should -Be 'EngineNotFound'
            $row.Nodes | Should -BeGreaterThan 0
        }

        $run.Warnings.Count | Should -Be 1
        $run.Warnings[0].Message | Should -Match 'engine'
    }
}

Describe 'A cluster whose kubeconfig is gone' {
    BeforeAll {
        if (Get-Command kubectl -CommandType Application -ErrorAction Ignore) {
            # Its controller would make another one.
            $null = Invoke-Kubectl $Sandbox.KubeConfig patch cluster dev-cluster --type merge -p '{"spec":{"paused":true}}'
            $null = Invoke-Kubectl $Sandbox.KubeConfig delete secret dev-cluster-kubeconfig
            # Another connection: the first one has the cluster's API open and needs no secret.
            $Run = Invoke-Script { Get-CapiResourceUsage -KubeConfig $File } -Variables @{ File = $Sandbox.KubeConfig }
            $Row = $Run.Output | Where-Object Name -EQ dev-cluster
        }
    }

    It 'has no nodes and pods, and everything else' {
        Skip-Without kubectl
        $null -eq $Row.Nodes -and $null -eq $Row.Pods | Should -BeTrue
        $Row.Problems.Id | Should -Contain 'SecretNotFound'
        $Row.ControlPlanePods | Should -Be 0
        @($Run.Warnings.Message -match 'dev-cluster-kubeconfig').Count | Should -Be 1
        ($Run.Output | Where-Object Name -EQ k0s-demo-cluster).Nodes | Should -Be 2
        $Run.Errors | Should -BeNullOrEmpty
    }
}
