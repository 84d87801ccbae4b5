[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    if (-not $Api.Reason) {
        $Space = Add-TestNamespace $Api
        Add-TestMachine $Api $Space a
        Add-TestMachineDeployment $Api $Space never
    }

    function Wait-Watch([long] $Since, $Running) {
        $null = Wait-Until { $Running.Run.IsCompleted -or @(Get-ApiRequest $Api $Since).Verb -contains 'watch' } 'a watch request'
    }

    function Wait-WatchEnd([long] $Since) {
        $null = Wait-Until { @(Get-ApiRequest $Api $Since | Where-Object Verb -EQ watch).IsDone -notcontains $false } 'the end of the watch on the server' -Seconds 5
    }
}

Describe 'Stopping the pipeline' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'ends within 1 s, and nothing is written afterwards: <Name>' -ForEach @(
        @{ Name = 'Watch-CapiMachine'; Script = { Watch-CapiMachine -Namespace $Space } }
        @{ Name = 'Wait-CapiMachineDeployment'; Script = { Wait-CapiMachineDeployment never -Namespace $Space -Until { $false } -PassThru } }
        @{ Name = 'Wait-CapiMachineDeployment -For Deleted'; Script = { Wait-CapiMachineDeployment never -Namespace $Space -For Deleted } }
        @{ Name = 'Set-CapiMachineDeploymentScale -Wait'; Script = { Set-CapiMachineDeploymentScale never 5 -Namespace $Space -Wait -PassThru } }
    ) {
        $mark = Get-ApiRequestMark $Api
        $running = Start-Script $Script -Variables @{ Space = $Space }
        Wait-Watch $mark $running
        $running.Run.IsCompleted | Should -BeFalse

        $clock = [Diagnostics.Stopwatch]::StartNew()
        $running.Shell.Stop()
        $clock.Elapsed.TotalMilliseconds | Should -BeLessThan 1000
        $running.Shell.InvocationStateInfo.State | Should -Be Stopped

        $said = $running.Output.Count, $running.Errors.Count, $running.Progress.Count
        Move-TestMachine $Api $Space a Running
        Edit-TestMachineDeploymentStatus $Api $Space never @{ readyReplicas = 1 }
        Wait-WatchEnd $mark
        $running.Output.Count, $running.Errors.Count, $running.Progress.Count | Should -Be $said
        $running.Errors | Should -BeNullOrEmpty
        $running.Shell.Runspace.Dispose()
    }

    It 'ends a command that waits for an answer within 1 s' {
        # Somebody who takes the connection and says nothing.
        $listener = [Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
        $listener.Start()
        try {
            $file = Join-Path $TestDrive silent
            $address = "http://127.0.0.1:$($listener.LocalEndpoint.Port)"
            "{current-context: c, clusters: [{name: c, cluster: {server: '$address'}}], contexts: [{name: c, context: {cluster: c}}]}" | Set-Content $file
            $running = Start-Script { Get-CapiCluster -KubeConfig $File } -Variables @{ File = $file }
            $null = Wait-Until { $listener.Pending() } 'a connection'
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $running.Shell.Stop()
            $clock.Elapsed.TotalMilliseconds | Should -BeLessThan 1000
            $running.Errors | Should -BeNullOrEmpty
            $running.Shell.Runspace.Dispose()
        }
        finally {
            $listener.Stop()
        }
    }

    It 'leaves the runspace and its connection as good as before' {
        $mark = Get-ApiRequestMark $Api
        $state = [initialsessionstate]::CreateDefault2()
        $state.ImportPSModule($ModulePath)
        $space = [runspacefactory]::CreateRunspace($state)
        $space.Open()
        $shell = [powershell]::Create($space).AddScript('Connect-CapiManagementCluster; Watch-CapiMachine')
        $run = $shell.BeginInvoke()
        Wait-Watch $mark @{ Run = $run }
        $shell.Stop()
        $shell.Commands.Clear()
        $shell.AddScript('(Get-CapiCluster dev-cluster).Name').Invoke() | Should -Be 'dev-cluster'
        $space.Dispose()
    }
}

Describe 'Ctrl+C' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'ends a pwsh that does nothing but watch within 1 s, with what it had said and no error' {
        $mark = Get-ApiRequestMark $Api
        # A build that runs in the background may have taken SIGINT's meaning away, and children inherit that.
        $script = "Import-Module '$ModulePath'; Watch-CapiMachine -Namespace $Space | ForEach-Object Name; 'not reached'"
        $arguments = '--default-signal=INT', [Environment]::ProcessPath, '-NoProfile', '-NonInteractive', '-Command', $script
        $start = [Diagnostics.ProcessStartInfo]::new('env', [string[]] $arguments)
        $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        $process = [Diagnostics.Process]::Start($start)
        try {
            $output, $errors = $process.StandardOutput.ReadToEndAsync(), $process.StandardError.ReadToEndAsync()
            $null = Wait-Until { $process.HasExited -or @(Get-ApiRequest $Api $mark).Verb -contains 'watch' } 'a watch request' -Seconds 30
            $process.HasExited | Should -BeFalse

            $clock = [Diagnostics.Stopwatch]::StartNew()
            & kill -INT $process.Id
            $process.WaitForExit(5000) | Should -BeTrue
            $clock.Elapsed.TotalMilliseconds | Should -BeLessThan 1000
            $output.Result.Trim() | Should -Be 'a'
            $errors.Result | Should -BeNullOrEmpty
            Wait-WatchEnd $mark
        }
        finally {
            if (-not $process.HasExited) {
                $process.Kill()
            }
        }
    }
}
