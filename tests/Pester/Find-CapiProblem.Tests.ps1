[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    if (-not $Api.Reason) {
        $Space = Add-TestNamespace $Api
        $Long = '2026-11-01T09:00:00Z'
        Add-TestCluster $Api $Space red
        Add-TestCluster $Api $Space blue
        Add-TestMachine $Api $Space joining -Cluster red -State Provisioned
        Add-TestMachine $Api $Space waiting -Cluster red -State Provisioning
        Add-TestMachine $Api $Space fine -Cluster red
        $machines = "/apis/cluster.x-k8s.io/v1beta2/namespaces/$Space/machines"
        foreach ($name in 'joining', 'waiting') {
            $null = Invoke-KubeApi -Server $Api PATCH "$machines/$name/status" @{ status = @{ lastUpdated = $Long } }
        }

        $event = @{
            metadata       = @{ name = 'joining.1' }
            involvedObject = @{ apiVersion = 'cluster.x-k8s.io/v1beta2'; kind = 'Machine'; namespace = $Space; name = 'joining'; uid = (Get-CapiMachine joining -Namespace $Space).Uid }
            type           = 'Warning'
            reason         = 'BootstrapFailed'
            message        = 'no way to the API server'
            lastTimestamp  = $Long
        }
        $null = Invoke-KubeApi -Server $Api POST "/api/v1/namespaces/$Space/events" $event
    }
}

Describe 'Find-CapiProblem' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'tells what is wrong, since when, by what it shows, what it blocks and what to do' {
        $found = Find-CapiProblem red -Namespace $Space | Where-Object Name -EQ 'joining'
        $found | Should -BeOfType CapiWorkshop.Operations.CapiFinding
        $found.Id, $found.Kind, $found.Cluster, $found.Severity | Should -Be 'NodeNotJoined', 'Machine', 'red', 'Error'
        $found.Since | Should -Be ([datetimeoffset] $Long)
        "$($found.Evidence)" | Should -Match 'Event: BootstrapFailed: no way to the API server'
        $found.Message | Should -Match "^Machine $Space/joining has no Node"
        $found.Blocks, $found.Advice | Should -Not -BeNullOrEmpty
    }

    It 'gives a command that can be run as it stands' {
        $commands = (Find-CapiProblem -Namespace $Space).Command
        $commands | Should -Contain "Get-CapiMachine joining -Namespace $Space | Get-CapiCondition -Condition Abnormal"
        foreach ($command in $commands) {
            Get-Failure ([scriptblock]::Create($command)) | Should -BeNullOrEmpty -Because $command
        }
    }

    It 'gives nothing where all is well' {
        Get-CapiCluster blue -Namespace $Space | Find-CapiProblem | Should -BeNullOrEmpty
        Find-CapiProblem -Namespace $Space | Where-Object Name -EQ 'fine' | Should -BeNullOrEmpty
    }

    It 'is about the clusters that are asked for' {
        (Find-CapiProblem -Namespace $Space).Name | Sort-Object | Should -Be 'joining', 'waiting'
        Find-CapiProblem blue -Namespace $Space | Should -BeNullOrEmpty
        Assert-Problem (Get-Failure { Find-CapiProblem nope }) ClusterNotFound -Command Find-CapiProblem -Category ObjectNotFound -Target default/nope
    }

    It 'asks for one list a kind' {
        $null = Get-CapiCluster
        $mark = Get-ApiRequestMark $Api
        $null = Find-CapiProblem -Namespace $Space
        $sent = Get-ApiRequest $Api $mark
        $sent.Verb | Select-Object -Unique | Should -Be 'list'
        @($sent.Uri | Group-Object | Where-Object Count -GT 1) | Should -BeNullOrEmpty
    }
}

Describe 'The view of problems' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'wraps long messages within 80 columns' {
        $PSStyle.OutputRendering = 'PlainText'
        $lines = (Find-CapiProblem -Namespace $Space | Out-String -Width 80) -split '\r?\n'
        $lines | Where-Object { $_.Length -gt 80 -or $_ -match '\u2026' } | Should -BeNullOrEmpty
        ($lines -match '^Severity\b')[0].Trim() -split '\s+' | Should -BeExactly 'Severity', 'Since', 'Id', 'Message'
        @($lines -match '^Error\s+\w+\s+NodeNotJoined\s+Machine').Count | Should -Be 1 -Because ($lines -join "`n")
    }
}

Describe 'In a workshop' {
    BeforeAll { $Sandbox = Start-TestSandbox }

    AfterAll { Stop-TestSandbox $Sandbox }

    It 'there is nothing to be found, until something is wrong' {
        Skip-Without kubectl
        Find-CapiProblem | Should -BeNullOrEmpty
        $null = Invoke-Kubectl $Sandbox.KubeConfig patch cluster.cluster.x-k8s.io dev-cluster --type merge -p '{"spec":{"paused":true}}'
        $found = Find-CapiProblem
        $found.Id, $found.Name, $found.Severity | Should -Be 'ClusterPaused', 'dev-cluster', 'Warning'
        Find-CapiProblem -Severity Error | Should -BeNullOrEmpty
        $null = Invoke-Kubectl $Sandbox.KubeConfig patch cluster.cluster.x-k8s.io dev-cluster --type merge -p '{"spec":{"paused":false}}'
        Find-CapiProblem | Should -BeNullOrEmpty
    }

    It 'a controller that is not available is found' {
        Skip-Without kubectl
        $status = '{"status":{"conditions":[{"type":"Available","status":"False","reason":"MinimumReplicasUnavailable","lastTransitionTime":"2026-11-20T09:00:00Z"}]}}'
        $null = Invoke-Kubectl $Sandbox.KubeConfig patch deployment capd-controller-manager -n capd-system --subresource status --type merge -p $status
        $found = Find-CapiProblem k0s-demo-cluster
        $found.Id, $found.Kind, $found.Name | Should -Be 'ControllerUnavailable', 'Provider', 'docker'
    }
}
