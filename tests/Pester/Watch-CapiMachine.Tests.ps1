[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    if (-not $Api.Reason) {
        $Space = Add-TestNamespace $Api
        Add-TestMachine $Api $Space a -Cluster red
        Add-TestMachine $Api $Space b -Cluster blue -State Provisioning
        Add-TestCluster $Api $Space red
    }

    # Starts a script that watches, and gives it when the server has the watch.
    function Open-Watch([scriptblock] $Script, [hashtable] $Variables = @{}) {
        $mark = Get-ApiRequestMark $Api
        $running = Start-Script $Script -Variables ($Variables + @{ Space = $Space })
        $null = Wait-Until { $running.Run.IsCompleted -or @(Get-ApiRequest $Api $mark).Verb -contains 'watch' } 'a watch request'
        $running
    }

    function Test-WatchEnded([long] $Since) {
        $watches = @(Get-ApiRequest $Api $Since | Where-Object Verb -EQ watch)
        $watches.Count -gt 0 -and $watches.IsDone -notcontains $false
    }
}

Describe 'Watch-CapiMachine' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'tells first what is there' {
        $changes = Watch-CapiMachine -Namespace $Space -Count 2
        $changes | Should -BeOfType CapiWorkshop.Operations.CapiMachineChange
        $changes.Type | Should -Be Initial, Initial
        $changes.Name | Should -Be 'a', 'b'
        $changes[1].Phase | Should -Be Provisioning
        $changes[0].PreviousPhase | Should -BeNullOrEmpty
        $changes[0].Machine | Should -BeOfType CapiWorkshop.Operations.CapiMachine
        $changes[0].Cluster | Should -Be 'red'
        "$($changes[0])" | Should -Be "Initial $Space/a"
    }

    It 'tells what appears, changes and goes, in order and with the phase before' {
        $running = Open-Watch { Watch-CapiMachine 'new-*' -Namespace $Space -Until { $_.Type -eq 'Deleted' } -Timeout 60 }
        Add-TestMachine $Api $Space new-1 -State Pending
        Move-TestMachine $Api $Space new-1 Provisioning
        Move-TestMachine $Api $Space new-1 Provisioned
        Move-TestMachine $Api $Space new-1 Running
        Remove-TestMachine $Api $Space new-1
        $run = Wait-Script $running
        $run.Errors | Should -BeNullOrEmpty
        $changes = @($run.Output)
        $changes[0].Type | Should -Be Added
        $changes[0].PreviousPhase | Should -BeNullOrEmpty
        $moves = $changes.Where({ $_.Type -eq 'Modified' -and $_.Phase -ne $_.PreviousPhase }).ForEach({ "$($_.PreviousPhase) > $($_.Phase)" })
        $moves | Should -Be 'Unknown > Pending', 'Pending > Provisioning', 'Provisioning > Provisioned', 'Provisioned > Running', 'Running > Deleting'
        $changes[-1].Type | Should -Be Deleted
        $changes[-1].PreviousPhase | Should -Be Deleting
        $changes[-1].Name | Should -Be 'new-1'
        $changes.Where({ $_.Type -eq 'Deleted' }).Count | Should -Be 1
    }

    It 'leaves out what is there with -NoInitial, and still knows its phase' {
        $running = Open-Watch { Watch-CapiMachine -Namespace $Space -NoInitial -Count 1 -Timeout 60 }
        $running.Output.Count | Should -Be 0
        Move-TestMachine $Api $Space b Provisioned
        $change = (Wait-Script $running).Output[0]
        $change.Type | Should -Be Modified
        $change.Name | Should -Be 'b'
        $change.PreviousPhase | Should -Be Provisioning
        $change.Phase | Should -Be Provisioned
    }

    It 'ends after -Count changes, exactly' {
        @(Watch-CapiMachine -Count 3).Count | Should -Be 3
        @(Watch-CapiMachine -Count 1).Count | Should -Be 1
    }

    It 'ends with the change of which -Until says true' {
        $changes = @(Watch-CapiMachine -Until { $_.Name -like '*q4lmx' } -Timeout 30)
        $changes[-1].Name | Should -BeLike '*q4lmx'
        $changes.Where({ $_.Name -like '*q4lmx' }).Count | Should -Be 1
    }

    It 'sees the variables of the caller in -Until' {
        $wanted = 'dev-cluster-md-0-x7k2p-9ftzd'
        (Watch-CapiMachine -Until { $_.Name -eq $wanted } -Timeout 30)[-1].Name | Should -Be $wanted
    }

    It 'reports a condition that fails, and ends' {
        $mark = Get-ApiRequestMark $Api
        $problem = Get-Failure { Watch-CapiMachine -Until { throw 'no idea' } -Timeout 30 }
        $problem.ToString() | Should -Match 'no idea'
        Get-ApiRequest $Api $mark | Where-Object { $_.Verb -eq 'watch' -and -not $_.IsDone } | Should -BeNullOrEmpty
    }

    It 'ends quietly after -Timeout' {
        $clock = [Diagnostics.Stopwatch]::StartNew()
        $changes = Watch-CapiMachine -Namespace $Space -Timeout '0.5s' -ErrorVariable problems
        $clock.Elapsed.TotalSeconds | Should -BeGreaterThan 0.4
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 5
        $problems | Should -BeNullOrEmpty
        $changes.Count | Should -Be 2
    }

    It 'watches only what is asked for: name, cluster, labels' {
        @(Watch-CapiMachine -Namespace $Space a -Timeout 0.3).Name | Should -Be 'a'
        @(Watch-CapiMachine -Namespace $Space -Cluster blue -Timeout 0.3).Name | Should -Be 'b'
        @(Get-CapiCluster red -Namespace $Space | Watch-CapiMachine -Timeout 0.3).Name | Should -Be 'a'
        @(Watch-CapiMachine -LabelSelector 'cluster.x-k8s.io/control-plane' -Timeout 0.3).Name | Should -Be 'dev-cluster-control-plane-5nq8w'
        @(Watch-CapiMachine -AllNamespaces 'a', '*5nq8w' -Timeout 0.3).Name | Should -Contain 'a'
    }

    It 'watches several clusters at once and counts their changes together' {
        $changes = @(Get-CapiCluster | Watch-CapiMachine -Count 4 -Timeout 30)
        $changes.Count | Should -Be 4
    }

    It 'begins where the list ended, asks for bookmarks, and only for what is watched' {
        $mark = Get-ApiRequestMark $Api
        $null = Watch-CapiMachine a -Namespace $Space -Timeout 0.3
        $watch = Get-ApiRequest $Api $mark | Where-Object { $_.Verb -eq 'watch' -and $_.Uri -match 'fieldSelector' }
        @($watch).Count | Should -Be 1
        $watch.Uri | Should -Match 'resourceVersion=\d+'
        $watch.Uri | Should -Match 'allowWatchBookmarks=1|allowWatchBookmarks=true'
        $watch.Uri | Should -Match 'fieldSelector=metadata\.name%3Da\b'
    }

    It 'refuses a count below 1' {
        (Get-Failure { Watch-CapiMachine -Count 0 }).FullyQualifiedErrorId | Should -BeExactly 'ParameterArgumentValidationError,CapiWorkshop.PowerShell.Commands.WatchCapiMachineCommand'
    }

    Context 'when the pipeline has had enough' {
        It 'ends at once with what is there' {
            $clock = [Diagnostics.Stopwatch]::StartNew()
            (Watch-CapiMachine -Namespace $Space | Select-Object -First 1).Name | Should -Be 'a'
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 2
        }

        It 'ends with the first change, and leaves no watch open on the server' {
            $mark = Get-ApiRequestMark $Api
            $running = Open-Watch { Watch-CapiMachine -Namespace $Space -NoInitial | Select-Object -First 1 }
            Test-WatchEnded $mark | Should -BeFalse
            Move-TestMachine $Api $Space b Running
            (Wait-Script $running -Seconds 5).Output.Count | Should -Be 1
            Wait-Until { Test-WatchEnded $mark } 'the end of the watch on the server' -Seconds 5 | Should -BeTrue
        }

        It 'leaves no watch open after -Count, -Until and -Timeout either' {
            $mark = Get-ApiRequestMark $Api
            $null = Watch-CapiMachine -Namespace $Space -Timeout 0.3
            Wait-Until { Test-WatchEnded $mark } 'the end of the watch on the server' -Seconds 5 | Should -BeTrue
        }
    }
}
