[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Command = @{ Command = 'Remove-CapiWorkshop' }

    # A PowerShell of its own that is connected to the sandbox.
    function Invoke-Connected([string] $Command, [string] $Answer, [switch] $AtEnd) {
        Invoke-PowerShell "Import-Module '$ModulePath'; `$null = Connect-CapiManagementCluster -KubeConfig '$($Sandbox.KubeConfig)'; $Command" -Answer $Answer -AtEnd:$AtEnd
    }
}

Describe 'Remove-CapiWorkshop, before it removes anything' {
    BeforeAll {
        $Sandbox = Start-TestSandbox
        $Before = Get-WorkshopVersion
    }

    AfterAll { Stop-TestSandbox $Sandbox }

    AfterEach { Get-WorkshopVersion | Should -Be $Before -Because 'nothing was written' }

    It 'lists each object with -WhatIf, in the order of the removal' {
        $said = Invoke-Connected 'Remove-CapiWorkshop -WhatIf'
        $said.Errors | Should -BeNullOrEmpty
        $told = [regex]::Matches($said.Output, 'on target "(?<kind>[\w.]+) default/(?<name>[\w-]+)').ForEach({ "$($_.Groups['kind']) default/$($_.Groups['name'])" })
        $Before -replace ' \d+$' | Where-Object { $_ -notin $told } | Should -BeNullOrEmpty -Because 'every object is told'
        $told[0] | Should -Be 'HelmChartProxy default/nginx'
        ($told -match '^Cluster ')[0] | Should -Be 'Cluster default/dev-cluster'
        $told.IndexOf('Cluster default/dev-cluster') | Should -BeGreaterThan $told.IndexOf(($told -match '^HelmReleaseProxy')[-1])
    }

    It 'asks, naming what would go, and takes no for an answer' {
        $said = Invoke-Connected 'Remove-CapiWorkshop | ForEach-Object Name; "went on"' -Answer n
        $said.Output -replace '\s+', ' ' | Should -Match '2 Clusters \(dev-cluster, k0s-demo-cluster\) with 5 Machines, and 1 HelmChartProxy \(nginx\)'
        $said.Output | Should -Not -Match 'if they are left' -Because 'nothing of that was asked for'
        $said.Output | Should -Match 'Nothing was removed: the answer was no'
        $said.Output | Should -Match 'went on'
        $said.Errors | Should -BeNullOrEmpty
    }

    It 'asks by count and kind for what destroys data: Remove-CapiCluster <_>' -ForEach '', '-Force -Confirm' {
        $plan = Get-CapiRemovalPlan k0s-demo-cluster -IncludeVolumes -IncludeSecrets
        $secrets = @($plan.Items | Where-Object { $_.Kind -eq 'Secret' -and $_.Action -eq 'DeleteIfLeft' }).Count
        $secrets | Should -BeGreaterThan 1
        $said = (Invoke-Connected "Remove-CapiCluster k0s-demo-cluster -IncludeVolumes -IncludeSecrets $_" -Answer n).Output -replace '\s+', ' '
        $said | Should -Match ": 1 Cluster \(k0s-demo-cluster\) with \d Machines, and if they are left, 3 PersistentVolumeClaims with the data of hosted control planes and $secrets Secrets\. It takes off 1 label so that shared applications leave them\. It cannot be undone\."
        $said | Should -Match 'Nothing was removed'
    }

    It 'says what to do where nobody can be asked' {
        $said = Invoke-Connected 'try { Remove-CapiWorkshop } catch { $_.FullyQualifiedErrorId; $_.ErrorDetails.RecommendedAction }'
        $said.Output | Should -Match '^ConfirmationRequired,CapiWorkshop\.PowerShell\.Commands\.RemoveCapiWorkshopCommand\s'
        $said.Output | Should -Match '-Force'
    }

    It 'says so, too, where the input is at its end' {
        (Invoke-Connected 'try { Remove-CapiWorkshop } catch { $_.FullyQualifiedErrorId }' -AtEnd).Output | Should -Match 'ConfirmationRequired,'
    }

    It 'is not satisfied with -Confirm:$false, and asks with -Force -Confirm' {
        (Invoke-Connected 'try { Remove-CapiWorkshop -Confirm:$false } catch { $_.FullyQualifiedErrorId }').Output | Should -Match '^ConfirmationRequired,'
        (Invoke-Connected 'Remove-CapiWorkshop -Force -Confirm | ForEach-Object Name; "went on"' -Answer n).Output | Should -Match 'went on'
    }

    It 'does not take the current context of a kubeconfig' {
        $run = Invoke-Script { Remove-CapiWorkshop -Force }
        Assert-Problem ($run.Thrown ?? $run.Errors) NotConnected @Command -Category ConnectionError
    }

    It 'refuses both one namespace and all' {
        Assert-Problem (Get-Failure { Remove-CapiWorkshop -Force -Namespace default -AllNamespaces }) AmbiguousScope @Command -Category InvalidArgument
    }

    It 'finds nothing in another namespace, and says so' {
        $result = Remove-CapiWorkshop -Force -Namespace kube-system -WarningVariable warning -WarningAction SilentlyContinue
        $warning | Should -Match "nothing to remove in namespace 'kube-system'"
        $result.Subject | Should -Be 'ManagementCluster'
        $result.IsIntact | Should -BeTrue
    }

    It 'says that no cluster matches where there are others' {
        $null = Remove-CapiWorkshop 'zzz*' -Force -WarningVariable warning -WarningAction SilentlyContinue
        $warning | Should -Match "nothing to remove in namespace 'default' .*: no Cluster matches\.$"
    }
}

