[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    $Command = @{ Command = 'Set-CapiMachineDeploymentScale' }
    if (-not $Api.Reason) {
        $Controllers = Start-PlayedController $Api
        $Space = Add-TestNamespace $Api
    }

    function Get-Replica([string] $Name) { (Get-TestMachineDeployment $Api $Space $Name).spec.replicas }
}

AfterAll { Stop-PlayedController $Controllers }

Describe 'Set-CapiMachineDeploymentScale' {
    BeforeEach {
        Skip-WithoutApiServer $Api
        if (-not $Api.Reason) {
            $Name = "md-$([guid]::NewGuid().ToString('n').Substring(0, 8))"
            Add-TestMachineDeployment $Api $Space $Name -Replicas 2
        }
    }

    It 'sets the replicas through the scale subresource, with one write, and says nothing' {
        $mark = Get-ApiRequestMark $Api
        Set-CapiMachineDeploymentScale $Name 4 -Namespace $Space *>&1 | Should -BeNullOrEmpty
        Get-Replica $Name | Should -Be 4
        @(Get-ApiWrite $Api $mark).ForEach({ "$($_.Verb) $($_.Uri)" }) | Should -Be "patch /apis/cluster.x-k8s.io/v1beta2/namespaces/$Space/machinedeployments/$Name/scale?fieldManager=capiworkshop"
    }

    It 'scales to none' {
        Set-CapiMachineDeploymentScale $Name -Replicas 0 -Namespace $Space
        Get-Replica $Name | Should -Be 0
    }

    It 'gives the new state with -PassThru' {
        $after = Set-CapiMachineDeploymentScale $Name 3 -Namespace $Space -PassThru
        $after | Should -BeOfType CapiWorkshop.Operations.CapiMachineDeployment
        $after.Name | Should -Be $Name
        $after.DesiredReplicas | Should -Be 3
    }

    It 'takes several names and wildcards' {
        Add-TestMachineDeployment $Api $Space "$Name-b"
        $after = Set-CapiMachineDeploymentScale "$Name*" 5 -Namespace $Space -PassThru
        $after.Name | Sort-Object | Should -Be $Name, "$Name-b"
        Get-Replica "$Name-b" | Should -Be 5
    }

    It 'does the others where one name is not there' {
        Assert-Problem (Get-Failure { Set-CapiMachineDeploymentScale nope, $Name 4 -Namespace $Space }) MachineDeploymentNotFound @Command -Category ObjectNotFound -Target "$Space/nope"
        Get-Replica $Name | Should -Be 4
    }

    It 'warns where a wildcard fits nothing, since nothing is done' {
        $mark = Get-ApiRequestMark $Api
        Get-Failure { Set-CapiMachineDeploymentScale 'nothing-*' 4 -Namespace $Space -WarningAction SilentlyContinue } | Should -BeNullOrEmpty
        (Invoke-Script { Set-CapiMachineDeploymentScale 'nothing-*' 4 -Namespace $Space } -Variables @{ Space = $Space }).Warnings | Should -Match "nothing-\*.*nothing was done"
        Get-ApiWrite $Api $mark | Should -BeNullOrEmpty
    }

    It 'takes MachineDeployments from the pipeline, and looks nowhere else for them' {
        Get-CapiMachineDeployment $Name -Namespace $Space | Set-CapiMachineDeploymentScale -Replicas 3
        Get-Replica $Name | Should -Be 3
    }

    It 'reports one that has gone meanwhile, and does the others' {
        Add-TestMachineDeployment $Api $Space "$Name-b"
        $both = Get-CapiMachineDeployment $Name, "$Name-b" -Namespace $Space
        Remove-TestMachineDeployment $Api $Space $Name
        Assert-Problem (Get-Failure { $both | Set-CapiMachineDeploymentScale -Replicas 4 }) MachineDeploymentNotFound @Command -Category ObjectNotFound -Target "$Space/$Name"
        Get-Replica "$Name-b" | Should -Be 4
    }

    Context 'asked only what it would do' {
        It 'says from which to which number on which cluster with -WhatIf, and writes nothing' {
            $mark = Get-ApiRequestMark $Api
            $said = (Invoke-PowerShell "Import-Module '$ModulePath'; Set-CapiMachineDeploymentScale $Name 4 -Namespace $Space -WhatIf").Output
            $said | Should -Match 'from 2 to 4'
            $said | Should -Match "$Space/$Name"
            $said | Should -Match 'admin' -Because 'the context is named'
            Get-Replica $Name | Should -Be 2
            Get-ApiRequest $Api $mark | Should -Not -BeNullOrEmpty -Because 'it read what there is'
            Get-ApiWrite $Api $mark | Should -BeNullOrEmpty
        }

        It 'writes nothing with -WhatIf from the pipeline, gives nothing with -PassThru and waits for nothing' {
            $mark = Get-ApiRequestMark $Api
            # in a runspace without a host, to keep what it says out of the tests' own output
            $run = Invoke-Script {
                Get-CapiMachineDeployment $Name -Namespace $Space | Set-CapiMachineDeploymentScale -Replicas 4 -WhatIf -PassThru -Wait
            } -Variables @{ Name = $Name; Space = $Space }
            $run.Output | Should -BeNullOrEmpty
            $run.Errors | Should -BeNullOrEmpty
            Get-ApiWrite $Api $mark | Should -BeNullOrEmpty
            @(Get-ApiRequest $Api $mark).Verb | Should -Not -Contain 'watch'
        }

        It 'fails with -Confirm where nobody can be asked, and writes nothing' {
            $mark = Get-ApiRequestMark $Api
            $run = Invoke-PowerShell "Import-Module '$ModulePath'; Set-CapiMachineDeploymentScale $Name 4 -Namespace $Space -Confirm"
            $run.ExitCode | Should -Be 1
            $run.Errors | Should -Match 'NonInteractive'
            Get-ApiWrite $Api $mark | Should -BeNullOrEmpty
            Get-Replica $Name | Should -Be 2
        }
    }

    Context 'asked to validate' {
        It 'lets the server check, and gives what the object would be' {
            $mark = Get-ApiRequestMark $Api
            $would = Set-CapiMachineDeploymentScale $Name 4 -Namespace $Space -Validate -Confirm
            $would | Should -BeOfType CapiWorkshop.Operations.CapiMachineDeployment
            $would.DesiredReplicas | Should -Be 4
            $would.Replicas | Should -Be 2
            $would.IsObserved | Should -BeFalse
            Get-Replica $Name | Should -Be 2
            @(Get-ApiWrite $Api $mark).ForEach({ "$($_.Verb) $($_.Uri)" }) | Should -Be "patch /apis/cluster.x-k8s.io/v1beta2/namespaces/$Space/machinedeployments/$Name/scale?fieldManager=capiworkshop&dryRun=All"
        }

        It 'says with -WhatIf what would happen, lets the server check and gives nothing' {
            $mark = Get-ApiRequestMark $Api
            $run = Invoke-PowerShell "Import-Module '$ModulePath'; Set-CapiMachineDeploymentScale $Name 4 -Namespace $Space -Validate -WhatIf -PassThru | ForEach-Object { throw 'something came' }"
            $run.ExitCode | Should -Be 0
            $run.Output | Should -Match 'from 2 to 4'
            Get-Replica $Name | Should -Be 2
            @(Get-ApiWrite $Api $mark).Uri | Should -Match 'dryRun=All$'
        }

        It 'fails as the scaling would where a right is missing: <Name>' -ForEach @(@{ Name = 'alone'; More = @{} }, @{ Name = 'with -WhatIf'; More = @{ WhatIf = $true } }) {
            $mark = Get-ApiRequestMark $Api
            $run = Invoke-Script { Set-CapiMachineDeploymentScale dev-cluster-md-0 4 -Context reader -Validate @More } -Variables @{ More = $More }
            $real = Get-Failure { Set-CapiMachineDeploymentScale dev-cluster-md-0 4 -Context reader }
            Assert-Problem @($run.Errors) ApiForbidden @Command -Category PermissionDenied -Target 'default/dev-cluster-md-0'
            $run.Errors[0].ToString() | Should -Be $real.ToString()
            $run.Output | Should -BeNullOrEmpty
            @(Get-ApiWrite $Api $mark).Uri.Where({ $_ -notmatch 'dryRun=All$' }).Count | Should -Be 1 -Because 'only the comparison asked in earnest'
        }

        It 'fails where it has gone meanwhile' {
            $deployment = Get-CapiMachineDeployment $Name -Namespace $Space
            Remove-TestMachineDeployment $Api $Space $Name
            Assert-Problem (Get-Failure { $deployment | Set-CapiMachineDeploymentScale -Replicas 4 -Validate }) MachineDeploymentNotFound @Command -Category ObjectNotFound -Target "$Space/$Name"
        }

        It 'does not wait, and says so' {
            $mark = Get-ApiRequestMark $Api
            Set-CapiMachineDeploymentScale $Name 4 -Namespace $Space -Validate -Wait -WarningVariable warnings -WarningAction SilentlyContinue | Should -HaveCount 1
            "$warnings" | Should -Match '-Wait has no effect'
            @(Get-ApiRequest $Api $mark).Verb | Should -Not -Contain 'watch'
        }
    }

    Context 'warned' {
        It 'that an autoscaler may change it again' {
            $annotations = @{ 'cluster.x-k8s.io/cluster-api-autoscaler-node-group-min-size' = '1'; 'cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size' = '5' }
            Add-TestMachineDeployment $Api $Space "$Name-auto" -Annotations $annotations
            Set-CapiMachineDeploymentScale "$Name-auto" 3 -Namespace $Space -WarningVariable warnings -WarningAction SilentlyContinue
            "$warnings" | Should -Match 'autoscaler \(from 1 to 5 replicas\)'
            Get-Replica "$Name-auto" | Should -Be 3
        }

        It 'that nothing happens while it is paused' {
            Add-TestMachineDeployment $Api $Space "$Name-paused" -Annotations @{ 'cluster.x-k8s.io/paused' = 'true' }
            Set-CapiMachineDeploymentScale "$Name-paused" 3 -Namespace $Space -WarningVariable warnings -WarningAction SilentlyContinue
            "$warnings" | Should -Match 'paused'
        }

        It 'not at all where all is plain' {
            Set-CapiMachineDeploymentScale $Name 3 -Namespace $Space -WarningVariable warnings
            $warnings | Should -BeNullOrEmpty
        }
    }

    Context 'waiting' {
        It 'ends when the machines are really there, and shows how many are ready meanwhile' {
            Add-TestMachineDeployment $Api $Space "$Name-w" -Controlled -Annotations @{ 'tests/hold-at' = '3' }
            $null = Wait-Until { (Get-TestMachineDeployment $Api $Space "$Name-w").status.readyReplicas -eq 2 }
            $running = Start-Script { Set-CapiMachineDeploymentScale $Name 4 -Namespace $Space -Wait -PassThru -Timeout 60 } -Variables @{ Name = "$Name-w"; Space = $Space }
            $null = Wait-Until { @($running.Progress).StatusDescription -contains '3/4 Ready' } 'progress 3/4 Ready'
            $running.Run.IsCompleted | Should -BeFalse -Because 'one machine is not ready yet'
            $running.Output.Count | Should -Be 0
            Edit-TestMachineDeployment $Api $Space "$Name-w" @{ metadata = @{ annotations = @{ 'tests/hold-at' = $null } } }

            $run = Wait-Script $running
            $run.Thrown | Should -BeNullOrEmpty
            $run.Errors | Should -BeNullOrEmpty
            $run.Output[0].ReadyReplicas | Should -Be 4
            $run.Output[0].AvailableReplicas | Should -Be 4
            $run.Output[0].IsObserved | Should -BeTrue
            (Get-CapiMachine -Namespace $Space -LabelSelector "cluster.x-k8s.io/deployment-name=$Name-w").Where({ $_.Ready }).Count | Should -Be 4
            @($run.Progress)[-1].RecordType | Should -Be Completed
            @($run.Progress).Activity | Select-Object -Unique | Should -Match "$Space/$Name-w"
            @($run.Progress).ActivityId | Select-Object -Unique | Should -HaveCount 1
        }

        It 'ends when the machines that are too many are really gone' {
            Add-TestMachineDeployment $Api $Space "$Name-w" -Replicas 3 -Controlled
            $null = Wait-Until { (Get-TestMachineDeployment $Api $Space "$Name-w").status.readyReplicas -eq 3 }
            $after = Set-CapiMachineDeploymentScale "$Name-w" 1 -Namespace $Space -Wait -PassThru
            $after.Replicas | Should -Be 1
            @(Get-CapiMachine -Namespace $Space -LabelSelector "cluster.x-k8s.io/deployment-name=$Name-w").Count | Should -Be 1
        }

        It 'is not deceived by counts from before the controller saw the change' {
            # Nobody observes the new generation: the old status says 2 of 2, the new wish is 2 again after 3.
            Edit-TestMachineDeployment $Api $Space $Name @{ spec = @{ replicas = 3 } }
            $problem = Get-Failure { Set-CapiMachineDeploymentScale $Name 2 -Namespace $Space -Wait -Timeout '300ms' }
            Assert-Problem $problem MachineDeploymentTimeout @Command -Category OperationTimeout -Target "$Space/$Name"
            $problem.ToString() | Should -Match 'has not seen the newest specification'
        }

        It 'asks for no state again and again: it watches' {
            $own = Add-TestNamespace $Api
            Add-TestMachineDeployment $Api $own $Name
            $mark = Get-ApiRequestMark $Api
            $null = Get-Failure { Set-CapiMachineDeploymentScale $Name 3 -Namespace $own -Wait -Timeout '600ms' }
            $verbs = @(Get-ApiRequest $Api $mark).Where({ $_.Uri -match "/$own/machinedeployments" }).Verb
            $verbs.Where({ $_ -eq 'watch' }).Count | Should -Be 1
            $verbs.Where({ $_ -eq 'list' }).Count | Should -Be 1
            $verbs.Where({ $_ -eq 'get' }).Count | Should -Be 1
        }

        It 'says after the time-out what is missing, and still gives the last state with -PassThru' {
            Add-TestMachine $Api $Space "$Name-slow" -Deployment $Name -State Provisioning
            $output = Set-CapiMachineDeploymentScale $Name 3 -Namespace $Space -Wait -Timeout 0.4 -PassThru -ErrorAction SilentlyContinue -ErrorVariable problems
            Assert-Problem $problems MachineDeploymentTimeout @Command -Category OperationTimeout -Target "$Space/$Name"
            $problems[0].ToString() | Should -Match 'after 0\.4 s'
            $problems[0].ToString() | Should -Match '2/3 ready'
            $problems[0].ToString() | Should -Match "$Name-slow \(Provisioning, InfrastructureReady=False"
            $output.Name | Should -Be $Name
            $output.DesiredReplicas | Should -Be 3
        }

        It 'goes on with the others after a time-out' {
            Add-TestMachineDeployment $Api $Space "$Name-w" -Controlled
            $null = Wait-Until { (Get-TestMachineDeployment $Api $Space "$Name-w").status.readyReplicas -eq 2 }
            $output = Set-CapiMachineDeploymentScale $Name, "$Name-w" 3 -Namespace $Space -Wait -Timeout 3 -PassThru -ErrorAction SilentlyContinue -ErrorVariable problems
            Assert-Problem $problems MachineDeploymentTimeout @Command -Category OperationTimeout -Target "$Space/$Name"
            $output.Where({ $_.Name -eq "$Name-w" }).ReadyReplicas | Should -Be 3
        }

        It 'ends when somebody else sets another number' {
            $running = Start-Script { Set-CapiMachineDeploymentScale $Name 4 -Namespace $Space -Wait -Timeout 60 } -Variables @{ Name = $Name; Space = $Space }
            $null = Wait-Until { @($running.Progress).StatusDescription -contains '2/4 Ready' } 'progress 2/4 Ready'
            Edit-TestMachineDeployment $Api $Space $Name @{ spec = @{ replicas = 7 } }
            Assert-Problem @((Wait-Script $running).Errors) ScaleOverridden @Command -Category InvalidOperation -Target "$Space/$Name"
        }

        It 'ends when it is deleted meanwhile' {
            $running = Start-Script { Set-CapiMachineDeploymentScale $Name 4 -Namespace $Space -Wait -Timeout 60 } -Variables @{ Name = $Name; Space = $Space }
            $null = Wait-Until { @($running.Progress).StatusDescription -contains '2/4 Ready' } 'progress 2/4 Ready'
            Remove-TestMachineDeployment $Api $Space $Name
            Assert-Problem @((Wait-Script $running).Errors) MachineDeploymentDeleted @Command -Category ObjectNotFound -Target "$Space/$Name"
        }
    }

    Context 'a bad number' {
        It 'is refused before anything is asked: <Replicas>' -ForEach @(@{ Replicas = -1 }, @{ Replicas = 'many' }, @{ Replicas = $null }) {
            $mark = Get-ApiRequestMark $Api
            $problem = Get-Failure { Set-CapiMachineDeploymentScale $Name -Replicas $Replicas -Namespace $Space }
            $id, $class = $problem.FullyQualifiedErrorId -split ','
            $id | Should -BeIn ParameterArgumentValidationError, ParameterArgumentTransformationError, CannotConvertArgumentNoMessage
            $class | Should -Be 'CapiWorkshop.PowerShell.Commands.SetCapiMachineDeploymentScaleCommand'
            Get-ApiRequest $Api $mark | Should -BeNullOrEmpty
            Get-Replica $Name | Should -Be 2
        }
    }
}

