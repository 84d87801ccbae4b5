[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    if (-not $Api.Reason) {
        $Space = Add-TestNamespace $Api
        Add-TestCluster $Api $Space red
        $path = "/apis/cluster.x-k8s.io/v1beta2/namespaces/$Space/machinehealthchecks"
        $spec = @{ clusterName = 'red'; selector = @{ matchLabels = @{ tier = 'a' } }; checks = @{ nodeStartupTimeoutSeconds = 300 }; remediation = @{ triggerIf = @{ unhealthyLessThanOrEqualTo = '40%' } } }
        $null = Invoke-KubeApi -Server $Api POST $path @{ apiVersion = 'cluster.x-k8s.io/v1beta2'; kind = 'MachineHealthCheck'; metadata = @{ name = 'check'; labels = @{ 'cluster.x-k8s.io/cluster-name' = 'red' } }; spec = $spec }
        $condition = @{ type = 'RemediationAllowed'; status = 'False'; reason = 'TooManyUnhealthy'; message = 'No more'; lastTransitionTime = '2026-11-20T09:00:00Z' }
        $null = Invoke-KubeApi -Server $Api PATCH "$path/check/status" @{ status = @{ expectedMachines = 3; currentHealthy = 1; remediationsAllowed = 0; targets = @('a', 'b', 'c'); conditions = @($condition) } }
    }
}

Describe 'Get-CapiMachineHealthCheck' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'gives typed objects with what the server says' {
        $check = Get-CapiCluster red -Namespace $Space | Get-CapiMachineHealthCheck
        $check | Should -BeOfType CapiWorkshop.Operations.CapiMachineHealthCheck
        $check.ExpectedMachines, $check.HealthyMachines, $check.RemediationsAllowed | Should -Be 3, 1, 0
        $check.RemediationAllowed | Should -BeFalse
        $check.Targets | Should -Be 'a', 'b', 'c'
        $check.Selector, $check.MaxUnhealthy | Should -Be 'tier=a', '40%'
        $check.NodeStartupTimeout | Should -Be ([timespan]::FromMinutes(5))
        ($check | Get-CapiCondition -Condition Abnormal).Reason | Should -Be 'TooManyUnhealthy'
    }

    It 'says what is not there' {
        Assert-Problem (Get-Failure { Get-CapiMachineHealthCheck nope }) MachineHealthCheckNotFound -Command Get-CapiMachineHealthCheck -Category ObjectNotFound -Target default/nope
    }
}
