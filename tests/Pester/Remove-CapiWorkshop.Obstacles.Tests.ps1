# What stands in the way of a removal: somebody's finalizer, a workload cluster that does not answer, a pause, a connection that breaks, a person who is asked.
[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Command = @{ Command = 'Remove-CapiWorkshop' }
    $Held = 'test.example/held'

    # Has somebody else hold on to an object.
    function Add-Finalizer([string] $Kind, [string] $Name) {
        $null = Invoke-Kubectl $Sandbox.KubeConfig patch $Kind $Name --type json -p "[{`"op`":`"add`",`"path`":`"/metadata/finalizers/-`",`"value`":`"$Held`"}]"
    }

    function Get-Worker([int] $First = 1) {
        (Get-CapiMachine -Cluster dev-cluster | Where-Object IsControlPlane -EQ $false | Select-Object -First $First).Name
    }

    # Puts another kubeconfig of dev-cluster where its controllers and everybody else look for it.
    function Edit-WorkloadAddress([string] $Address) {
        $secret = Invoke-Kubectl $Sandbox.KubeConfig get secret dev-cluster-kubeconfig -o json | ConvertFrom-Json
        $config = [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($secret.data.value)) -replace 'https://127\.0\.0\.1:\d+[^\s"]*', $Address
        $value = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($config))
        $null = Invoke-Kubectl $Sandbox.KubeConfig patch secret dev-cluster-kubeconfig --type merge -p "{`"data`":{`"value`":`"$value`"}}"
    }

    # A wire to the sandbox that can be cut, and a kubeconfig that leads through it: the one that the other suites have.
    function Start-Wire {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
        param()

        if (-not ('CapiWorkshop.Tests.Support.FaultProxy' -as [type])) {
            $usings = Join-Path $TestDrive usings.cs
            'System', 'System.Collections.Generic', 'System.IO', 'System.Linq', 'System.Net.Http', 'System.Threading', 'System.Threading.Tasks' | ForEach-Object { "global using $_;" } | Set-Content $usings
            Add-Type -Path (@($usings) + (Get-ChildItem (Join-Path $PSScriptRoot '../Support/*') -Include Fault*.cs, HttpMessage.cs).FullName) -IgnoreWarnings -WarningAction SilentlyContinue
        }

        $wire = [CapiWorkshop.Tests.Support.FaultProxy]::Opaque(([uri] $Sandbox.Server).Port, [ipaddress]::Loopback)
        $file = Copy-KubeConfig $Sandbox
        (Get-Content $file -Raw) -replace 'https://127\.0\.0\.1:\d+', "https://127.0.0.1:$($wire.Address.Port)" | Set-Content $file
        $wire | Add-Member KubeConfig $file -PassThru
    }
}

