[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

# The workshop from its first scaling to its cleanup, in one go: what the files of the single commands look at one by one.
BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Sandbox = Start-TestSandbox
}

AfterAll { Stop-TestSandbox $Sandbox }

Describe 'The workshop' {
    It 'begins as it was built' {
        $deployments = Get-CapiMachineDeployment
        $deployments.Name | Should -Be 'dev-cluster-md-0', 'k0s-demo-cluster-md-0'
        $deployments.ReadyReplicas | Should -Be 2, 2
    }

    It 'shows machines come up while one scales' {
        $watch = Start-Script { Watch-CapiMachine -Cluster dev-cluster -Timeout 60 -Until { $_.Type -ne 'Initial' -and $_.Machine.Ready } -Connection $To } -Variables @{ To = $Sandbox.Connection }
        $null = Wait-Until { $watch.Output.Count -ge 3 } 'the machines that there are'
        Set-CapiMachineDeploymentScale dev-cluster-md-0 -Replicas 4
        $changes = (Wait-Script $watch -Seconds 60).Output | Where-Object Type -NE Initial
        foreach ($phase in 'Provisioning', 'Running') {
            $changes.Phase | Should -Contain $phase
        }
    }

    It 'shows how far a scaling is' {
        $run = Invoke-Script {
            $PSDefaultParameterValues = @{ '*-Capi*:Connection' = $To }
            Get-CapiMachineDeployment -Cluster k0s-demo-cluster | Set-CapiMachineDeploymentScale -Replicas 3 -Wait -PassThru -Timeout 60
        } -Variables @{ To = $Sandbox.Connection }
        $run.Errors | Should -BeNullOrEmpty
        $run.Output[0].ReadyReplicas | Should -Be 3
        "$($run.Progress.StatusDescription)" | Should -Match '3/3'
    }
}
