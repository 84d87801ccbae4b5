[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
}

Describe 'Verbose' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'has one line for each request, with method, path and answer' {
        $mark = Get-ApiRequestMark $Api
        $run = Invoke-Script {
            $VerbosePreference = 'Continue'
            Connect-CapiManagementCluster
            Get-CapiMachine dev-cluster-control-plane-5nq8w, nope -ErrorAction SilentlyContinue
            Get-CapiCluster | Get-CapiMachineDeployment
            Set-CapiMachineDeploymentScale dev-cluster-md-0 2
            Watch-CapiMachine -Timeout 0.3
            Wait-CapiMachineDeployment dev-cluster-md-0
        }
        $run.Errors | Should -BeNullOrEmpty
        $sent = @(Get-ApiRequest $Api $mark).Uri | Sort-Object
        $told = @($run.Verbose.Message).Where({ $_ -match '^(GET|PATCH) /' })
        $told.ForEach({ ($_ -split ' ')[1] }) | Sort-Object | Where-Object { $_ -notmatch 'watch=1' } | Should -Be @($sent -notmatch 'watch=1')
        $told | Where-Object { $_ -notmatch '^(GET|PATCH) /\S+ (\d{3}|no answer) in \d+ ms, \d+ bytes$' } | Should -BeNullOrEmpty
        @($told -match 'machines/nope 404').Count | Should -Be 1
        @($told -match '^PATCH .*/scale\?\S* 200').Count | Should -Be 1
    }

    It 'says first whom it asks' {
        $run = Invoke-Script { Get-CapiCluster -Context reader -Verbose; Connect-CapiManagementCluster -Verbose }
        $asks = @($run.Verbose.Message).Where({ $_ -like 'Asks *' })
        $run.Verbose[0].Message | Should -BeLike "Asks context 'reader' (https://*)."
        $asks[1] | Should -BeLike "Asks context 'admin' (https://*)."
        $asks.Count | Should -Be 2
    }

    It 'tells of a watch, too' {
        $run = Invoke-Script { Watch-CapiMachine -Timeout 0.5 -Verbose }
        @($run.Verbose.Message -match 'watch=1').Count | Should -Be 1
    }

    It 'tells of a watch that ended because there was enough' {
        $run = Invoke-Script { Watch-CapiMachine -Count 1 -Verbose; Wait-CapiMachineDeployment dev-cluster-md-0 -For Ready -Verbose }
        $run.Errors | Should -BeNullOrEmpty
        @($run.Verbose.Message -match '/machines\?\S*watch=1|/machines ').Count | Should -BeGreaterThan 0
        @($run.Verbose.Message -match '/machinedeployments\?\S*watch=1|/machinedeployments ').Count | Should -BeGreaterThan 0
    }

    It 'is silent without being asked' {
        $run = Invoke-Script { Get-CapiMachine }
        $run.Verbose.Count | Should -Be 0
        $run.Shell.Streams.Debug.Count | Should -Be 0
        $run.Shell.Streams.Information.Count | Should -Be 0
        $run.Warnings.Count | Should -Be 0
    }
}

Describe 'Debug' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'has the bodies of each request, by <Name>' -ForEach @(
        @{ Name = '-Debug'; Script = { Set-CapiMachineDeploymentScale dev-cluster-md-0 2 -Debug } }
        @{ Name = '$DebugPreference'; Script = { $DebugPreference = 'Continue'; Set-CapiMachineDeploymentScale dev-cluster-md-0 2 } }
    ) {
        $run = Invoke-Script $Script
        $run.Errors | Should -BeNullOrEmpty
        $told = @($run.Shell.Streams.Debug.Message)
        $told[0] | Should -Match '^Asks context ''admin'''
        $told | Select-Object -Skip 1 | Where-Object { $_ -notmatch '(?s)^(GET|PATCH) /\S+ \d{3} in \d+ ms, \d+ bytes(, \d+ attempts)?(\n> .+)?\n< \{.*' } | Should -BeNullOrEmpty
        $told -match '/scale\?\S* 200' | Should -Match '\n> \{"spec":\{"replicas":2\}\}\n< \{"kind":"Scale"'
        "$told" | Should -Not -Match 'managedFields'
        $run.Verbose.Count | Should -Be 0
    }

    It 'has each line of a watch' {
        $space = Add-TestNamespace $Api
        $running = Start-Script { Watch-CapiMachine -Namespace $Space -NoInitial -Count 1 -Debug } -Variables @{ Space = $space }
        $null = Wait-Until { @($running.Shell.Streams.Debug.Message) -match '"kind":"MachineList"' }
        Add-TestMachine $Api $space 'new'
        $run = Wait-Script $running
        $run.Errors | Should -BeNullOrEmpty
        @($run.Shell.Streams.Debug.Message) -match 'watch=1\S*\n< \{"type":"ADDED","object":\{.*"name":"new"' | Should -Not -BeNullOrEmpty
    }

    It 'is silent where it is switched off: <Name>' -ForEach @(
        @{ Name = '-Debug:$false'; Script = { $DebugPreference = 'Continue'; Get-CapiMachine -Debug:$false } }
        @{ Name = 'SilentlyContinue'; Script = { $DebugPreference = 'SilentlyContinue'; Get-CapiMachine } }
        @{ Name = 'Ignore'; Script = { $DebugPreference = 'Ignore'; Get-CapiMachine } }
    ) {
        (Invoke-Script $Script).Shell.Streams.Debug.Count | Should -Be 0
    }

    It 'does not stop to ask in a PowerShell of its own' {
        $run = Invoke-PowerShell "Import-Module '$ModulePath'; (Get-CapiMachine -Debug).Count"
        $run.ExitCode | Should -Be 0
        $run.Output | Should -Match 'DEBUG: GET /apis/cluster.x-k8s.io/'
        $run.Errors | Should -BeNullOrEmpty
    }
}

