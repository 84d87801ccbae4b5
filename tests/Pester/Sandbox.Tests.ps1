[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Commands = 'CapiWorkshop.PowerShell.Commands'
    $Import = "Import-Module '$($ModulePath -replace "'", "''")'"

    # Sandboxes of the machine's user are none of the tests' business.
    $UsersFolder = $env:XDG_RUNTIME_DIR
    $env:XDG_RUNTIME_DIR = $Runtime = "$TestDrive"

    # In runspaces of their own: this one stays without a connection, for the tests of other files.
    function Open-Sandbox([hashtable] $Arguments) {
        $run = Invoke-Script { Start-CapiSandbox @Arguments } -Variables @{ Arguments = $Arguments }
        $run.Thrown | Should -BeNullOrEmpty
        $run.Output
    }

    function Close-Sandbox($Sandbox) {
        $run = Invoke-Script { $Sandbox | Stop-CapiSandbox } -Variables @{ Sandbox = $Sandbox }
        $run.Thrown | Should -BeNullOrEmpty
        $run.Errors | Should -BeNullOrEmpty
    }

    # What there is of a sandbox: its process, its port, its folder.
    function Get-Trace($Sandbox) {
        if (Get-Process -Id $Sandbox.ProcessId -ErrorAction Ignore) { "process $($Sandbox.ProcessId)" }
        $client = [Net.Sockets.TcpClient]::new()
        try {
            $client.Connect('127.0.0.1', ([uri] $Sandbox.Server).Port)
            "port $($Sandbox.Server)"
        }
        catch [Net.Sockets.SocketException] {
            Write-Debug "Nothing listens at $($Sandbox.Server)."
        }
        finally {
            $client.Dispose()
        }

        if (Test-Path (Split-Path $Sandbox.KubeConfig)) { "folder of $($Sandbox.Name)" }
    }

    # A PowerShell of its own that starts a sandbox, says which, and goes on.
    function Invoke-Owner([string] $Start, [string] $Then = '$null = [Console]::In.ReadLine()') {
        $command = "$Import; Start-CapiSandbox $Start | Select-Object Name, Server, KubeConfig, ProcessId | ConvertTo-Json -Compress; $Then"
        $description = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath, [string[]] @('-NoProfile', '-NonInteractive', '-Command', $command))
        $description.RedirectStandardInput = $description.RedirectStandardOutput = $true
        $owner = [Diagnostics.Process]::Start($description)
        $owner | Add-Member Sandbox ($owner.StandardOutput.ReadLine() | ConvertFrom-Json)
        $owner
    }

    function Skip-OnWindows {
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'it speaks of signals and file modes'
        }
    }
}

AfterAll {
    Get-CapiSandbox | ForEach-Object { Close-Sandbox $_ }
    $env:XDG_RUNTIME_DIR = $UsersFolder
}

