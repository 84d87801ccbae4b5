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
        # A watch that is cut off before the server answered tells nothing; all others must.
        $told.ForEach({ ($_ -split ' ')[1] }) | Sort-Object | Where-Object { $_ -notmatch 'watch=1' } | Should -Be @($sent -notmatch 'watch=1')
        $told | Where-Object { $_ -notmatch '^(GET|PATCH) /\S+ (\d{3}|no answer) in \d+ ms, \d+ bytes$' } | Should -BeNullOrEmpty
        @($told -match 'machines/nope 404').Count | Should -Be 1
        @($told -match '^PATCH .*/scale 200').Count | Should -Be 1
    }

    It 'tells of a watch, too' {
        $run = Invoke-Script { Watch-CapiMachine -Timeout 0.5 -Verbose }
        @($run.Verbose.Message -match 'watch=1').Count | Should -Be 1
    }

    It 'is silent without being asked' {
        $run = Invoke-Script { Get-CapiMachine }
        $run.Verbose.Count | Should -Be 0
        $run.Shell.Streams.Debug.Count | Should -Be 0
        $run.Shell.Streams.Information.Count | Should -Be 0
        $run.Warnings.Count | Should -Be 0
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
        $said = ($run.Output + $run.Errors + $run.Verbose + $run.Warnings) -join "`n"
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
