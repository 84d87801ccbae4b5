# What every test file starts with: . (Join-Path $PSScriptRoot 'Suite.ps1') in its BeforeAll.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'The test files use them.')]
param()

$ErrorActionPreference = 'Stop'
$ModulePath = $env:CAPIWORKSHOP_MODULE ? $env:CAPIWORKSHOP_MODULE : (Get-Item (Join-Path $PSScriptRoot '../../output/CapiWorkshop/*/CapiWorkshop.psd1') | Select-Object -Last 1).FullName
$ModuleFolder = Split-Path $ModulePath
Import-Module $ModulePath, (Join-Path $PSScriptRoot 'RealApiServer.psm1'), (Join-Path $PSScriptRoot 'PlayedControllers.psm1')

# What the machine's user set up is none of the tests' business.
$env:CAPIWORKSHOP_CONTEXT = $null
$env:KUBECONFIG = Join-Path ([IO.Path]::GetTempPath()) 'there-is-no-such-kubeconfig'

# Started while the tests run that need none.
Initialize-RealApiServer

# Gives the API server and makes its kubeconfig the current one.
function Use-RealApiServer {
    $server = Get-RealApiServer
    if (-not $server.Reason) {
        $env:KUBECONFIG = $server.KubeConfig
    }

    $server
}

# Waits until a condition holds; fails where it does not in time. No test waits for a fixed time.
function Wait-Until {
    param(
        [Parameter(Mandatory, Position = 0)] [scriptblock] $Condition,
        [Parameter(Position = 1)] [string] $What = "$Condition",
        [double] $Seconds = 20
    )

    $clock = [Diagnostics.Stopwatch]::StartNew()
    while (-not ($said = & $Condition)) {
        if ($clock.Elapsed.TotalSeconds -gt $Seconds) {
            throw "Not within $Seconds s: $($What.Trim())"
        }

        Start-Sleep -Milliseconds 20
    }

    $said
}

# Starts a script in a new runspace that has the module and nothing else. Its streams can be looked at while it runs.
function Start-Script {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory, Position = 0)] [scriptblock] $Script,
        # They are there by their names.
        [hashtable] $Variables = @{}
    )

    $state = [initialsessionstate]::CreateDefault2()
    $state.ImportPSModule($ModulePath)
    $state.Variables.Add([System.Management.Automation.Runspaces.SessionStateVariableEntry]::new('ProgressPreference', 'Continue', ''))
    foreach ($variable in $Variables.GetEnumerator()) {
        $state.Variables.Add([System.Management.Automation.Runspaces.SessionStateVariableEntry]::new($variable.Key, $variable.Value, ''))
    }

    $shell = [powershell]::Create($state).AddScript("$Script")
    $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
    $output.EnumeratorNeverBlocks = $true # else looking at it would wait for the script's end
    [pscustomobject] @{
        Shell    = $shell
        Output   = $output
        Errors   = $shell.Streams.Error
        Warnings = $shell.Streams.Warning
        Verbose  = $shell.Streams.Verbose
        Progress = $shell.Streams.Progress
        Thrown   = $null
        Run      = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $output)
    }
}

# Waits for the end of a script; what it threw is in Thrown.
function Wait-Script {
    param([Parameter(Mandatory, Position = 0)] $Running, [double] $Seconds = 30)

    $hasEnded = $Running.Run.AsyncWaitHandle.WaitOne([timespan]::FromSeconds($Seconds))
    if (-not $hasEnded) {
        $null = $Running.Shell.BeginStop($null, $null)
        throw "It did not end within $Seconds s: $($Running.Shell.Commands.Commands[0].CommandText.Trim())"
    }

    try {
        $null = $Running.Shell.EndInvoke($Running.Run)
    }
    catch {
        $Running.Thrown = $_.Exception.InnerException.ErrorRecord ?? $_
    }
    finally {
        $Running.Shell.Runspace.Dispose()
    }

    $Running
}

# Runs a script to its end in a new runspace.
function Invoke-Script {
    param([Parameter(Mandatory, Position = 0)] [scriptblock] $Script, [hashtable] $Variables = @{}, [double] $Seconds = 30)

    Wait-Script (Start-Script $Script -Variables $Variables) -Seconds $Seconds
}

