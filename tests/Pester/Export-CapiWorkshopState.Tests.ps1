[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Sandbox = Start-TestSandbox
    $Command = @{ Command = 'Export-CapiWorkshopState' }
    $File = Join-Path $TestDrive state.json
}

AfterAll { Stop-TestSandbox $Sandbox }

Describe 'Export-CapiWorkshopState' {
    BeforeEach { Remove-Item $File -ErrorAction Ignore }

    It 'writes what there is, and says nothing' {
        Export-CapiWorkshopState $File *>&1 | Should -BeNullOrEmpty
        $state = Get-Content -Raw $File | ConvertFrom-Json
        $state.schemaVersion | Should -Be 2
        $state.managementCluster.context | Should -Be $Sandbox.Name
        $state.clusters.name | Should -Be 'dev-cluster', 'k0s-demo-cluster'
        $state.machineDeployments.desiredReplicas | Should -Be 2, 2
        $state.machines.Count | Should -Be 5
        $state.helmReleases.cluster | Should -Be 'dev-cluster', 'k0s-demo-cluster'
        @($state.containers | Where-Object cluster -EQ dev-cluster).Count | Should -Be 4
    }

    It 'gives what it saved with -PassThru' {
        $state = Export-CapiWorkshopState $File -PassThru
        $state | Should -BeOfType CapiWorkshop.Operations.CapiWorkshopState
        $state.SchemaVersion | Should -Be 2
        $state.Machines.Count | Should -Be 5
    }

    It 'writes the same of the same state, but for the time' {
        $texts = foreach ($round in 1, 2) {
            Export-CapiWorkshopState $File
            (Get-Content -Raw $File) -replace '"takenAt": "[^"]+"'
        }

        $texts[0] | Should -BeExactly $texts[1]
    }

    It 'holds no secret' {
        Skip-Without kubectl
        Export-CapiWorkshopState $File
        $text = Get-Content -Raw $File
        $secrets = (Invoke-Kubectl $Sandbox.KubeConfig get secrets --all-namespaces -o json | Out-String | ConvertFrom-Json).items
        $secrets.Count | Should -BeGreaterThan 0
        $words = foreach ($value in $secrets | ForEach-Object { $_.data.PSObject.Properties.Value } | Where-Object { $_ }) {
            $value
            # Tokens, and certificates and keys as PEM or as base64, each from its middle: the same for all is only how they begin.
            [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($value)) -split '[\s"]+' | Where-Object { $_ -cmatch '^[\w+/=.-]{40,}$' -and $_ -cmatch '[A-Z]' } | ForEach-Object { $_.Substring(20, 20) }
        }

        $words += [regex]::Matches((Get-Content -Raw $Sandbox.KubeConfig), '[\w+/=-]{40,}').Value
        @($words).Count | Should -BeGreaterThan 4
        foreach ($word in $words) {
            $text.Contains($word) | Should -BeFalse
        }
    }

    It 'leaves a file as it is with -NoClobber' {
        'mine' | Set-Content $File
        Assert-Problem (Get-Failure { Export-CapiWorkshopState $File -NoClobber }) StateExists @Command -Category InvalidOperation -Target $File
        Get-Content $File | Should -Be 'mine'
        Export-CapiWorkshopState $File
        Get-Content -Raw $File | Should -Match schemaVersion
        (Get-ChildItem $TestDrive -Filter *.tmp) | Should -BeNullOrEmpty
    }

    It 'writes nothing with -WhatIf' {
        Export-CapiWorkshopState $File -WhatIf
        $File | Should -Not -Exist
    }

    It 'says that a folder is missing, by the name it was told' {
        $nowhere = Join-Path $TestDrive nowhere state.json
        $problem = Get-Failure { Export-CapiWorkshopState $nowhere }
        Assert-Problem $problem StateNotWritten @Command -Category PermissionDenied -Target $nowhere
        "$problem" | Should -Not -Match '\.tmp'
    }

    It 'says that no engine told of containers, and saves the rest' {
        $run = Invoke-Script {
            $env:DOCKER_HOST = 'unix:///there/is/no/engine.sock'
            try {
                Export-CapiWorkshopState $File -KubeConfig $KubeConfig
            }
            finally {
                $env:DOCKER_HOST = $Before
            }
        } -Variables @{ File = $File; KubeConfig = Copy-KubeConfig $Sandbox; Before = $env:DOCKER_HOST }
        $run.Warnings.Count | Should -Be 1
        $state = Get-Content -Raw $File | ConvertFrom-Json
        $state.containers | Should -Be $null
        $state.machines.Count | Should -Be 5
    }
}