Describe 'Start-CapiSandbox' {
    BeforeAll {
        $Running = Open-Sandbox @{ Name = 'running'; Seed = 7; TimeScale = 2.5 }
    }

    AfterAll {
        Close-Sandbox $Running
    }

    It 'says what it started' {
        $Running.Name | Should -Be 'running'
        $Running.Context | Should -Be 'running'
        $Running.Server.Host | Should -Be '127.0.0.1'
        $Running.Seed | Should -Be 7
        $Running.TimeScale | Should -Be 2.5
        $Running.IsDetached | Should -BeFalse
        $Running.IsRunning | Should -BeTrue
        $Running.StartedAt.Offset | Should -Be ([timespan]::Zero)
        (Get-Process -Id $Running.ProcessId).Parent.Id | Should -Be $PID
        "$Running" | Should -Be 'running'
    }

    It 'connects the session to it' {
        $run = Invoke-Script {
            $sandbox = Start-CapiSandbox connected
            try {
                $sandbox.Connection.IsOpen
                $sandbox.Connection.EngineAddress -eq $sandbox.EngineAddress
                (Get-CapiManagementCluster).Context
                @(Get-CapiCluster -AllNamespaces).Where({ $_.Context -ne 'connected' }).Count
            }
            finally {
                $sandbox | Stop-CapiSandbox
            }
        }
        $run.Thrown | Should -BeNullOrEmpty
        $run.Errors | Should -BeNullOrEmpty
        $run.Output[0..3] | Should -Be $true, $true, 'connected', 0
    }

    It 'loads nothing of the sandbox into the session' {
        [AppDomain]::CurrentDomain.GetAssemblies().GetName().Name -like 'Microsoft.AspNetCore*' | Should -BeNullOrEmpty
        [AppDomain]::CurrentDomain.GetAssemblies().GetName().Name | Should -Not -Contain 'CapiWorkshop.Sandbox'
    }

    It 'keeps its files to their owner' {
        Skip-OnWindows
        $folder = Split-Path $Running.KubeConfig
        $nobodyElse = [IO.UnixFileMode] 'UserRead, UserWrite'
        (Get-Item $Running.KubeConfig).UnixFileMode | Should -Be $nobodyElse
        foreach ($path in $folder, (Split-Path $folder)) {
            (Get-Item $path).UnixFileMode | Should -Be ($nobodyElse -bor [IO.UnixFileMode]::UserExecute)
        }
    }

    It 'works for kubectl' {
        if (-not (Get-Command kubectl -CommandType Application -ErrorAction Ignore)) {
            Set-ItResult -Skipped -Because 'there is no kubectl on this machine'
        }

        kubectl --kubeconfig $Running.KubeConfig get namespaces -o name | Should -Contain 'namespace/kube-system'
        $LASTEXITCODE | Should -Be 0
    }

    It 'lets nobody in without credentials' {
        $answer = Invoke-WebRequest "$($Running.Server)api/v1/namespaces" -SkipCertificateCheck -SkipHttpErrorCheck
        $answer.StatusCode | Should -Be 401
    }

    It 'refuses a name that is taken' {
        $problem = Get-Failure { Start-CapiSandbox running }
        Assert-Problem $problem SandboxAlreadyRunning -Command Start-CapiSandbox -Category ResourceBusy -Target running
        $problem.ErrorDetails.RecommendedAction | Should -Match 'Stop-CapiSandbox running'
    }

    It 'refuses a port that is taken, and leaves nothing' {
        $problem = Get-Failure { Start-CapiSandbox elsewhere -Port $Running.Server.Port }
        Assert-Problem $problem SandboxPortInUse -Command Start-CapiSandbox -Category ResourceBusy -Target "$($Running.Server.Port)"
        (Get-ChildItem (Join-Path $Runtime capi-workshop)).Name | Should -Not -Contain "$PID.elsewhere"
    }

    It 'refuses a folder that others may use' {
        Skip-OnWindows
        $said = Invoke-PowerShell @"
            `$env:XDG_RUNTIME_DIR = (New-Item -ItemType Directory '$TestDrive/shared').FullName
            `$null = New-Item -ItemType Directory '$TestDrive/shared/capi-workshop'
            chmod 777 '$TestDrive/shared/capi-workshop'
            $Import
            try { Start-CapiSandbox } catch { `$_.FullyQualifiedErrorId }
"@
        $said.Output.Trim() | Should -Be "SandboxFolderNotUsable,$Commands.StartCapiSandboxCommand"
    }

    It 'gives up in time' {
        $problem = Get-Failure { Start-CapiSandbox late -Timeout 0.01 }
        Assert-Problem $problem SandboxTimeout -Command Start-CapiSandbox -Category OperationTimeout -Target late
        (Get-ChildItem (Join-Path $Runtime capi-workshop)).Name | Should -Not -Contain "$PID.late"
    }

    It 'starts nothing with -WhatIf' {
        Start-CapiSandbox other -WhatIf | Should -BeNullOrEmpty
        Get-CapiSandbox oth* | Should -BeNullOrEmpty
    }

    It 'needs no .NET on the machine' {
        $clean = "`$env:PATH = '$TestDrive'; `$env:DOTNET_ROOT = `$null; `$env:DOTNET_HOST_PATH = `$null"
        $said = Invoke-PowerShell "$clean; $Import; (Start-CapiSandbox).IsRunning; (Get-CapiManagementCluster).Context"
        $said.Errors | Should -BeNullOrEmpty
        $said.Output -split '\r?\n' | Select-Object -First 2 | Should -Be 'True', 'capi-sandbox'
    }

    It 'is not ended by Ctrl+C, which ends the command that runs' {
        Skip-OnWindows
        & kill -INT $Running.ProcessId
        & kill -QUIT $Running.ProcessId
        & kill -HUP $Running.ProcessId
        (Invoke-WebRequest "$($Running.Server)version" -SkipCertificateCheck).StatusCode | Should -Be 200
        $Running.IsRunning | Should -BeTrue
    }
}

Describe 'Get-CapiSandbox' {
    BeforeAll {
        $Both = 'second', 'first' | ForEach-Object { Open-Sandbox @{ Name = $_ } }
    }

    AfterAll {
        Close-Sandbox $Both
    }

    It 'gives those that run, by name' {
        (Get-CapiSandbox).Name | Should -Be 'first', 'second'
        (Get-CapiSandbox s*).Name | Should -Be 'second'
        (Get-CapiSandbox second, first).Name | Should -Be 'second', 'first'
        Get-CapiSandbox none* | Should -BeNullOrEmpty
    }

    It 'says that a name is not there' {
        Assert-Problem (Get-Failure { Get-CapiSandbox third }) SandboxNotFound -Command Get-CapiSandbox -Category ObjectNotFound -Target third
    }

    It 'does not see those of other sessions that are not detached' {
        (Invoke-PowerShell "$Import; Get-CapiSandbox").Output | Should -BeNullOrEmpty
    }
}

Describe 'Stop-CapiSandbox' {
    It 'leaves nothing, and nothing falls back afterwards' {
        $run = Invoke-Script {
            $sandbox = Start-CapiSandbox ending
            Stop-CapiSandbox ending *>&1
            $sandbox
            $sandbox.Connection.IsOpen
            try { Get-CapiCluster } catch { $_.FullyQualifiedErrorId }
        }
        $run.Thrown | Should -BeNullOrEmpty
        Get-Trace $run.Output[0] | Should -BeNullOrEmpty
        $run.Output[0].IsRunning | Should -BeFalse
        $run.Output[1..2] | Should -Be $false, "NotConnected,$Commands.GetCapiClusterCommand"
    }

    It 'takes sandboxes from the pipeline, and one that is gone is no error' {
        $sandbox = Open-Sandbox @{ Name = 'piped' }
        Close-Sandbox $sandbox, $sandbox
        Get-Trace $sandbox | Should -BeNullOrEmpty
    }

    It 'stops nothing with -WhatIf' {
        $sandbox = Open-Sandbox @{ Name = 'kept' }
        $sandbox | Stop-CapiSandbox -WhatIf
        $sandbox.IsRunning | Should -BeTrue
        $sandbox.Connection.IsOpen | Should -BeTrue
        Close-Sandbox $sandbox
    }

    It 'says that a name is not there' {
        Assert-Problem (Get-Failure { Stop-CapiSandbox }) SandboxNotFound -Command Stop-CapiSandbox -Category ObjectNotFound -Target capi-sandbox
    }
}

Describe 'A sandbox' {
    It 'ends with its module' {
        $run = Invoke-Script {
            Start-CapiSandbox unloaded
            Remove-Module CapiWorkshop
        }
        $run.Thrown | Should -BeNullOrEmpty
        Get-Trace $run.Output[0] | Should -BeNullOrEmpty
    }

    It 'ends with its PowerShell' {
        $owner = Invoke-Owner exited -Then 'exit'
        $owner.WaitForExit(10000) | Should -BeTrue
        Get-Trace $owner.Sandbox | Should -BeNullOrEmpty
    }

    It 'ends when its PowerShell is killed' {
        $owner = Invoke-Owner orphan
        Get-Trace $owner.Sandbox | Should -HaveCount 3
        $owner.Kill()
        $null = Wait-Until { -not (Get-Trace $owner.Sandbox) } 'the end of the sandbox' -Seconds 5
    }

    It 'ends and cleans up on SIGTERM' {
        Skip-OnWindows
        $sandbox = Open-Sandbox @{ Name = 'told' }
        & kill -TERM $sandbox.ProcessId
        $null = Wait-Until { -not (Get-Trace $sandbox) } 'the end of the sandbox' -Seconds 5
        Get-CapiSandbox told* | Should -BeNullOrEmpty
    }

    It 'that was killed is not there any more, its connection says so, and the next one cleans up' {
        Skip-OnWindows
        $run = Invoke-Script {
            $sandbox = Start-CapiSandbox dead
            & kill -KILL $sandbox.ProcessId
            $null = (Get-Process -Id $sandbox.ProcessId -ErrorAction Ignore)?.WaitForExit(5000)
            $sandbox
            @(Get-CapiSandbox).Count
            Get-CapiCluster
        }
        $run.Output[0].IsRunning | Should -BeFalse
        $run.Output[1] | Should -Be 0
        Assert-Problem @($run.Errors) SandboxEnded -Command Get-CapiCluster -Category ConnectionError
        $run.Errors[0].ErrorDetails.RecommendedAction | Should -Match 'Start-CapiSandbox dead'
        Close-Sandbox (Open-Sandbox @{ Name = 'next' })
        Get-Trace $run.Output[0] | Should -BeNullOrEmpty
    }

    It 'that is stopped while it starts leaves nothing' {
        $running = Start-Script { Start-CapiSandbox stopped }
        $folder = Join-Path $Runtime capi-workshop "$PID.stopped"
        $null = Wait-Until { $running.Run.IsCompleted -or (Test-Path $folder) } 'a folder'
        $running.Shell.Stop()
        $running.Output.Count | Should -Be 0
        $running.Errors | Should -BeNullOrEmpty
        $null = Wait-Until { -not (Test-Path $folder) -and -not (Get-Process | Where-Object CommandLine -Like "*$folder*") } 'the end of the sandbox' -Seconds 5
        Get-CapiSandbox stop* | Should -BeNullOrEmpty
        $running.Shell.Runspace.Dispose()
    }
}

Describe 'A detached sandbox' {
    BeforeAll {
        $Owner = Invoke-Owner 'free -Detached' -Then 'exit'
        $Owner.WaitForExit()
    }

    It 'outlives its PowerShell and is found by another' {
        $found = Get-CapiSandbox free
        $found.ProcessId | Should -Be $Owner.Sandbox.ProcessId
        $found.IsDetached | Should -BeTrue
        $found.IsRunning | Should -BeTrue
        $found.Connection | Should -BeNullOrEmpty
        (Invoke-Script { (Connect-CapiManagementCluster -KubeConfig $File).Context } -Variables @{ File = $found.KubeConfig }).Output | Should -Be 'free'
    }

    It 'keeps its name to itself' {
        Assert-Problem (Get-Failure { Start-CapiSandbox free -Detached }) SandboxAlreadyRunning -Command Start-CapiSandbox -Category ResourceBusy -Target free
        Assert-Problem (Get-Failure { Start-CapiSandbox free }) SandboxAlreadyRunning -Command Start-CapiSandbox -Category ResourceBusy -Target free
    }

    It 'is never taken for a process that got its number later' {
        $file = Join-Path $Runtime capi-workshop free sandbox.json
        $said = [IO.File]::ReadAllText($file)
        try {
            [IO.File]::WriteAllText($file, ($said -replace '"startedAt":"[^"]*"', '"startedAt":"2001-01-01T00:00:00Z"'))
            Get-CapiSandbox | Should -BeNullOrEmpty
        }
        finally {
            [IO.File]::WriteAllText($file, $said)
        }
    }

    It 'is stopped by another, which leaves nothing' {
        $said = Invoke-PowerShell "$Import; Stop-CapiSandbox free"
        $said.Errors | Should -BeNullOrEmpty
        Get-Trace $Owner.Sandbox | Should -BeNullOrEmpty
    }
}

Describe 'The first sandbox of a session' {
    It 'is ready in time, connection included' {
        $times = foreach ($round in 1..3) {
            $said = Invoke-PowerShell "$Import; `$clock = [Diagnostics.Stopwatch]::StartNew(); `$null = Start-CapiSandbox timed; `$clock.ElapsedMilliseconds"
            $said.Errors | Should -BeNullOrEmpty
            [int] $said.Output
        }

        $median = @($times | Sort-Object)[1]
        Write-Information -InformationAction Continue "    a first sandbox is ready and connected in $median ms (median of 3; $times)"
        $median | Should -BeLessOrEqual 3000
    }
}
