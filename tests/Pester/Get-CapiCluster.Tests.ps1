[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    if (-not $Api.Reason) {
        $Space = Add-TestNamespace $Api
        Add-TestCluster $Api $Space elsewhere -Labels @{ tier = $Space }
    }
}

Describe 'Get-CapiCluster' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'gives the clusters of the connection''s namespace' {
        (Get-CapiCluster).Name | Sort-Object | Should -Be 'dev-cluster', 'k0s-demo-cluster'
    }

    It 'gives typed objects with what the server says' {
        $cluster = Get-CapiCluster dev-cluster
        $cluster | Should -BeOfType CapiWorkshop.Operations.CapiCluster
        $cluster.Namespace | Should -Be 'default'
        $cluster.Cluster | Should -Be 'dev-cluster'
        $cluster.Context | Should -Be 'admin'
        $cluster.ManagementClusterId | Should -Be (Invoke-KubeApi -Server $Api GET /api/v1/namespaces/kube-system).metadata.uid
        $cluster.ApiVersion | Should -Be 'cluster.x-k8s.io/v1beta2'
        $cluster.Phase | Should -Be Provisioned
        $cluster.Available | Should -BeTrue
        $cluster.Workers.Desired | Should -Be 2
        $cluster.Workers.Ready | Should -Be 2
        "$($cluster.ControlPlane)" | Should -Be '1/1'
        $cluster.ControlPlaneKind | Should -Be 'KubeadmControlPlane'
        $cluster.ControlPlaneEndpoint | Should -Be '172.18.0.3:6443'
        $cluster.Labels['environment'] | Should -Be 'dev'
        $cluster.Conditions.Type | Should -Contain 'WorkersAvailable'
        $cluster.CreatedAt.Offset | Should -Be ([timespan]::Zero)
        $cluster.Age | Should -Be ($cluster.ObservedAt - $cluster.CreatedAt)
        $cluster.ClusterClass | Should -BeNullOrEmpty
        "$cluster" | Should -Be 'default/dev-cluster'
    }

    It 'is told apart from k0smotron''s own kind of clusters' {
        (Get-CapiCluster k0s-demo-cluster).ControlPlaneKind | Should -Be 'K0smotronControlPlane'
        (Get-CapiCluster k0s-demo-cluster).ApiVersion | Should -Be 'cluster.x-k8s.io/v1beta2'
    }

    It 'selects by name <Pattern>' -ForEach @(
        @{ Pattern = 'dev-cluster'; Names = @('dev-cluster') }
        @{ Pattern = 'k0s*'; Names = @('k0s-demo-cluster') }
        @{ Pattern = '*CLUSTER'; Names = @('dev-cluster', 'k0s-demo-cluster') }
        @{ Pattern = '[dx]ev-cluste?'; Names = @('dev-cluster') }
        @{ Pattern = 'k0s-demo-cluster', 'dev-cluster'; Names = @('k0s-demo-cluster', 'dev-cluster') }
    ) {
        (Get-CapiCluster -Name $Pattern).Name | Should -Be $Names
    }

    It 'asks the server only for what is named' {
        $null = Get-CapiCluster dev-cluster # discovery is behind us
        $mark = Get-ApiRequestMark $Api
        $null = Get-CapiCluster dev-cluster
        @(Get-ApiRequest $Api $mark).ForEach({ "$($_.Verb) $($_.Uri)" }) | Should -Be 'get /apis/cluster.x-k8s.io/v1beta2/namespaces/default/clusters/dev-cluster'
    }

    It 'is silent where a wildcard fits nothing' {
        $found = Get-CapiCluster 'nothing-like-*' -ErrorAction SilentlyContinue -ErrorVariable problems
        $found | Should -BeNullOrEmpty
        $problems | Should -BeNullOrEmpty
    }

    It 'says which name is not there' {
        Assert-Problem (Get-Failure { Get-CapiCluster nope }) ClusterNotFound -Command Get-CapiCluster -Category ObjectNotFound -Target 'default/nope'
    }

    It 'goes on after a name that is not there' {
        $found = Get-CapiCluster dev-cluster, nope, k0s-demo-cluster -ErrorAction SilentlyContinue -ErrorVariable problems
        $found.Name | Should -Be 'dev-cluster', 'k0s-demo-cluster'
        Assert-Problem $problems ClusterNotFound -Command Get-CapiCluster -Category ObjectNotFound -Target 'default/nope'
    }

    It 'reports a name that is not there also beside a wildcard' {
        $found = Get-CapiCluster 'dev*', nope -ErrorAction SilentlyContinue -ErrorVariable problems
        $found.Name | Should -Be 'dev-cluster'
        Assert-Problem $problems ClusterNotFound -Command Get-CapiCluster -Category ObjectNotFound
    }

    It 'looks in one namespace, or in all' {
        (Get-CapiCluster -Namespace $Space).Name | Should -Be 'elsewhere'
        (Get-CapiCluster -Ns $Space).Name | Should -Be 'elsewhere'
        (Get-CapiCluster -AllNamespaces).Name | Should -Contain 'elsewhere'
        (Get-CapiCluster -AllNamespaces).Name | Should -Contain 'dev-cluster'
        (Get-CapiCluster elsewhere -AllNamespaces).Namespace | Should -Contain $Space
    }

    It 'says of a name that is in no namespace' {
        Assert-Problem (Get-Failure { Get-CapiCluster nope -AllNamespaces }) ClusterNotFound -Command Get-CapiCluster -Category ObjectNotFound -Target 'nope'
    }

    It 'selects by labels, on the server' {
        $mark = Get-ApiRequestMark $Api
        (Get-CapiCluster -LabelSelector 'environment=dev').Name | Should -Be 'dev-cluster'
        (Get-CapiCluster -Selector 'environment in (dev,demo),!tier').Name | Should -Be 'dev-cluster', 'k0s-demo-cluster'
        (Get-CapiCluster -LabelSelector "tier=$Space" -AllNamespaces).Name | Should -Be 'elsewhere'
        @(Get-ApiRequest $Api $mark).Uri | Should -Contain '/apis/cluster.x-k8s.io/v1beta2/namespaces/default/clusters?labelSelector=environment%3Ddev'
    }

    It 'hands on what the server says of a bad selector' {
        Assert-Problem (Get-Failure { Get-CapiCluster -LabelSelector 'a==b==c' }) ApiInvalid -Command Get-CapiCluster -Category InvalidArgument
    }

    It 'refuses a namespace with wildcards, which would look like one without clusters' {
        Assert-Problem (Get-Failure { Get-CapiCluster -Namespace 'def*' }) InvalidPattern -Command Get-CapiCluster -Category InvalidArgument -Target 'def*'
    }

    It 'refuses one namespace together with all' {
        Assert-Problem (Get-Failure { Get-CapiCluster -Namespace $Space -AllNamespaces }) AmbiguousScope -Command Get-CapiCluster -Category InvalidArgument
    }

    It 'writes nothing' {
        $mark = Get-ApiRequestMark $Api
        $null = Get-CapiCluster -AllNamespaces
        Get-ApiWrite $Api $mark | Should -BeNullOrEmpty
    }
}
