[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    $Command = @{ Command = 'Wait-CapiMachineDeployment' }
    if (-not $Api.Reason) {
        $Space = Add-TestNamespace $Api
    }

    function Get-Condition([bool] $IsAvailable, [int] $Generation = 1) {
        @{ conditions = @(@{
                    type = 'Available'; status = "$IsAvailable"; reason = $IsAvailable ? 'Available' : 'NotAvailable'; message = ''
                    lastTransitionTime = '2026-11-20T09:14:05Z'; observedGeneration = $Generation
                }) }
    }

    # Starts a script that waits, and gives it when it has looked at what there is.
    function Open-Wait([scriptblock] $Script, [string] $Name) {
        $running = Start-Script $Script -Variables @{ Name = $Name; Space = $Space }
        $null = Wait-Until { $running.Run.IsCompleted -or $running.Progress.Count -gt 0 } 'progress'
        $running
    }
}

Describe 'Wait-CapiMachineDeployment' {
    BeforeEach {
        Skip-WithoutApiServer $Api
        if (-not $Api.Reason) {
            $Name = "md-$([guid]::NewGuid().ToString('n').Substring(0, 8))"
            Add-TestMachineDeployment $Api $Space $Name -Replicas 2
        }
    }

    It 'returns at once where -For <For> is reached already' -ForEach @(@{ For = 'Available' }, @{ For = 'Ready' }, @{ For = 'UpToDate' }) {
        Wait-CapiMachineDeployment $Name -Namespace $Space -For $For -Timeout 30 *>&1 | Should -BeNullOrEmpty
        (Wait-CapiMachineDeployment $Name -Namespace $Space -For $For -Timeout 30 -PassThru).Name | Should -Be $Name
    }

    It 'waits until -For <For> is reached' -ForEach @(
        @{ For = 'Available'; Before = { Get-Condition $false }; After = { Get-Condition $true } }
        @{ For = 'Ready'; Before = { @{ readyReplicas = 1 } }; After = { @{ readyReplicas = 2 } } }
        @{ For = 'Ready'; Before = { @{ replicas = 3 } }; After = { @{ replicas = 2 } } }
        @{ For = 'UpToDate'; Before = { @{ upToDateReplicas = 0 } }; After = { @{ upToDateReplicas = 2 } } }
    ) {
        Edit-TestMachineDeploymentStatus $Api $Space $Name (& $Before)
        $running = Open-Wait ([scriptblock]::Create("Wait-CapiMachineDeployment `$Name -Namespace `$Space -For $For -Timeout 30 -PassThru")) $Name
        $running.Run.IsCompleted | Should -BeFalse
        Edit-TestMachineDeploymentStatus $Api $Space $Name (& $After)
        $run = Wait-Script $running
        $run.Errors | Should -BeNullOrEmpty
        $run.Output.Name | Should -Be $Name
        @($run.Progress)[-1].RecordType | Should -Be Completed
    }

    It 'waits for Available where nothing else is said, and heeds of which generation that was said' {
        Edit-TestMachineDeployment $Api $Space $Name @{ spec = @{ replicas = 3 } }
        Assert-Problem (Get-Failure { Wait-CapiMachineDeployment $Name -Namespace $Space -Timeout 0.3 }) MachineDeploymentTimeout @Command -Category OperationTimeout
        $running = Open-Wait { Wait-CapiMachineDeployment $Name -Namespace $Space -Timeout 30 } $Name
        Edit-TestMachineDeploymentStatus $Api $Space $Name @{ observedGeneration = 2 }
        $null = Wait-Until { $running.Progress.Count -gt 1 } 'a look at the new status'
        $running.Run.IsCompleted | Should -BeFalse -Because 'the condition still speaks of generation 1'
        Edit-TestMachineDeploymentStatus $Api $Space $Name (Get-Condition $true 2)
        (Wait-Script $running).Errors | Should -BeNullOrEmpty
    }

    It 'waits for what -Until asks of each state' {
        $running = Open-Wait { Wait-CapiMachineDeployment $Name -Namespace $Space -Until { $_.ReadyReplicas -eq 1 } -Timeout 30 -PassThru } $Name
        $running.Run.IsCompleted | Should -BeFalse
        Edit-TestMachineDeploymentStatus $Api $Space $Name @{ readyReplicas = 1 }
        (Wait-Script $running).Output[0].ReadyReplicas | Should -Be 1
    }

    It 'reports an -Until that fails' {
        (Get-Failure { Wait-CapiMachineDeployment $Name -Namespace $Space -Until { throw 'no idea' } -Timeout 30 }).ToString() | Should -Match 'no idea'
    }

    It 'refuses -For together with -Until' {
        $mark = Get-ApiRequestMark $Api
        $problem = Get-Failure { Wait-CapiMachineDeployment $Name -Namespace $Space -For Ready -Until { $true } }
        Assert-Problem $problem AmbiguousGoal @Command -Category InvalidArgument
        Get-ApiRequest $Api $mark | Should -BeNullOrEmpty
    }

    It 'refuses a goal that it does not know, and names those it knows' {
        (Get-Failure { Wait-CapiMachineDeployment $Name -For Happy }).ToString() | Should -Match 'Available.*Ready.*UpToDate.*Deleted'
    }

    Context 'for deletion' {
        It 'returns when it is gone' {
            $running = Open-Wait { Wait-CapiMachineDeployment $Name -Namespace $Space -For Deleted -Timeout 30 } $Name
            $running.Run.IsCompleted | Should -BeFalse
            Remove-TestMachineDeployment $Api $Space $Name
            (Wait-Script $running).Errors | Should -BeNullOrEmpty
        }

        It 'is not content with a deletion that was asked for' {
            Edit-TestMachineDeployment $Api $Space $Name @{ metadata = @{ finalizers = @('tests/stay') } }
            $running = Open-Wait { Wait-CapiMachineDeployment $Name -Namespace $Space -For Deleted -Timeout 30 } $Name
            Remove-TestMachineDeployment $Api $Space $Name
            $null = Wait-Until { $running.Progress.Count -gt 1 } 'a look at the new state'
            $running.Run.IsCompleted | Should -BeFalse
            Edit-TestMachineDeployment $Api $Space $Name @{ metadata = @{ finalizers = $null } }
            (Wait-Script $running).Errors | Should -BeNullOrEmpty
        }

        It 'is the deletion of the one that is meant, however its name is typed' {
            $typed = $Name.ToUpperInvariant()
            $running = Open-Wait { Wait-CapiMachineDeployment $Name -Namespace $Space -For Deleted -Timeout 30 } $typed
            $running.Run.IsCompleted | Should -BeFalse
            Remove-TestMachineDeployment $Api $Space $Name
            (Wait-Script $running).Errors | Should -BeNullOrEmpty
        }

        It 'returns at once where it is gone already, by name and from the pipeline' {
            $deployment = Get-CapiMachineDeployment $Name -Namespace $Space
            Remove-TestMachineDeployment $Api $Space $Name
            Get-Failure { Wait-CapiMachineDeployment $Name, never-there -Namespace $Space -For Deleted -Timeout 30 } | Should -BeNullOrEmpty
            Get-Failure { $deployment | Wait-CapiMachineDeployment -For Deleted -Timeout 30 } | Should -BeNullOrEmpty
        }
    }

    Context 'for one that is not there' {
        It 'is an error, and the others are waited for' {
            $found = Wait-CapiMachineDeployment nope, $Name -Namespace $Space -Timeout 30 -PassThru -ErrorAction SilentlyContinue -ErrorVariable problems
            Assert-Problem $problems MachineDeploymentNotFound @Command -Category ObjectNotFound -Target "$Space/nope"
            $found.Name | Should -Be $Name
        }

        It 'that goes meanwhile is an error' {
            $running = Open-Wait { Wait-CapiMachineDeployment $Name -Namespace $Space -Until { $false } -Timeout 30 } $Name
            Remove-TestMachineDeployment $Api $Space $Name
            Assert-Problem @((Wait-Script $running).Errors) MachineDeploymentDeleted @Command -Category ObjectNotFound -Target "$Space/$Name"
        }
    }

    Context 'for many at once' {
        It 'is one watch request, and each comes out when it is there' {
            $some = Add-TestNamespace $Api
            foreach ($one in 1..5) {
                Add-TestMachineDeployment $Api $some "many-$one"
                Edit-TestMachineDeploymentStatus $Api $some "many-$one" @{ readyReplicas = 1 }
            }

            $mark = Get-ApiRequestMark $Api
            $running = Start-Script { Get-CapiMachineDeployment -Namespace $Space | Wait-CapiMachineDeployment -For Ready -Timeout 30 -PassThru } -Variables @{ Space = $some }
            $null = Wait-Until { (@($running.Progress).Activity | Select-Object -Unique).Count -eq 5 } 'five waits'
            foreach ($one in 3, 1, 5, 2, 4) {
                Edit-TestMachineDeploymentStatus $Api $some "many-$one" @{ readyReplicas = 2 }
                $null = Wait-Until { @($running.Output).Name -contains "many-$one" } "many-$one"
            }

            $run = Wait-Script $running
            $run.Errors | Should -BeNullOrEmpty
            $run.Output.Name | Should -Be 'many-3', 'many-1', 'many-5', 'many-2', 'many-4'
            @(Get-ApiRequest $Api $mark | Where-Object { $_.Verb -eq 'watch' -and $_.Uri -match "/$some/" }).Count | Should -Be 1
            @(Get-ApiRequest $Api $mark | Where-Object { $_.Verb -eq 'get' -and $_.Uri -match 'machinedeployments' }).Count | Should -Be 0 -Because 'nothing is polled'
        }

        It 'reports the time-out of each' {
            Add-TestMachineDeployment $Api $Space "$Name-b"
            $problems = Get-Failure { Wait-CapiMachineDeployment "$Name*" -Namespace $Space -Until { $false } -Timeout 0.3 }
            $problems.TargetObject | Sort-Object | Should -Be "$Space/$Name", "$Space/$Name-b"
            $problems.CategoryInfo.Category | Select-Object -Unique | Should -Be OperationTimeout
        }
    }

    It 'says after the time-out what is missing' {
        Edit-TestMachineDeploymentStatus $Api $Space $Name @{ readyReplicas = 1 }
        Add-TestMachine $Api $Space "$Name-slow" -Deployment $Name -State Running
        $state = Wait-CapiMachineDeployment $Name -Namespace $Space -For Ready -Timeout 0.3 -PassThru -ErrorAction SilentlyContinue -ErrorVariable problems
        Assert-Problem $problems MachineDeploymentTimeout @Command -Category OperationTimeout -Target "$Space/$Name"
        $problems[0].ToString() | Should -Match '1/2 ready'
        $problems[0].ToString() | Should -Match "$Name-slow \(Running, NodeHealthy=False"
        $state.ReadyReplicas | Should -Be 1
    }

    It 'writes nothing' {
        $mark = Get-ApiRequestMark $Api
        Wait-CapiMachineDeployment $Name -Namespace $Space
        Get-ApiWrite $Api $mark | Should -BeNullOrEmpty
    }
}
