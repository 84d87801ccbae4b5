[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    if (-not $Api.Reason) {
        $Space = Add-TestNamespace $Api
        Add-TestCluster $Api $Space red
        Add-TestMachineDeployment $Api $Space red-md-0 -Cluster red -Replicas 3 -Labels @{ tier = $Space }
        Add-TestMachineDeployment $Api $Space red-md-1 -Cluster red -Replicas 0
        Edit-TestMachineDeploymentStatus $Api $Space red-md-0 @{ readyReplicas = 1; availableReplicas = 1; phase = 'ScalingUp' }
    }
}

Describe 'Get-CapiMachineDeployment' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'gives typed objects with what the server says' {
        $deployment = Get-CapiMachineDeployment red-md-0 -Namespace $Space
        $deployment | Should -BeOfType CapiWorkshop.Operations.CapiMachineDeployment
        $deployment.DesiredReplicas | Should -Be 3
        $deployment.ReadyReplicas | Should -Be 1
        $deployment.AvailableReplicas | Should -Be 1
        $deployment.UpToDateReplicas | Should -Be 3
        $deployment.Phase | Should -Be ScalingUp
        $deployment.Cluster | Should -Be 'red'
        $deployment.Version | Should -Be 'v1.33.2'
        $deployment.CounterSemantics | Should -Be MachineConditions
        $deployment.IsObserved | Should -BeTrue
        $deployment.AutoscalerMinimum | Should -BeNullOrEmpty
        "$deployment" | Should -Be "$Space/red-md-0"
    }

    It 'counts none as 0, not as unknown' {
        $deployment = Get-CapiMachineDeployment red-md-1 -Namespace $Space
        $deployment.DesiredReplicas | Should -Be 0
        $deployment.ReadyReplicas | Should -Be 0
    }

    It 'selects by name, wildcard, namespace, labels and cluster' {
        (Get-CapiMachineDeployment).Name | Should -Be 'dev-cluster-md-0', 'k0s-demo-cluster-md-0'
        (Get-CapiMachineDeployment red-md-1, red-md-0 -Namespace $Space).Name | Should -Be 'red-md-1', 'red-md-0'
        (Get-CapiMachineDeployment '*-md-0' -AllNamespaces -LabelSelector "tier=$Space").Name | Should -Be 'red-md-0'
        (Get-CapiMachineDeployment -Cluster red -Namespace $Space).Name | Should -Be 'red-md-0', 'red-md-1'
        (Get-CapiCluster -AllNamespaces red | Where-Object Namespace -EQ $Space | Get-CapiMachineDeployment '*1').Name | Should -Be 'red-md-1'
        (Get-CapiMachineDeployment -Cluster 'dev*').Name | Should -Be 'dev-cluster-md-0'
    }

    It 'is silent where a wildcard fits nothing' {
        Get-Failure { Get-CapiMachineDeployment 'nothing-*' } | Should -BeNullOrEmpty
    }

    It 'says which name is not there, and goes on' {
        $found = Get-CapiMachineDeployment nope, dev-cluster-md-0 -ErrorAction SilentlyContinue -ErrorVariable problems
        $found.Name | Should -Be 'dev-cluster-md-0'
        Assert-Problem $problems MachineDeploymentNotFound -Command Get-CapiMachineDeployment -Category ObjectNotFound -Target 'default/nope'
        $problems[0].ErrorDetails.RecommendedAction | Should -Match 'Get-CapiMachineDeployment -Namespace default'
    }

    It 'does not give one of another cluster than the one that was named' {
        Assert-Problem (Get-Failure { Get-CapiMachineDeployment dev-cluster-md-0 -Cluster k0s-demo-cluster }) MachineDeploymentNotFound -Command Get-CapiMachineDeployment -Category ObjectNotFound
    }

    It 'says of a cluster that is not there' {
        Assert-Problem (Get-Failure { Get-CapiMachineDeployment -Cluster nope }) ClusterNotFound -Command Get-CapiMachineDeployment -Category ObjectNotFound -Target 'default/nope'
    }

    It 'goes on when the list is long and the pipeline has had enough' {
        (Get-CapiMachineDeployment -AllNamespaces | Select-Object -First 1).Count | Should -Be 1
    }
}
