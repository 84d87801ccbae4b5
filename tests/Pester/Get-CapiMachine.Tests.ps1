[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    if (-not $Api.Reason) {
        $Space = Add-TestNamespace $Api
        Add-TestCluster $Api $Space red
        Add-TestCluster $Api $Space empty
        Add-TestMachine $Api $Space red-a -Cluster red -Labels @{ tier = $Space }
        Add-TestMachine $Api $Space red-b -Cluster red -State Provisioning
        Add-TestMachine $Api $Space red-c -Cluster red -State Running
    }
}

Describe 'Get-CapiMachine' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'gives typed objects with what the server says' {
        $machine = Get-CapiMachine dev-cluster-control-plane-5nq8w
        $machine | Should -BeOfType CapiWorkshop.Operations.CapiMachine
        $machine.Cluster | Should -Be 'dev-cluster'
        $machine.Phase | Should -Be Running
        $machine.Ready | Should -BeTrue
        $machine.IsControlPlane | Should -BeTrue
        $machine.NodeName | Should -Be 'dev-cluster-control-plane-5nq8w'
        $machine.ProviderId | Should -Be 'docker:////dev-cluster-control-plane-5nq8w'
        $machine.Version | Should -Be 'v1.33.2'
        $machine.InternalIP | Should -Be '172.18.0.4'
        $machine.Owners[0].Kind | Should -Be 'KubeadmControlPlane'
        $machine.MachineDeployment | Should -BeNullOrEmpty
        $machine.Blocker | Should -BeNullOrEmpty
    }

    It 'says by its conditions, not by its phase, whether a machine is ready and what it waits for' {
        $b, $c = Get-CapiMachine red-b, red-c -Namespace $Space
        $b.Phase | Should -Be Provisioning
        $b.Ready | Should -BeFalse
        $b.NodeName | Should -BeNullOrEmpty
        $b.Blocker.Type | Should -Be 'InfrastructureReady'
        $c.Phase | Should -Be Running
        $c.Ready | Should -BeFalse
        $c.Blocker.Type | Should -Be 'NodeHealthy'
    }

    It 'gives what was named in the order in which it was named' {
        (Get-CapiMachine red-c, red-a, red-b -Namespace $Space).Name | Should -Be 'red-c', 'red-a', 'red-b'
    }

    It 'selects by wildcard, namespace and labels' {
        (Get-CapiMachine 'red-[ab]' -Namespace $Space).Name | Should -Be 'red-a', 'red-b'
        (Get-CapiMachine -Namespace $Space -LabelSelector "tier=$Space").Name | Should -Be 'red-a'
        (Get-CapiMachine -AllNamespaces 'red-*', '*5nq8w' | Where-Object Namespace -In $Space, default).Name | Sort-Object | Should -Be 'dev-cluster-control-plane-5nq8w', 'red-a', 'red-b', 'red-c'
        (Get-CapiMachine -LabelSelector 'cluster.x-k8s.io/control-plane').Name | Should -Be 'dev-cluster-control-plane-5nq8w'
    }

    It 'is silent where a wildcard fits nothing' {
        Get-Failure { Get-CapiMachine 'nothing-*' } | Should -BeNullOrEmpty
        Get-CapiMachine 'nothing-*' | Should -BeNullOrEmpty
    }

    It 'says which name is not there, and goes on' {
        $found = Get-CapiMachine red-a, nope, red-b -Namespace $Space -ErrorAction SilentlyContinue -ErrorVariable problems
        $found.Name | Should -Be 'red-a', 'red-b'
        Assert-Problem $problems MachineNotFound -Command Get-CapiMachine -Category ObjectNotFound -Target "$Space/nope"
        $problems[0].FullyQualifiedErrorId | Should -BeExactly 'MachineNotFound,CapiWorkshop.PowerShell.Commands.GetCapiMachineCommand'
    }

    Context 'of a cluster' {
        It 'named, by wildcard and several' {
            (Get-CapiMachine -Cluster red -Namespace $Space).Name | Should -Be 'red-a', 'red-b', 'red-c'
            (Get-CapiMachine -Cluster 'r*', 'k0s*' -AllNamespaces).Cluster | Select-Object -Unique | Should -Be 'red', 'k0s-demo-cluster'
            (Get-CapiMachine red-b -Cluster red -Namespace $Space).Name | Should -Be 'red-b'
        }

        It 'is asked for on the server' {
            $mark = Get-ApiRequestMark $Api
            $null = Get-CapiMachine -Cluster dev-cluster
            @(Get-ApiRequest $Api $mark).Uri | Should -Be '/apis/cluster.x-k8s.io/v1beta2/namespaces/default/machines?labelSelector=cluster.x-k8s.io%2Fcluster-name%3Ddev-cluster'
        }

        It 'from the pipeline: that cluster''s machines in its namespace' {
            (Get-CapiCluster red -Namespace $Space | Get-CapiMachine).Name | Should -Be 'red-a', 'red-b', 'red-c'
            (Get-CapiCluster dev-cluster | Get-CapiMachine).Count | Should -Be 3
        }

        It 'from the pipeline: in the order in which the clusters came' {
            $found = Get-CapiCluster k0s-demo-cluster, dev-cluster | Get-CapiMachine
            $found.Cluster | Select-Object -Unique | Should -Be 'k0s-demo-cluster', 'dev-cluster'
            $found.Count | Should -Be 5
        }

        It 'from the pipeline, by its name' {
            ('dev-cluster' | Get-CapiMachine).Count | Should -Be 3
        }

        It 'that came back from a job' {
            $cluster = Start-Job { Import-Module $using:ModulePath; Get-CapiCluster red -Namespace $using:Space } | Receive-Job -Wait -AutoRemoveJob
            $cluster.PSObject.TypeNames | Should -Contain 'Deserialized.CapiWorkshop.Operations.CapiCluster'
            ($cluster | Get-CapiMachine).Name | Should -Be 'red-a', 'red-b', 'red-c'
            (Get-CapiMachine -Cluster $cluster).Name | Should -Be 'red-a', 'red-b', 'red-c'
        }

        It 'that has none: nothing, without an error' {
            Get-Failure { Get-CapiMachine -Cluster empty -Namespace $Space } | Should -BeNullOrEmpty
            Get-CapiMachine -Cluster empty -Namespace $Space | Should -BeNullOrEmpty
        }

        It 'that is not there: an error' {
            Assert-Problem (Get-Failure { Get-CapiMachine -Cluster nope }) ClusterNotFound -Command Get-CapiMachine -Category ObjectNotFound -Target 'default/nope'
        }

        It 'that is in no namespace: an error, too' {
            Assert-Problem (Get-Failure { Get-CapiMachine -Cluster nope -AllNamespaces }) ClusterNotFound -Command Get-CapiMachine -Category ObjectNotFound -Target 'nope'
        }

        It 'by a wildcard that fits none: nothing, without an error' {
            Get-Failure { Get-CapiMachine -Cluster 'nope*' } | Should -BeNullOrEmpty
        }

        It 'goes on after one that is not there' {
            $found = 'nope', 'dev-cluster' | Get-CapiMachine -ErrorAction SilentlyContinue -ErrorVariable problems
            $found.Count | Should -Be 3
            Assert-Problem $problems ClusterNotFound -Command Get-CapiMachine -Category ObjectNotFound
        }
    }
}
