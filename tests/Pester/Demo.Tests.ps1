# What people run first: the example script and the shipped Pester container, each in a PowerShell of its own.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $PowerShell = [Environment]::ProcessPath
    $Demo = Join-Path $PSScriptRoot '../../examples/operations-and-cleanup.ps1'
    $env:CAPIWORKSHOP_MODULE = $ModulePath
}

Describe 'The demo' {
    It 'runs all twelve actions, and prints each command before its output' {
        $said = & $PowerShell -NoProfile -NonInteractive -File $Demo -TimeScale 60 2>&1 | Out-String
        $LASTEXITCODE | Should -Be 0 -Because $said
        foreach ($number in 1..12) {
            $said | Should -Match "(?m)^# $number\. .+`$\s*^PS> \S" -Because 'each action has a title and a command'
        }

        $said | Should -Match 'All twelve actions did what they should'
    }

    It 'fails where something is not as it should be' {
        # The same script, of which one expectation is wrong.
        $broken = Join-Path $TestDrive 'examples/broken.ps1'
        $null = New-Item -ItemType Directory (Split-Path $broken)
        (Get-Content -Raw $Demo) -replace 'Machines\.Count -eq 8', 'Machines.Count -eq 9' | Set-Content $broken
        $said = & $PowerShell -NoProfile -NonInteractive -File $broken -TimeScale 60 2>&1 | Out-String
        $LASTEXITCODE | Should -Be 1
        $said | Should -Match '- eight machines are in the saved state'
    }
}

Describe 'The shipped Pester container' {
    BeforeAll {
        $Container = Join-Path $ModuleFolder 'validation/CapiWorkshop.Validation.Tests.ps1'

        # Tests within tests: in a PowerShell of its own, which counts by name and state.
        function Invoke-Validation([string] $Script) {
            $inner = @"
                `$ErrorActionPreference = 'Stop'
                Import-Module '$ModulePath', Pester
                `$sandbox = Start-CapiSandbox -TimeScale 60
                try { $Script } finally { `$sandbox | Stop-CapiSandbox }
                function Count(`$run) { "passed `$(`$run.PassedCount) failed `$(`$run.FailedCount) skipped `$(`$run.SkippedCount)"; `$run.Failed.ExpandedName }
                Count `$run
"@
            & $PowerShell -NoProfile -NonInteractive -Command $inner 2>&1 | ForEach-Object { "$_" }
        }
    }

    It 'passes after the workshop was done and cleaned up' {
        $state = Join-Path $TestDrive state.json
        $said = Invoke-Validation @"
            Get-CapiMachineDeployment dev-cluster-md-0 | Set-CapiMachineDeploymentScale -Replicas 4 -Wait
            Get-CapiMachineDeployment k0s-demo-cluster-md-0 | Set-CapiMachineDeploymentScale -Replicas 3 -Wait
            Export-CapiWorkshopState '$state'
            `$null = Remove-CapiWorkshop -Force
            `$run = Invoke-Pester -Container (New-PesterContainer -Path '$Container' -Data @{ StatePath = '$state' }) -Output None -PassThru
"@
        $said | Should -Be @('passed 11 failed 0 skipped 0')
    }

    It 'fails what is not so' {
        $said = Invoke-Validation "`$run = Invoke-Pester -Container (New-PesterContainer -Path '$Container' -Data @{ Context = 'capi-sandbox'; KubeConfig = `$sandbox.KubeConfig }) -Output None -PassThru"
        $said | Should -Be @('passed 6 failed 5 skipped 0', 'passes: Scaled:dev-cluster', 'passes: Scaled:k0s-demo-cluster', 'passes: NoClusters', 'passes: NoMachines', 'passes: NoHelmReleases')
    }

    It 'skips what nobody can know any more, and checks only the stages that are asked for' {
        $said = Invoke-Validation @"
            `$null = Remove-CapiWorkshop -Force
            `$run = Invoke-Pester -Container (New-PesterContainer -Path '$Container' -Data @{ Stage = 'Scaling', 'Cleanup'; ExpectedReplicas = @{ 'dev-cluster' = 4 } }) -Output None -PassThru
"@
        $said | Should -Be @('passed 7 failed 0 skipped 1')
    }
}