Describe 'Debug on a sandbox' {
    BeforeAll { $Sandbox = Start-TestSandbox }
    AfterAll { Stop-TestSandbox $Sandbox }

    It 'shows of the kubeconfigs of hosted clusters their names and sizes, and no credential anywhere' {
        $run = Invoke-Script {
            Connect-CapiManagementCluster -KubeConfig $KubeConfig
            $DebugPreference = $VerbosePreference = 'Continue'
            Get-CapiResourceUsage *>&1
            Test-CapiWorkshop *>&1
            Get-CapiHelmChartProxy *>&1
            Get-CapiHelmReleaseProxy *>&1
            $Error | Out-String
        } -Variables @{ KubeConfig = $Sandbox.KubeConfig }
        $run.Thrown | Should -BeNullOrEmpty
        $said = ($run.Output + $run.Errors + $run.Shell.Streams.Debug + $run.Verbose + $run.Warnings) -join "`n"
        $said | Should -Match '/secrets/k0s-demo-cluster-kubeconfig 200 in .*\n< .*"value":"\(\d+ bytes\)"'
        $said | Should -Match '/containers/\S+ 200 in'
        $said | Should -Not -Match 'PRIVATE KEY|Bearer |client-key|LS0tLS1|YXBpVmVyc2lvbj|a2luZDogQ29uZmln'
        $token = (Select-String 'token: "?([^\s"}]+)' $Sandbox.KubeConfig).Matches[0].Groups[1].Value
        $token.Length | Should -BeGreaterThan 10
        $said.Contains($token) | Should -BeFalse
    }
}

Describe 'Secrets' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'are in no stream, no error and no object: context <_>' -ForEach @('admin', 'token', 'reader', 'nobody', 'wrong-token', 'refused', 'untrusted') {
        $Context = $_
        $run = Invoke-Script {
            $VerbosePreference = $DebugPreference = 'Continue'
            $everything = & {
                Connect-CapiManagementCluster -Context $Context
                Get-CapiManagementCluster -Context $Context
                Get-CapiCluster -Context $Context
                Get-CapiMachine nope -Context $Context
                Set-CapiMachineDeploymentScale k0s-demo-cluster-md-0 2 -Context $Context -WhatIf
                Set-CapiMachineDeploymentScale nope 2 -Context $Context
            } *>&1
            $everything | Format-List * -Force | Out-String -Width 4096
            $Error | ForEach-Object { $_ | Format-List * -Force; for ($e = $_.Exception; $e; $e = $e.InnerException) { $e | Format-List * -Force; "$e" } } | Out-String -Width 4096
        } -Variables @{ Context = $Context }
        $said = ($run.Output + $run.Errors + $run.Verbose + $run.Shell.Streams.Debug + $run.Warnings) -join "`n"
        $said.Length | Should -BeGreaterThan 100
        $secrets = @(
            (Get-Content $Api.KubeConfig | Select-String 'token: (\S+?)}').Matches.ForEach({ $_.Groups[1].Value })
            (Get-Content $Api.KubeConfig | Select-String 'client-key-data: (\S+?)}').Matches.ForEach({ $_.Groups[1].Value.Substring(60, 60) })
            (Get-Content "$($Api.Folder)/pki/admin.key")[3]
        )
        $secrets.Count | Should -BeGreaterThan 5
        foreach ($secret in $secrets) {
            $said.Contains($secret) | Should -BeFalse
        }

        $said | Should -Not -Match 'PRIVATE KEY|Bearer '
    }
}
