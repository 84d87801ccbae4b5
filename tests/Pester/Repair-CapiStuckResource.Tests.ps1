[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Command = @{ Command = 'Repair-CapiStuckResource' }

    # A machine that somebody else holds, and whose deletion was asked for.
    function New-StuckMachine([string] $Finalizer = 'test.example/held') {
        $name = (Get-CapiMachine -Cluster dev-cluster | Where-Object { -not $_.IsControlPlane -and -not $_.DeletionRequestedAt } | Select-Object -First 1).Name
        $null = Invoke-Kubectl $Sandbox.KubeConfig patch machine $name --type json -p "[{`"op`":`"add`",`"path`":`"/metadata/finalizers/-`",`"value`":`"$Finalizer`"}]"
        $null = Invoke-Kubectl $Sandbox.KubeConfig delete machine $name --wait=false
        $null = Wait-Until { @((Get-CapiMachine $name).Finalizers) -join ',' -eq $Finalizer } 'a machine that only the test holds'
        $name
    }
}

Describe 'Repair-CapiStuckResource' {
    BeforeAll {
        $Sandbox = Start-TestSandbox
    }

    AfterAll { Stop-TestSandbox $Sandbox }

    It 'refuses what nobody wants to go, and names with wildcards' {
        Assert-Problem (Get-Failure { Repair-CapiStuckResource Cluster dev-cluster -Force }) NotBeingDeleted @Command -Category InvalidOperation -Target default/dev-cluster
        Assert-Problem (Get-Failure { Repair-CapiStuckResource Machine dev-* -Force }) InvalidPattern @Command -Category InvalidArgument
        Assert-Problem (Get-Failure { Repair-CapiStuckResource Machine nobody -Force }) MachineNotFound @Command -Category ObjectNotFound
    }

    It 'does not take the current context of a kubeconfig' {
        $run = Invoke-Script { Repair-CapiStuckResource Machine m -Force }
        Assert-Problem ($run.Thrown ?? $run.Errors) NotConnected @Command -Category ConnectionError
    }

    It 'takes no -Force for objects of the pipeline' {
        { Get-CapiMachine | Repair-CapiStuckResource -Force } | Should -Throw -ErrorId 'MissingMandatoryParameter,*'
    }

    It 'takes a finalizer of somebody else off only where it is named, and tells what it did' {
        Skip-Without kubectl
        $name = New-StuckMachine
        Assert-Problem (Get-Failure { Repair-CapiStuckResource Machine $name -Force }) FinalizerNotNamed @Command -Category InvalidOperation
        $null = Repair-CapiStuckResource Machine $name -Finalizer test.example/held -WhatIf
        (Get-CapiMachine $name).Finalizers | Should -Be test.example/held

        $result = Repair-CapiStuckResource Machine $name -Finalizer test.example/held -Force
        $result | Should -BeOfType CapiWorkshop.Operations.CapiRepairResult
        $result.FinalizersBefore | Should -Be test.example/held
        $result.FinalizersAfter | Should -BeNullOrEmpty
        $result.MayHaveLeaked | Should -Match 'test.example/held'
        $null = Wait-Until { -not (Get-CapiMachine | Where-Object Name -EQ $name) } 'the end of the machine'
    }

    It 'says what to do where nobody can be asked' {
        Skip-Without kubectl
        $name = New-StuckMachine
        $said = Invoke-PowerShell "Import-Module '$ModulePath'; `$null = Connect-CapiManagementCluster -KubeConfig '$($Sandbox.KubeConfig)'; try { Get-CapiMachine $name | Repair-CapiStuckResource -Finalizer test.example/held } catch { `$_.FullyQualifiedErrorId }"
        $said.Output | Should -Match '^ConfirmationRequired,'
        (Get-CapiMachine $name).Finalizers | Should -Be test.example/held
    }

    It 'asks for each object, naming what leaks, and takes no for an answer' {
        Skip-Without kubectl
        $name = (Get-CapiMachine -Cluster dev-cluster | Where-Object DeletionRequestedAt | Select-Object -First 1).Name ?? (New-StuckMachine)
        $said = Invoke-PowerShell "Import-Module '$ModulePath'; `$null = Connect-CapiManagementCluster -KubeConfig '$($Sandbox.KubeConfig)'; Get-CapiMachine $name | Repair-CapiStuckResource -Finalizer test.example/held; 'went on'" -Answer n
        $said.Output -replace '\s+', ' ' | Should -Match "Remove finalizer test.example/held of Machine default/$name"
        $said.Output | Should -Match 'went on'
        (Get-CapiMachine $name).Finalizers | Should -Be test.example/held
    }
}

Describe 'What a removal leaves' {
    BeforeAll { $Sandbox = Start-TestSandbox }

    AfterAll { Stop-TestSandbox $Sandbox }

    It 'is let go by its result' {
        Skip-Without kubectl
        $machine = (Get-CapiMachine -Cluster dev-cluster | Select-Object -First 1).Name
        $null = Invoke-Kubectl $Sandbox.KubeConfig patch machine $machine --type json -p '[{"op":"add","path":"/metadata/finalizers/-","value":"test.example/held"}]'
        $first = Remove-CapiWorkshop -Force -Timeout 5 -ErrorAction SilentlyContinue
        $reason = ($first | Where-Object Name -EQ dev-cluster).StuckReasons
        $reason.Id | Should -Be 'ForeignFinalizer'
        $null = $reason.WayOut -match 'kubectl (?<arguments>get .+ --show-managed-fields)'
        "$(Invoke-Kubectl $Sandbox.KubeConfig @($Matches.arguments -split ' '))" | Should -Match "name: $machine"

        # What waits for the machine is left, too, and has other finalizers: none of it is offered.
        @($first.Remaining | Where-Object { $_.IsDeleting -and $_.Finalizers }).Count | Should -BeGreaterThan 1
        $refused = Get-Failure { $first | Repair-CapiStuckResource -WhatIf }
        @($refused).Count | Should -Be 1
        Assert-Problem $refused FinalizerNotNamed @Command -Category InvalidOperation -Target default/$machine
        Get-Failure { $first | Repair-CapiStuckResource -Finalizer test.example/held -WhatIf } | Should -BeNullOrEmpty

        $running = Start-Script { Remove-CapiWorkshop -Force -Timeout 60 -Connection $To -WarningAction SilentlyContinue } -Variables @{ To = $Sandbox.Connection }
        $repaired = Repair-CapiStuckResource Machine $machine -Finalizer test.example/held -Force
        $repaired.FinalizersAfter | Should -Not -Contain test.example/held
        $null = Wait-Script $running -Seconds 60
        $running.Errors | Should -BeNullOrEmpty
        Get-CapiCluster | Should -BeNullOrEmpty
    }
}
