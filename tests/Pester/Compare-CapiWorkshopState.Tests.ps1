[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Sandbox = Start-TestSandbox
    $Before = Join-Path $TestDrive before.json
    $After = Join-Path $TestDrive 'after [1].json'
    Export-CapiWorkshopState $Before
    Set-CapiMachineDeploymentScale dev-cluster-md-0 3 -Wait -Timeout 60
    Export-CapiWorkshopState $After
}

AfterAll { Stop-TestSandbox $Sandbox }

Describe 'Compare-CapiWorkshopState' {
    It 'tells what a scaling changed, of files, objects and what there is now' {
        $old = Import-CapiWorkshopState $Before
        $new = Import-CapiWorkshopState -LiteralPath $After
        $rows = Compare-CapiWorkshopState $Before $After
        $rows | Should -BeOfType CapiWorkshop.Operations.CapiStateChange
        $desired = $rows | Where-Object Property -EQ DesiredReplicas
        "$($desired.Change) $($desired.Kind) $($desired.Namespace) $($desired.Name) $($desired.Cluster) $($desired.Before) $($desired.After)" |
            Should -BeExactly 'Changed MachineDeployment default dev-cluster-md-0 dev-cluster 2 3'
        @($rows | Where-Object { $_.Kind -eq 'Machine' -and $_.Change -eq 'Appeared' }).Count | Should -Be 1
        @($rows | Where-Object { $_.Kind -eq 'Container' -and $_.Change -eq 'Appeared' }).Count | Should -Be 1
        $rows.Change | Should -Not -Contain 'Vanished'
        "$(Compare-CapiWorkshopState $old $new)" | Should -BeExactly "$rows"
        "$($new | Compare-CapiWorkshopState $Before)" | Should -BeExactly "$rows"
        "$(Compare-CapiWorkshopState $Before)" | Should -BeExactly "$rows"
    }

    It 'says nothing of what is the same' {
        Compare-CapiWorkshopState $After *>&1 | Should -BeNullOrEmpty
        Compare-CapiWorkshopState $After $After *>&1 | Should -BeNullOrEmpty
    }

    It 'needs no server for two states' {
        $run = Invoke-Script { Compare-CapiWorkshopState $Before $After } -Variables @{ Before = $Before; After = $After }
        $run.Thrown | Should -BeNullOrEmpty
        $run.Output.Count | Should -BeGreaterThan 1
    }

    It 'fits 80 columns' {
        $lines = (Compare-CapiWorkshopState $Before $After | Out-String -Width 80) -split '\r?\n'
        $lines | Where-Object Length -GT 80 | Should -BeNullOrEmpty
        ($lines -match '^Change ')[0].Trim() -split '\s+' | Should -BeExactly 'Change', 'Kind', 'Name', 'Property', 'Before', 'After'
    }

    It 'refuses what is no state' {
        { Compare-CapiWorkshopState 7 } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
    }
}

Describe 'Import-CapiWorkshopState' {
    It 'takes names, patterns, files and very names' {
        @(Import-CapiWorkshopState $Before).Count | Should -Be 1
        @(Import-CapiWorkshopState (Join-Path $TestDrive '*.json')).Count | Should -Be 2
        @(Import-CapiWorkshopState (Join-Path $TestDrive 'nothing-*.json')).Count | Should -Be 0
        @(Get-ChildItem $TestDrive -Filter *.json | Import-CapiWorkshopState).Count | Should -Be 2
        @($Before | Import-CapiWorkshopState).Machines.Count | Should -Be 5
    }

    It 'reads the others where one is broken, and says which and where' {
        $broken = Join-Path $TestDrive broken.txt
        '{ "schemaVersion": 2, "clusters": 7 }' | Set-Content $broken
        $none = Join-Path $TestDrive none.json
        $errors = $null
        $states = Import-CapiWorkshopState $broken, $none, $Before -ErrorAction SilentlyContinue -ErrorVariable errors
        @($states).Count | Should -Be 1
        $errors.Count | Should -Be 2
        Assert-Problem $errors[0] StateInvalid -Command Import-CapiWorkshopState -Category InvalidData -Target $broken
        "$($errors[0])" | Should -Match 'line 1'
        Assert-Problem $errors[1] StateNotFound -Command Import-CapiWorkshopState -Category ObjectNotFound -Target $none
    }
}