Describe 'Remove-CapiWorkshop, where something is paused' {
    BeforeAll { $Sandbox = Start-TestSandbox }

    AfterAll { Stop-TestSandbox $Sandbox }

    It 'refuses, and writes nothing' {
        Skip-Without kubectl
        $null = Invoke-Kubectl $Sandbox.KubeConfig patch cluster dev-cluster --type merge -p '{"spec":{"paused":true}}'
        $null = Wait-Until { (Get-CapiCluster dev-cluster).IsPaused } 'a pause'
        $before = Get-WorkshopVersion
        Assert-Problem (Get-Failure { Remove-CapiWorkshop -Force }) RemovalBlocked @Command -Category InvalidOperation -Target $Sandbox.Name
        Get-WorkshopVersion | Should -Be $before
    }
}

Describe 'Remove-CapiWorkshop -Force' {
    BeforeAll {
        $Sandbox = Start-TestSandbox
        $Management = Get-CapiManagementCluster
        # Who looks on: what there is of applications when a Cluster begins to go.
        $Watching = Start-Script {
            Connect-CapiManagementCluster -KubeConfig $File | Out-Null
            while ($clusters = @(Get-CapiCluster)) {
                # In this order: what is gone before stays so.
                if ($clusters.Where({ $_.DeletionRequestedAt })) { [pscustomobject] @{ Applications = @(Get-CapiHelmChartProxy).Count + @(Get-CapiHelmReleaseProxy).Count } }
            }
        } -Variables @{ File = $Sandbox.KubeConfig }
        $Running = Invoke-Script { Remove-CapiWorkshop -Force -Timeout 60 -Connection $To } -Variables @{ To = $Sandbox.Connection }
        $Seen = (Wait-Script $Watching).Output
    }

    AfterAll { Stop-TestSandbox $Sandbox }

    It 'tells each Cluster, and the management cluster last' {
        $Running.Thrown | Should -BeNullOrEmpty
        $Running.Errors | Should -BeNullOrEmpty
        $Running.Output | Should -BeOfType CapiWorkshop.Operations.CapiRemovalResult
        $Running.Output[0..1].Name | Sort-Object | Should -Be 'dev-cluster', 'k0s-demo-cluster'
        $Running.Output[0..1].IsRemoved | Should -Be $true, $true
        $Running.Output[2].Subject | Should -Be 'ManagementCluster'
        $Running.Output[2].IsIntact | Should -BeTrue
        $Running.Output.Remaining | Should -BeNullOrEmpty
        $dev = $Running.Output | Where-Object Name -EQ dev-cluster
        $dev.Removed['Machine'] | Should -Be 3
        $dev.Stages.Stage | Should -Contain 'Workers'
        $dev.Stages | Where-Object { $null -eq $_.EndedAt } | Should -BeNullOrEmpty
    }

    It 'shows how far it is, and takes the bar away' {
        $Running.Progress.Count | Should -BeGreaterThan 2
        $Running.Progress[$Running.Progress.Count - 1].RecordType | Should -Be 'Completed'
    }

    It 'deletes no Cluster before the applications are gone' {
        $Seen.Count | Should -BeGreaterThan 0
        $Seen.Applications | Measure-Object -Maximum | ForEach-Object Maximum | Should -Be 0
    }

    It 'leaves nothing of the workshop: <_>' -ForEach 'Cluster', 'MachineDeployment', 'Machine', 'HelmChartProxy', 'HelmReleaseProxy' {
        & "Get-Capi$_" -ErrorVariable problems | Should -BeNullOrEmpty
        $problems | Should -BeNullOrEmpty
    }

    It 'leaves no container but those of the management cluster' {
        Skip-Without docker
        $found = docker -H $Sandbox.EngineAddress ps --all --filter label=io.x-k8s.kind.cluster --format '{{.Names}}'
        @($found).Count | Should -Be 1
    }

    It 'leaves the management cluster as it was' {
        $after = Get-CapiManagementCluster
        $after.Ready | Should -BeTrue
        "$($after.Providers)" | Should -Be "$($Management.Providers)"
    }

    It 'finds nothing the second time, says so, and looks at the management cluster' {
        $result = Remove-CapiWorkshop -WarningVariable warning -WarningAction SilentlyContinue
        $warning.Count | Should -Be 1
        ($result | Where-Object Subject -EQ ManagementCluster).IsIntact | Should -BeTrue
        ($result | ForEach-Object { $_.Removed.Count } | Measure-Object -Sum).Sum | Should -Be 0
    }
}