Describe 'The time-out' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'may be given as <Form>' -ForEach @(
        @{ Form = '0.3'; Given = 0.3 }, @{ Form = "'0.3'"; Given = '0.3' }, @{ Form = "'300ms'"; Given = '300ms' }, @{ Form = "'0.3s'"; Given = '0.3s' }
        @{ Form = 'a TimeSpan'; Given = [timespan]::FromMilliseconds(300) }, @{ Form = "'00:00:00.3'"; Given = '00:00:00.3' }
    ) {
        $problem = Get-Failure { Wait-CapiMachineDeployment k0s-demo-cluster-md-0 -Until { $false } -Timeout $Given }
        $problem.ToString() | Should -Match 'after 0\.3 s'
    }

    It 'means <Seconds> s when <Given> is given' -ForEach @(
        @{ Given = 5; Seconds = 5 }, @{ Given = '5'; Seconds = 5 }, @{ Given = '90s'; Seconds = 90 }, @{ Given = '1m30s'; Seconds = 90 }, @{ Given = '1.5h'; Seconds = 5400 }
        @{ Given = [timespan]::FromMinutes(2); Seconds = 120 }, @{ Given = 2.5; Seconds = 2.5 }
    ) {
        $transform = (Get-Command Set-CapiMachineDeploymentScale).Parameters.Timeout.Attributes.Where({ $_ -is [System.Management.Automation.ArgumentTransformationAttribute] })[0]
        $transform.Transform($null, $Given).TotalSeconds | Should -Be $Seconds
    }

    It 'is refused when it is <Given>' -ForEach @(
        @{ Given = -5 }, @{ Given = '-5' }, @{ Given = 0 }, @{ Given = 'soon' }, @{ Given = '5 apples' }, @{ Given = [timespan]::FromSeconds(-1) }, @{ Given = '' }, @{ Given = $true }
    ) {
        $mark = Get-ApiRequestMark $Api
        $problem = Get-Failure { Wait-CapiMachineDeployment k0s-demo-cluster-md-0 -Timeout $Given }
        $problem.FullyQualifiedErrorId | Should -BeExactly 'ParameterArgumentTransformationError,CapiWorkshop.PowerShell.Commands.WaitCapiMachineDeploymentCommand'
        $problem.ToString() | Should -Match '90s'
        Get-ApiRequest $Api $mark | Should -BeNullOrEmpty
    }
}