# Runs a command in a PowerShell of its own.
function Invoke-PowerShell {
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Command,
        # What somebody says who is asked; without it nobody can be asked.
        [string] $Answer,
        # Nobody can be asked, but PowerShell was not told so: its input is at its end.
        [switch] $AtEnd,
        [double] $Seconds = 60
    )

    $arguments = @('-NoProfile') + ($Answer -or $AtEnd ? @() : '-NonInteractive') + @('-Command', $Command)
    $start = [Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath, [string[]] $arguments)
    $start.RedirectStandardOutput = $start.RedirectStandardError = $start.RedirectStandardInput = $true
    $start.Environment['NO_COLOR'] = '1'
    $clock = [Diagnostics.Stopwatch]::StartNew()
    $process = [Diagnostics.Process]::Start($start)
    if (-not $AtEnd) {
        $process.StandardInput.WriteLine($Answer)
    }

    $process.StandardInput.Close()
    $output, $errors = $process.StandardOutput.ReadToEndAsync(), $process.StandardError.ReadToEndAsync()
    if (-not $process.WaitForExit([timespan]::FromSeconds($Seconds))) {
        $process.Kill($true)
        throw "It did not end within $Seconds s: $Command"
    }

    [pscustomobject] @{ Output = $output.Result; Errors = $errors.Result; ExitCode = $process.ExitCode; Milliseconds = $clock.Elapsed.TotalMilliseconds }
}

# The errors of a script, whether they end it or not.
function Get-Failure {
    param([Parameter(Mandatory, Position = 0)] [scriptblock] $Script)

    $ErrorActionPreference = 'Continue'
    try {
        & $Script 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }
    }
    catch {
        $_
    }
}

# Checks what every error of this module has: id, category, thing, one sentence, way out.
function Assert-Problem {
    param(
        [Parameter(Mandatory, Position = 0)] [AllowNull()] $Problem,
        # ErrorId,Command: the class is named after the command.
        [Parameter(Mandatory, Position = 1)] [string] $Id,
        [Parameter(Mandatory)] [string] $Command,
        [Parameter(Mandatory)] [System.Management.Automation.ErrorCategory] $Category,
        $Target
    )

    $problems = @($Problem | Where-Object { $_ })
    $problems.Count | Should -Be 1 -Because "there is one error, not: $($problems.FullyQualifiedErrorId)"
    $Problem = $problems[0]
    $Problem.FullyQualifiedErrorId | Should -BeExactly "$Id,CapiWorkshop.PowerShell.Commands.$($Command -replace '-')Command"
    $Problem.CategoryInfo.Category | Should -Be $Category
    $Problem.ToString() | Should -Match '\.$' -Because 'it is a sentence'
    $Problem.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    if ($PSBoundParameters.ContainsKey('Target')) {
        $Problem.TargetObject | Should -Be $Target
    }
}

# Skips the test where there is no API server: for BeforeEach.
function Skip-WithoutApiServer($Server) {
    if ($Server.Reason) {
        Set-ItResult -Skipped -Because $Server.Reason
    }
}

# Starts a sandbox in a runspace of its own, so that the tests' runspace stays as it is. What names no other cluster uses it until Stop-TestSandbox.
function Start-TestSandbox {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([double] $TimeScale = 20)

    $state = [initialsessionstate]::CreateDefault2()
    $state.ImportPSModule($ModulePath)
    $space = [runspacefactory]::CreateRunspace($state)
    $space.Open()
    $shell = [powershell]::Create($space).AddCommand('Start-CapiSandbox').AddParameter('TimeScale', $TimeScale)
    $sandbox = $shell.AddParameter('Name', "test-$([guid]::NewGuid().ToString('n').Substring(0, 8))").Invoke()[0]
    $script:PSDefaultParameterValues = @{ '*-Capi*:Connection' = $sandbox.Connection }
    $sandbox | Add-Member Space $space -PassThru
}

# Its kubeconfig as another file: of that nobody can tell which engine belongs to it.
function Copy-KubeConfig($Sandbox) {
    $copy = Join-Path $TestDrive "$([guid]::NewGuid()).kubeconfig"
    Copy-Item $Sandbox.KubeConfig $copy
    $copy
}

function Stop-TestSandbox {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Position = 0)] [AllowNull()] $Sandbox)

    $script:PSDefaultParameterValues = @{}
    if ($Sandbox) {
        $null = [powershell]::Create($Sandbox.Space).AddCommand('Stop-CapiSandbox').AddParameter('InputObject', $Sandbox).Invoke()
        $Sandbox.Space.Dispose()
    }
}

# What kubectl says of a cluster, as objects; of the sandbox, or of one of its workload clusters.
function Invoke-Kubectl([string] $KubeConfig) {
    kubectl --kubeconfig $KubeConfig @args
    if ($LASTEXITCODE) {
        throw "kubectl $args failed."
    }
}

# Skips the test where a program is missing: for the beginning of an It.
function Skip-Without([string] $Program) {
    if (-not (Get-Command $Program -CommandType Application -ErrorAction Ignore)) {
        Set-ItResult -Skipped -Because "there is no $Program on this machine"
    }
}

# Each object of a workshop with its version: the same twice means that nothing was written between.
function Get-WorkshopVersion {
    foreach ($kind in 'HelmChartProxy', 'HelmReleaseProxy', 'Cluster', 'MachineDeployment', 'Machine') {
        & "Get-Capi$kind" | ForEach-Object { "$kind $_ $($_.ResourceVersion)" }
    }
}