Describe 'A removal that is not finished' {
    BeforeEach { $Sandbox = Start-TestSandbox }

    AfterEach { Stop-TestSandbox $Sandbox }

    It 'runs out of time where something holds on, and goes on when that is gone' {
        Skip-Without kubectl
        $machine = (Get-CapiMachine -Cluster dev-cluster | Select-Object -First 1).Name
        $null = Invoke-Kubectl $Sandbox.KubeConfig patch machine $machine --type json -p '[{"op":"add","path":"/metadata/finalizers/-","value":"test.example/held"}]'
        $problems = Get-Failure { $script:first = Remove-CapiWorkshop -Force -Timeout 5 }
        Assert-Problem $problems RemovalTimeout @Command -Category OperationTimeout -Target default/dev-cluster
        "$problems" | Should -Match $machine
        $held = $first | Where-Object Name -EQ dev-cluster
        $held.IsRemoved | Should -BeFalse
        $held.Remaining.ForEach({ "$_" }) | Should -Contain "Machine default/$machine"
        $held.Leftovers | Should -BeNullOrEmpty
        $held.StuckReasons.Id | Should -Contain 'ForeignFinalizer'
        ($first | Where-Object Name -EQ k0s-demo-cluster).IsRemoved | Should -BeTrue

        $finalizers = (Get-CapiMachine $machine).Finalizers
        $index = [array]::IndexOf([string[]] $finalizers, 'test.example/held')
        $null = Invoke-Kubectl $Sandbox.KubeConfig patch machine $machine --type json -p "[{`"op`":`"remove`",`"path`":`"/metadata/finalizers/$index`"}]"
        $second = Remove-CapiWorkshop -Force -Timeout 30 -WarningAction SilentlyContinue
        $second | Where-Object { $_.IsRemoved -eq $false -or $_.IsIntact -eq $false } | Should -BeNullOrEmpty
        Get-CapiCluster | Should -BeNullOrEmpty
    }

    It 'says why a cluster does not go on, and goes on with the others' {
        Skip-Without kubectl
        $release = (Get-CapiHelmReleaseProxy | Where-Object Cluster -EQ dev-cluster).Name
        $null = Invoke-Kubectl $Sandbox.KubeConfig patch helmreleaseproxy $release --type json -p '[{"op":"add","path":"/metadata/finalizers/-","value":"test.example/held"}]'
        $problems = Get-Failure { $script:results = Remove-CapiWorkshop -Force -StuckAfter 2 -Timeout 15 -WarningAction SilentlyContinue }
        Assert-Problem $problems RemovalTimeout @Command -Category OperationTimeout -Target default/dev-cluster
        $dev = $results | Where-Object Name -EQ dev-cluster
        $dev.IsRemoved | Should -BeFalse
        $dev.StuckReasons.Id | Should -Be 'ForeignFinalizer'
        $dev.StuckReasons.Subject | Should -Be "HelmReleaseProxy default/$release"
        ($results | Where-Object Name -EQ k0s-demo-cluster).IsRemoved | Should -BeTrue
        (Get-CapiCluster dev-cluster).DeletionRequestedAt | Should -BeNullOrEmpty -Because 'its application is still there'
    }

    It 'refuses a plan that was overtaken, and writes nothing' {
        Skip-Without kubectl
        $plan = Get-CapiRemovalPlan
        $null = Invoke-Kubectl $Sandbox.KubeConfig patch cluster dev-cluster --type merge -p '{"spec":{"paused":true}}'
        $null = Wait-Until { (Get-CapiCluster dev-cluster).IsPaused } 'a pause'
        $before = Get-WorkshopVersion
        $problems = Get-Failure { Remove-CapiWorkshop -Plan $plan -Force }
        Assert-Problem $problems PlanOutdated @Command -Category InvalidOperation -Target $Sandbox.Name
        "$problems" | Should -Match 'Cluster default/dev-cluster is paused now'
        Remove-CapiWorkshop -Plan $plan -WhatIf -WarningVariable told -WarningAction SilentlyContinue
        "$told" | Should -Match 'overtaken by what happened since.*Cluster default/dev-cluster is paused now'
        Get-WorkshopVersion | Should -Be $before
    }

    It 'says that nothing is gone where the time was over at once' {
        $problems = Get-Failure { $script:first = Remove-CapiWorkshop -Force -Timeout 0.001 }
        $problems.Count | Should -Be 2
        $problems[0].FullyQualifiedErrorId | Should -Match '^RemovalTimeout,'
        "$($problems[0])" | Should -Match 'Cluster default/'
        ($first | Where-Object Subject -EQ Cluster).IsRemoved | Should -Be $false, $false
    }

    It 'is finished by a second run after Ctrl+C' {
        $running = Start-Script { Remove-CapiWorkshop -Force -Connection $To } -Variables @{ To = $Sandbox.Connection }
        $null = Wait-Until { $running.Run.IsCompleted -or (Get-CapiHelmChartProxy).DeletionRequestedAt -or -not (Get-CapiHelmChartProxy) } 'the first deletion'
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $running.Shell.Stop()
        $clock.Elapsed.TotalMilliseconds | Should -BeLessThan 1000
        $running.Errors | Should -BeNullOrEmpty
        $running.Shell.Runspace.Dispose()
        $result = Remove-CapiWorkshop -Force -Timeout 30 -WarningAction SilentlyContinue
        $result[-1].IsIntact | Should -BeTrue
        Get-CapiCluster | Should -BeNullOrEmpty
        Get-CapiMachine | Should -BeNullOrEmpty
    }
}

Describe 'A removal whose server ends' {
    It 'ends at once, and says so' {
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'it speaks of signals'
        }

        # Slow, so that it cannot be over before.
        $Sandbox = Start-TestSandbox -TimeScale 0.1
        try {
            $running = Start-Script { Remove-CapiWorkshop -Force -Connection $To } -Variables @{ To = $Sandbox.Connection }
            $null = Wait-Until { $running.Run.IsCompleted -or (Get-CapiHelmChartProxy).DeletionRequestedAt } 'the first deletion'
            $running.Run.IsCompleted | Should -BeFalse
            & kill -KILL $Sandbox.ProcessId
            $null = Wait-Script $running -Seconds 10
            $running.Errors.FullyQualifiedErrorId -replace ',.*' | Should -Be 'SandboxEnded'
            $running.Errors[0].ErrorDetails.RecommendedAction | Should -Match 'Start-CapiSandbox'
            $running.Output.Where({ $_.IsRemoved -or $_.IsIntact }) | Should -BeNullOrEmpty
        }
        finally {
            Stop-TestSandbox $Sandbox
        }
    }
}

Describe 'What an earlier removal left' {
    BeforeAll {
        $Sandbox = Start-TestSandbox
        $First = Remove-CapiWorkshop -Force -Timeout 60
    }

    AfterAll { Stop-TestSandbox $Sandbox }

    It 'was told, and is told again' {
        ($First | Where-Object Name -EQ k0s-demo-cluster).Leftovers.Kind | Select-Object -Unique | Should -Be PersistentVolumeClaim
        $again = Remove-CapiWorkshop -Force -Timeout 60 -WarningAction SilentlyContinue | Where-Object Name -EQ k0s-demo-cluster
        $again.Leftovers.Count | Should -Be 3
        $again.Removed.Count | Should -Be 0
    }

    It 'is taken by the name of a cluster that is not there any more, where that is asked for' {
        Assert-Problem (Get-Failure { Remove-CapiCluster k0s-demo-cluster -Force }) ClusterNotFound -Command Remove-CapiCluster -Category ObjectNotFound -Target default/k0s-demo-cluster
        $results = Remove-CapiCluster k0s-demo-cluster -IncludeVolumes -Force -Timeout 60
        ($results | Where-Object Name -EQ k0s-demo-cluster).Removed['PersistentVolumeClaim'] | Should -Be 3
        (Get-CapiRemovalPlan).Items | Should -BeNullOrEmpty
    }
}
