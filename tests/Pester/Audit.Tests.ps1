# The audit file: who wrote what, where to, and how it ended.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Sandbox = Start-TestSandbox
    $File = Join-Path $TestDrive audit.jsonl

    function Get-Entry([string] $Path = $File) {
        Get-Content $Path | ConvertFrom-Json
    }
}

AfterAll {
    $env:CAPIWORKSHOP_AUDIT = $null
    Stop-TestSandbox $Sandbox
}

Describe 'The audit file of the environment' {
    BeforeEach {
        Remove-Item $File -ErrorAction Ignore
        $env:CAPIWORKSHOP_AUDIT = $File
    }

    AfterEach { $env:CAPIWORKSHOP_AUDIT = $null }

    It 'has two lines of a scaling' {
        Set-CapiMachineDeploymentScale dev-cluster-md-0 3
        $entries = Get-Entry
        $entries.stage | Should -Be 'requested', 'completed'
        $entries.cmdlet | Should -Be 'Set-CapiMachineDeploymentScale', 'Set-CapiMachineDeploymentScale'
        $entries[1].status | Should -Be 'succeeded'
        $entries[1].object.name | Should -Be 'dev-cluster-md-0'
        $entries[1].object.uid | Should -Be (Get-CapiMachineDeployment dev-cluster-md-0).Uid
        $entries[1].before.'/spec/replicas' | Should -Be 2
        $entries[1].after.'/spec/replicas' | Should -Be 3
        $entries[1].managementClusterId | Should -Be (Get-CapiManagementCluster).ManagementClusterId
        $entries[1].processId | Should -Be $PID
        $entries[1].user | Should -Be ([Environment]::UserName)
        if (-not $IsWindows) {
            (Get-Item $File).UnixMode | Should -Be '-rw-------'
        }
    }

    It 'marks what is only rehearsed' {
        $null = Test-CapiWorkshop
        $entries = Get-Entry
        $entries.Count | Should -BeGreaterThan 1
        $entries.dryRun | Should -Not -Contain $false
        $entries.cmdlet | Select-Object -Unique | Should -Be 'Test-CapiWorkshop'
    }

    It 'is not made by what reads, nor by -WhatIf' {
        $null = Get-CapiMachine
        Set-CapiMachineDeploymentScale dev-cluster-md-0 5 -WhatIf
        $File | Should -Not -Exist
    }

    It 'keeps a write from being made where it cannot be written to' {
        $env:CAPIWORKSHOP_AUDIT = Join-Path $TestDrive none audit.jsonl
        $before = (Get-CapiMachineDeployment k0s-demo-cluster-md-0).ResourceVersion
        Assert-Problem (Get-Failure { Set-CapiMachineDeploymentScale k0s-demo-cluster-md-0 5 }) AuditFailed -Command Set-CapiMachineDeploymentScale -Category PermissionDenied -Target $env:CAPIWORKSHOP_AUDIT
        (Get-CapiMachineDeployment k0s-demo-cluster-md-0).ResourceVersion | Should -Be $before
    }
}

Describe 'The audit file of a connection' {
    It 'is that connection''s alone, and wins' {
        $env:CAPIWORKSHOP_AUDIT = Join-Path $TestDrive others.jsonl
        try {
            $own = Join-Path $TestDrive own.jsonl
            $run = Invoke-Script {
                $connection = Connect-CapiManagementCluster -KubeConfig $KubeConfig -AuditPath $Own
                $connection.AuditPath
                Set-CapiMachineDeploymentScale dev-cluster-md-0 2
            } -Variables @{ KubeConfig = $Sandbox.KubeConfig; Own = $own }
            $run.Thrown | Should -BeNullOrEmpty
            $run.Errors | Should -BeNullOrEmpty
            $run.Output[0] | Should -Be $own
            @(Get-Entry $own).Count | Should -Be 2
            $env:CAPIWORKSHOP_AUDIT | Should -Not -Exist
        }
        finally {
            $env:CAPIWORKSHOP_AUDIT = $null
        }
    }

    It 'is looked at when the connection is made' {
        $run = Invoke-Script { Connect-CapiManagementCluster -KubeConfig $KubeConfig -AuditPath /there/is/no/audit.jsonl } -Variables @{ KubeConfig = $Sandbox.KubeConfig }
        Assert-Problem @($run.Errors) AuditFailed -Command Connect-CapiManagementCluster -Category PermissionDenied
    }
}

Describe 'The audit file of a real server' {
    It 'has the name of the request in the server''s own audit' {
        $Api = Use-RealApiServer
        if ($Api.Reason) {
            Set-ItResult -Skipped -Because $Api.Reason
        }

        $own = Join-Path $TestDrive real.jsonl
        $space = Add-TestNamespace $Api
        Add-TestMachineDeployment $Api $space audited -Replicas 1
        $run = Invoke-Script {
            $null = Connect-CapiManagementCluster -KubeConfig $KubeConfig -AuditPath $Own
            Set-CapiMachineDeploymentScale audited 2 -Namespace $Space
        } -Variables @{ KubeConfig = $Api.KubeConfig; Own = $own; Space = $space }
        $run.Errors | Should -BeNullOrEmpty
        $entries = Get-Entry $own
        $entries[1].requestId | Should -Match '^[0-9a-f-]{36}$'
        $entries[1].before.'/spec/replicas' | Should -Be 1
        $entries[1].after.'/spec/replicas' | Should -Be 2
        $entries[1].object.uid | Should -Not -BeNullOrEmpty
    }
}

Describe 'Several processes' {
    It 'write whole lines into one file' {
        $shared = Join-Path $TestDrive shared.jsonl
        $library = Join-Path $ModuleFolder CapiWorkshop.Operations.dll
        $script = @'
Add-Type -Path '{0}'
$file = [CapiWorkshop.Operations.AuditFile]::new('{1}', $null)
$append = [CapiWorkshop.Operations.AuditFile].GetMethod('AppendAsync', [Reflection.BindingFlags] 'NonPublic, Instance')
foreach ($i in 1..500) {
    $line = [Text.Encoding]::UTF8.GetBytes((@{ process = $PID; line = $i; text = 'x' * ($i % 97) } | ConvertTo-Json -Compress) + "`n")
    $append.Invoke($file, @($line, 'x', [Threading.CancellationToken]::None)).Wait()
}
'@ -replace '\{0\}', $library -replace '\{1\}', $shared
        $processes = foreach ($number in 1..4) {
            Start-Process ([Environment]::ProcessPath) -ArgumentList '-NoProfile', '-EncodedCommand', ([Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($script))) -PassThru -RedirectStandardOutput (Join-Path $TestDrive "out$number")
        }

        $processes | Wait-Process -Timeout 240
        $processes.ExitCode | Should -Be 0, 0, 0, 0
        $groups = Get-Entry $shared | Group-Object process
        $groups.Count | Should -Be 4
        foreach ($group in $groups) {
            "$($group.Group.line)" | Should -BeExactly "$(1..500)"
        }
    }
}