Describe 'A removal that somebody''s finalizer holds' {
    BeforeAll {
        $Sandbox = Start-TestSandbox
        $File = Join-Path $TestDrive audit.jsonl
        if (Get-Command kubectl -CommandType Application -ErrorAction Ignore) {
            $Machines = Get-Worker 2 | Sort-Object
            $Machines | ForEach-Object { Add-Finalizer machine $_ }
            $Running = Invoke-Script { Remove-CapiWorkshop -Force -StuckAfter 2 -Timeout 10 -Connection $To } -Variables @{ To = $Sandbox.Connection }
            $Dev = $Running.Output | Where-Object Name -EQ dev-cluster
        }
    }

    BeforeEach { Skip-Without kubectl }

    AfterAll {
        $env:CAPIWORKSHOP_AUDIT = $null
        Stop-TestSandbox $Sandbox
    }

    It 'tells what holds each object, in the result and before it in the progress' {
        $Dev.IsRemoved | Should -BeFalse
        $Dev.StuckReasons.Id | Select-Object -Unique | Should -Be ForeignFinalizer
        $Dev.StuckReasons.Subject | Sort-Object | Should -Be $Machines.ForEach({ "Machine default/$_" })
        $Running.Progress.CurrentOperation -match $Held | Should -Not -BeNullOrEmpty
    }

    It 'takes the other clusters' {
        ($Running.Output | Where-Object Name -EQ k0s-demo-cluster).IsRemoved | Should -BeTrue
        Get-CapiCluster | ForEach-Object Name | Should -Be dev-cluster
    }

    It 'leaves what Repair-CapiStuckResource only rehearses' {
        $env:CAPIWORKSHOP_AUDIT = $File
        $before = Get-WorkshopVersion
        $Dev.Remaining | Where-Object Name -In $Machines | Repair-CapiStuckResource -Finalizer $Held -WhatIf
        $env:CAPIWORKSHOP_AUDIT = $null
        Get-WorkshopVersion | Should -Be $before
        $File | Should -Not -Exist
    }

    It 'lets go, with Repair-CapiStuckResource, of what is agreed to and of no other, and records it' {
        $said = Invoke-PowerShell @"
            Import-Module '$ModulePath'
            `$null = Connect-CapiManagementCluster -KubeConfig '$($Sandbox.KubeConfig)' -AuditPath '$File'
            Get-CapiMachine $($Machines -join ', ') | Repair-CapiStuckResource -Finalizer $Held | ForEach-Object { "let go of `$(`$_.Name)" }
"@ -Answer "y`nn"
        $said.Errors | Should -BeNullOrEmpty
        [regex]::Matches($said.Output, 'Remove finalizer').Count | Should -Be 2 -Because 'there is a question for each'
        $said.Output | Should -Match "let go of $($Machines[0])"
        $said.Output | Should -Not -Match "let go of $($Machines[1])"
        (Get-CapiMachine $Machines[1]).Finalizers | Should -Be $Held

        $entries = Get-Content $File | ConvertFrom-Json
        $entries.stage | Should -Be 'requested', 'completed'
        $entries[1].cmdlet, $entries[1].verb, $entries[1].status | Should -Be 'Repair-CapiStuckResource', 'patch', 'succeeded'
        $entries[1].object.kind, $entries[1].object.name | Should -Be 'Machine', $Machines[0]
        $entries[1].before.'/metadata/finalizers' | Should -Contain $Held
    }

    It 'is finished by the next run' {
        $null = Repair-CapiStuckResource Machine $Machines[1] -Finalizer $Held -Force
        $result = Remove-CapiWorkshop -Force -Timeout 60 -WarningAction SilentlyContinue
        $result | Where-Object { $_.IsRemoved -eq $false -or $_.IsIntact -eq $false } | Should -BeNullOrEmpty
        Get-CapiCluster | Should -BeNullOrEmpty
        Get-CapiMachine | Should -BeNullOrEmpty
    }
}

Describe 'A removal of a cluster whose API does not answer' {
    BeforeEach {
        Skip-Without kubectl
        $Sandbox = Start-TestSandbox
    }

    AfterEach { Stop-TestSandbox $Sandbox }

    It 'is refused where nobody can get to its Helm releases, and does not keep another cluster' {
        # Who is paused does not make the secret anew.
        $null = Invoke-Kubectl $Sandbox.KubeConfig annotate kubeadmcontrolplane dev-cluster-control-plane cluster.x-k8s.io/paused=
        $null = Invoke-Kubectl $Sandbox.KubeConfig delete secret dev-cluster-kubeconfig
        $before = Get-WorkshopVersion
        $blocker = (Get-CapiRemovalPlan -Unpause).Blockers
        $blocker.Id, $blocker.Subject | Should -Be WorkloadUnreachable, 'Cluster default/dev-cluster'
        $problems = Get-Failure { Remove-CapiWorkshop -Unpause -Force }
        Assert-Problem $problems RemovalBlocked @Command -Category InvalidOperation -Target $Sandbox.Name
        "$problems" | Should -Match 'dev-cluster runs Helm releases'
        Get-WorkshopVersion | Should -Be $before

        (Remove-CapiWorkshop k0s-demo-cluster -Force -Timeout 60)[0].IsRemoved | Should -BeTrue
        Get-CapiCluster | ForEach-Object Name | Should -Be dev-cluster
    }

    It 'goes on with a warning where only this machine does not reach it' {
        Edit-WorkloadAddress 'https://127.0.0.1:1'
        $plan = Get-CapiRemovalPlan
        $plan.CanRun | Should -BeTrue
        $plan.Warnings.Id | Should -Contain WorkloadUnreachable
        $result = Remove-CapiWorkshop -Plan $plan -Force -Timeout 60 -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -Match 'dev-cluster runs Helm releases, and its API cannot be reached from here'
        ($result | Where-Object Name -EQ dev-cluster).Removed['HelmReleaseProxy'] | Should -Be 1
        ($result | Where-Object Subject -EQ Cluster).IsRemoved | Should -Be $true, $true
    }
}

Describe 'A removal of what is paused' {
    BeforeAll { $Sandbox = Start-TestSandbox }

    AfterAll { Stop-TestSandbox $Sandbox }

    It 'resumes it where that was said' {
        Skip-Without kubectl
        $null = Invoke-Kubectl $Sandbox.KubeConfig patch cluster dev-cluster --type merge -p '{"spec":{"paused":true}}'
        $null = Wait-Until { (Get-CapiCluster dev-cluster).IsPaused } 'a pause'
        $plan = Get-CapiRemovalPlan -Unpause
        $plan.Items | Where-Object Action -EQ Unpause | ForEach-Object { "$_" } | Should -Be 'Cluster default/dev-cluster'
        $result = Remove-CapiWorkshop -Unpause -Force -Timeout 60
        ($result | Where-Object Subject -EQ Cluster).IsRemoved | Should -Be $true, $true
        Get-CapiCluster | Should -BeNullOrEmpty
    }
}

Describe 'A removal whose connection breaks' {
    BeforeAll { $Sandbox = Start-TestSandbox -TimeScale 0.5 }

    AfterAll { Stop-TestSandbox $Sandbox }

    It 'waits for the server to come back, and tells what went meanwhile' {
        $wire = Start-Wire
        try {
            $running = Start-Script { Remove-CapiWorkshop * -Force -Timeout 120 -KubeConfig $File } -Variables @{ File = $wire.KubeConfig }
            # It says so itself when the server has answered all that it asks for.
            $null = Wait-Until { $running.Run.IsCompleted -or @($running.Progress.StatusDescription) -match '^Removing clusters' } 'the deletion of both clusters' -Seconds 60
            $wire.Cut()
            $null = Wait-Until { $running.Run.IsCompleted -or ($wire.Refused -gt 0 -and -not (Get-CapiCluster)) } 'the end of both clusters, behind its back' -Seconds 60
            $running.Run.IsCompleted | Should -BeFalse
            $wire.Mend()
            $null = Wait-Script $running -Seconds 90
        }
        finally {
            $null = $wire.DisposeAsync().AsTask().Wait(5000)
        }

        $running.Thrown | Should -BeNullOrEmpty
        $running.Errors | Should -BeNullOrEmpty
        $clusters = $running.Output | Where-Object Subject -EQ Cluster
        $clusters.Name | Sort-Object | Should -Be 'dev-cluster', 'k0s-demo-cluster'
        $clusters.IsRemoved | Should -Be $true, $true
        ($clusters | Where-Object Name -EQ dev-cluster).Removed['Machine'] | Should -Be 3
        $running.Output[-1].IsIntact | Should -BeTrue
    }
}

Describe 'A removal from all namespaces' {
    BeforeAll {
        $Sandbox = Start-TestSandbox
        $Before = Get-WorkshopVersion

        function Invoke-Removal([string] $Answer) {
            Invoke-PowerShell @"
                Import-Module '$ModulePath'
                `$null = Connect-CapiManagementCluster -KubeConfig '$($Sandbox.KubeConfig)'
                try { Remove-CapiWorkshop -AllNamespaces -Timeout 60 | ForEach-Object { "`$(`$_.Name) `$(`$_.IsRemoved)" } } catch { `$_.FullyQualifiedErrorId }
"@ -Answer $Answer
        }
    }

    AfterAll { Stop-TestSandbox $Sandbox }

    It 'takes no yes for the name of the context' {
        $said = Invoke-Removal y
        $said.Output -replace '\s+', ' ' | Should -Match "default/dev-cluster, default/k0s-demo-cluster.* type $($Sandbox.Name):"
        $said.Output | Should -Match 'something else was typed'
        Get-WorkshopVersion | Should -Be $Before
    }

    It 'is refused where nobody can type' {
        (Invoke-Removal).Output | Should -Match 'ConfirmationRequired,'
        Get-WorkshopVersion | Should -Be $Before
    }

    It 'is done where the name was typed' {
        (Invoke-Removal $Sandbox.Name).Output | Should -Match '(?m)^dev-cluster True'
        Get-CapiCluster | Should -BeNullOrEmpty
    }
}

Describe '-Force on a real management cluster' {
    BeforeAll {
        $Api = Use-RealApiServer
        if (-not $Api.Reason) {
            $Space = Add-TestNamespace $Api
            Add-TestCluster $Api $Space real
        }
    }

    BeforeEach { Skip-WithoutApiServer $Api }

    It 'does not say what shall go' {
        $problems = Get-Failure { Remove-CapiWorkshop -Force -Namespace $Space -KubeConfig $Api.KubeConfig -WarningAction SilentlyContinue }
        Assert-Problem $problems ConfirmationRequired @Command -Category InvalidOperation
        "$problems" | Should -Match '-Force alone'
        $problems.ErrorDetails.RecommendedAction | Should -Match '-Name'
        (Get-CapiCluster real -Namespace $Space -KubeConfig $Api.KubeConfig).DeletionRequestedAt | Should -BeNullOrEmpty
    }

    It 'is enough where that was named: <Name>' -ForEach @(
        @{ Name = '-Name'; With = { @{ Name = 'r*' } } }
        @{ Name = '-LabelSelector'; With = { @{ LabelSelector = 'cluster.x-k8s.io/cluster-name=real' } } }
        @{ Name = '-Plan'; With = { @{ Plan = Get-CapiRemovalPlan -Namespace $Space -KubeConfig $Api.KubeConfig -WarningAction SilentlyContinue } } }
        @{ Name = 'objects'; With = { @{ Cluster = Get-CapiCluster real -Namespace $Space -KubeConfig $Api.KubeConfig } } }
    ) {
        if (-not (Get-CapiCluster -Namespace $Space -KubeConfig $Api.KubeConfig)) {
            Add-TestCluster $Api $Space real
        }

        $where = & $With
        if (-not $where.Plan) {
            $where.Namespace = $Space
        }

        $result = Remove-CapiWorkshop @where -Force -KubeConfig $Api.KubeConfig -Timeout 30 -WarningAction SilentlyContinue
        ($result | Where-Object Name -EQ real).IsRemoved | Should -BeTrue
        Get-CapiCluster -Namespace $Space -KubeConfig $Api.KubeConfig | Should -BeNullOrEmpty
    }
}

Describe 'A removal of a cluster that is called like somebody''s kind cluster' {
    BeforeAll { $Sandbox = Start-TestSandbox }

    AfterAll { Stop-TestSandbox $Sandbox }

    It 'takes its own containers and none of the other''s' {
        Skip-Without kubectl
        Skip-Without docker
        $theirs = docker -H $Sandbox.EngineAddress ps --all --filter label=io.x-k8s.kind.cluster --format '{{.Names}} {{.Label "io.x-k8s.kind.cluster"}}' | Where-Object { $_ -notmatch '(dev|k0s-demo)-cluster$' }
        $theirs.Count | Should -Be 1
        $container, $name = -split $theirs
        $manifest = Join-Path $TestDrive cluster.json
        $reference = @{ apiGroup = 'infrastructure.cluster.x-k8s.io'; kind = 'DockerCluster'; name = $name }
        @{
            apiVersion = 'v1'
            kind       = 'List'
            items      = @(
                @{ apiVersion = 'infrastructure.cluster.x-k8s.io/v1beta2'; kind = 'DockerCluster'; metadata = @{ name = $name }; spec = @{} }
                @{ apiVersion = 'cluster.x-k8s.io/v1beta2'; kind = 'Cluster'; metadata = @{ name = $name }; spec = @{ infrastructureRef = $reference } }
            )
        } | ConvertTo-Json -Depth 5 | Set-Content $manifest
        $null = Invoke-Kubectl $Sandbox.KubeConfig apply -f $manifest
        $null = Wait-Until { docker -H $Sandbox.EngineAddress ps --filter "name=^$name-lb$" --quiet } 'its load balancer'

        $result = Remove-CapiWorkshop $name -Force -IncludeContainers -Timeout 60
        $result[0].IsRemoved | Should -BeTrue
        $result[0].Leftovers | Should -BeNullOrEmpty
        docker -H $Sandbox.EngineAddress ps --filter "label=io.x-k8s.kind.cluster=$name" --format '{{.Names}}' | Should -Be $container
    }
}

Describe 'Ctrl+C in the middle of a removal' {
    BeforeAll { $Sandbox = Start-TestSandbox -TimeScale 1 }

    AfterAll { Stop-TestSandbox $Sandbox }

    It 'ends pwsh without a word, and the next run goes on' {
        if ($IsWindows) {
            Set-ItResult -Skipped -Because 'it speaks of signals'
        }

        # A build that runs in the background may have taken SIGINT's meaning away, and children inherit that.
        $script = "Import-Module '$ModulePath'; Remove-CapiWorkshop * -Force -KubeConfig '$($Sandbox.KubeConfig)' | ForEach-Object Name; 'not reached'"
        $start = [Diagnostics.ProcessStartInfo]::new('env', [string[]] ('--default-signal=INT', [Environment]::ProcessPath, '-NoProfile', '-NonInteractive', '-Command', $script))
        $start.RedirectStandardOutput = $start.RedirectStandardError = $true
        $process = [Diagnostics.Process]::Start($start)
        try {
            $output, $errors = $process.StandardOutput.ReadToEndAsync(), $process.StandardError.ReadToEndAsync()
            $null = Wait-Until { $process.HasExited -or @(Get-CapiCluster | Where-Object DeletionRequestedAt).Count -eq 2 } 'the deletion of the clusters' -Seconds 60
            & kill -INT $process.Id
            $process.WaitForExit(5000) | Should -BeTrue
            $output.Result | Should -BeNullOrEmpty -Because 'it had not come to its end'
            $errors.Result | Should -BeNullOrEmpty
        }
        finally {
            if (-not $process.HasExited) {
                $process.Kill()
            }
        }

        $result = Remove-CapiWorkshop -Force -Timeout 60 -WarningAction SilentlyContinue
        $result | Where-Object { $_.IsRemoved -eq $false -or $_.IsIntact -eq $false } | Should -BeNullOrEmpty
        Get-CapiCluster | Should -BeNullOrEmpty
        Get-CapiMachine | Should -BeNullOrEmpty
    }
}
