[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Sandbox = Start-TestSandbox
}

AfterAll { Stop-TestSandbox $Sandbox }

Describe 'Watch-CapiResourceUsage' {
    It 'gives a row a cluster and reading, as often as it is told' {
        $rows = Watch-CapiResourceUsage -Interval 0.2 -Count 3
        $rows.Count | Should -Be 9
        @($rows | Group-Object SampledAt).Count | Should -Be 3
        $rows | Where-Object { $null -eq $_.CpuPercent -or $null -eq $_.MemoryBytes } | Should -BeNullOrEmpty
    }

    It 'ends as soon as somebody has enough' {
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $row = Watch-CapiResourceUsage -Interval 1h | Select-Object -First 1
        $row.Scope | Should -Be 'ManagementCluster'
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 10
    }

    It 'sees clusters grow' {
        Set-CapiMachineDeploymentScale dev-cluster-md-0 3
        $row = Watch-CapiResourceUsage dev-cluster -Interval 0.2 -Count 100 | Where-Object Nodes -EQ 4 | Select-Object -First 1
        $row.WorkerContainers | Should -Be 3
    }

    It 'says once what is missing, however often it reads' {
        $run = Invoke-Script {
            $env:DOCKER_HOST = 'unix:///there/is/no/engine.sock'
            try {
                Watch-CapiResourceUsage -Interval 0.1 -Count 3 -KubeConfig $File
            }
            finally {
                $env:DOCKER_HOST = $Before
            }
        } -Variables @{ File = Copy-KubeConfig $Sandbox; Before = $env:DOCKER_HOST }
        $run.Output.Count | Should -Be 9
        $run.Warnings.Count | Should -Be 1
    }

    It 'ends within 1 s when it is stopped, and says nothing more' {
        $running = Start-Script { Watch-CapiResourceUsage -Interval 0.2 -Connection $To } -Variables @{ To = $Sandbox.Connection }
        $null = Wait-Until { $running.Output.Count -ge 6 } 'two readings'
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $running.Shell.Stop()
        $clock.Elapsed.TotalMilliseconds | Should -BeLessThan 1000
        $running.Errors | Should -BeNullOrEmpty
        $running.Shell.Runspace.Dispose()
        (Get-CapiCluster dev-cluster).Name | Should -Be 'dev-cluster' -Because 'the connection is as good as before'
    }
}
