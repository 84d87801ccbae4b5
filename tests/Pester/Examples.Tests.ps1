# Every example of docs/cmdlets is run as it stands, against the sample clusters, while the controllers work.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeDiscovery {
    $Examples = foreach ($page in Get-ChildItem (Join-Path $PSScriptRoot '../../docs/cmdlets') -Filter *.md -ErrorAction Ignore | Sort-Object Name) {
        $section = (Get-Content -Raw $page) -match '(?ms)^## Examples\s*$(?<examples>.*?)(?=^## |\z)' ? $Matches.examples : ''
        $number = 0
        foreach ($block in [regex]::Matches($section, '(?ms)^```powershell\s*$(?<code>.*?)^```')) {
            $number++
            $code = $block.Groups['code'].Value.Trim()
            # Those that change something wait for their turn; all others run at the same time.
            $needsSandbox = $code -match '-CapiSandbox'
            $changes = $code -match 'Set-|Remove-|\$env:'
            # These need a container engine, workload clusters that answer, and controllers that take away.
            $needsWorkshop = -not $needsSandbox -and $page.BaseName -match 'Workshop|Removal|Remove-|Repair-|Usage|Footprint|Helm'
            @{ Page = $page.BaseName; Number = $number; Code = $code; NeedsSandbox = $needsSandbox; NeedsWorkshop = $needsWorkshop; Changes = $changes; IsAlone = $needsSandbox -or $needsWorkshop -or $changes }
        }
    }
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    $Running = @{}
    if (-not $Api.Reason) {
        # Its one context is called local, as in the examples.
        $env:KUBECONFIG = "$($Api.Folder)/kubeconfig"
        $Controllers = Start-PlayedController $Api
    }
}

AfterAll {
    if (-not $Api.Reason) {
        $env:CAPIWORKSHOP_CONTEXT = $null
        $env:KUBECONFIG = $Api.KubeConfig
        try {
            Set-CapiMachineDeploymentScale dev-cluster-md-0, k0s-demo-cluster-md-0 2 -Wait -Timeout 30
        }
        finally {
            Stop-PlayedController $Controllers
        }
    }
}

Describe 'Examples' {
    It 'are there' {
        (Get-ChildItem (Join-Path $PSScriptRoot '../../docs/cmdlets') -Filter *.md).BaseName | Sort-Object | Should -Be ((Get-Module CapiWorkshop).ExportedCmdlets.Keys | Sort-Object)
    }
}

Describe 'Examples that change nothing' -ForEach @(@{ All = @($Examples | Where-Object { -not $_.IsAlone }) }) {
    BeforeAll {
        if (-not $Api.Reason) {
            foreach ($example in $All) {
                $Running["$($example.Page) $($example.Number)"] = Start-Script ([scriptblock]::Create($example.Code))
            }
        }
    }

    BeforeEach { Skip-WithoutApiServer $Api }

    It 'run: <Page> <Number>' -ForEach $All {
        $run = Wait-Script $Running["$Page $Number"] -Seconds 60
        $run.Thrown | Should -BeNullOrEmpty -Because $Code
        $run.Errors | Should -BeNullOrEmpty -Because $Code
    }
}

Describe 'Examples that change something' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'run: <Page> <Number>' -ForEach @($Examples | Where-Object { $_.Changes -and -not $_.NeedsSandbox -and -not $_.NeedsWorkshop }) {
        $run = Invoke-Script ([scriptblock]::Create($Code)) -Seconds 60
        $run.Thrown | Should -BeNullOrEmpty -Because $Code
        $run.Errors | Should -BeNullOrEmpty -Because $Code
    }
}

Describe 'Examples with a sandbox of their own' {
    BeforeAll {
        $UsersFolder = $env:XDG_RUNTIME_DIR
        $env:XDG_RUNTIME_DIR = "$TestDrive"
    }

    # This runspace needs the kubeconfig's current context, which no session uses after a sandbox was stopped there.
    AfterEach { $null = Invoke-Script { Get-CapiSandbox | Stop-CapiSandbox } }

    AfterAll { $env:XDG_RUNTIME_DIR = $UsersFolder }

    It 'run: <Page> <Number>' -ForEach @($Examples | Where-Object { $_.NeedsSandbox }) {
        $run = Invoke-Script ([scriptblock]::Create($Code)) -Seconds 60
        $run.Thrown | Should -BeNullOrEmpty -Because $Code
        $run.Errors | Should -BeNullOrEmpty -Because $Code
    }
}

Describe 'Examples in a workshop' {
    BeforeAll {
        # What they write is theirs alone, and what names no cluster is about the sandbox.
        function Start-Example([string] $Code, $Sandbox) {
            $folder = New-Item -ItemType Directory (Join-Path $TestDrive ([guid]::NewGuid()))
            $variables = @{ PSDefaultParameterValues = [System.Management.Automation.DefaultParameterDictionary]::new(@{ '*-Capi*:Connection' = $Sandbox.Connection }); Folder = $folder }
            Start-Script ([scriptblock]::Create("Set-Location `$Folder`n$Code")) -Variables $variables
        }
    }

    Context 'that change nothing' -ForEach @(@{ All = @($Examples | Where-Object { $_.NeedsWorkshop -and -not $_.Changes }) }) {
        BeforeAll {
            $Sandbox = Start-TestSandbox
            $Started = @{}
            foreach ($example in $All) {
                $Started["$($example.Page) $($example.Number)"] = Start-Example $example.Code $Sandbox
            }
        }

        AfterAll { Stop-TestSandbox $Sandbox }

        It 'run: <Page> <Number>' -ForEach $All {
            $run = Wait-Script $Started["$Page $Number"] -Seconds 60
            $run.Thrown | Should -BeNullOrEmpty -Because $Code
            $run.Errors | Should -BeNullOrEmpty -Because $Code
        }
    }

    Context 'that change something' {
        BeforeEach { $Sandbox = Start-TestSandbox }

        AfterEach { Stop-TestSandbox $Sandbox }

        It 'run: <Page> <Number>' -ForEach @($Examples | Where-Object { $_.NeedsWorkshop -and $_.Changes }) {
            $run = Wait-Script (Start-Example $Code $Sandbox) -Seconds 60
            $run.Thrown | Should -BeNullOrEmpty -Because $Code
            $run.Errors | Should -BeNullOrEmpty -Because $Code
        }
    }
}
