[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    $Bare = $Api.Reason ? $Api : (Get-RealApiServer -Content bare)

    # Creates it, or changes its health.
    function Add-Controller([string] $Namespace, [string] $Name, [string] $Provider, [string] $Image, [bool] $IsAvailable) {
        $null = Invoke-KubeApi -Server $Api POST /api/v1/namespaces @{ metadata = @{ name = $Namespace } } -Allow 409
        $path = "/apis/apps/v1/namespaces/$Namespace/deployments"
        $labels = @{ 'cluster.x-k8s.io/provider' = $Provider; 'control-plane' = 'controller-manager' }
        $null = Invoke-KubeApi -Server $Api POST $path @{
            metadata = @{ name = $Name; labels = $labels }
            spec     = @{ selector = @{ matchLabels = $labels }; template = @{ metadata = @{ labels = $labels }; spec = @{ containers = @(@{ name = 'manager'; image = $Image }) } } }
        } -Allow 409
        $null = Invoke-KubeApi -Server $Api PATCH "$path/$Name/status" @{ status = @{ conditions = @(@{ type = 'Available'; status = "$IsAvailable"; reason = 'r'; message = '' }) } }
    }

    function Add-Node([string] $Name, [bool] $IsReady) {
        $null = Invoke-KubeApi -Server $Api POST /api/v1/nodes @{ metadata = @{ name = $Name } } -Allow 409
        $null = Invoke-KubeApi -Server $Api PATCH "/api/v1/nodes/$Name/status" @{ status = @{ conditions = @(@{ type = 'Ready'; status = "$IsReady"; reason = 'r'; message = '' }) } }
    }

    # What clusterctl init leaves behind; its CRD is not among those of the real parts.
    function Add-Inventory([string] $Namespace, [string] $Name, [string] $Provider, [string] $Type, [string] $Version) {
        $null = Invoke-KubeApi -Server $Api POST "/apis/clusterctl.cluster.x-k8s.io/v1alpha3/namespaces/$Namespace/providers" @{
            apiVersion = 'clusterctl.cluster.x-k8s.io/v1alpha3'; kind = 'Provider'; metadata = @{ name = $Name }; providerName = $Provider; type = $Type; version = $Version
        } -Allow 409
    }
}

Describe 'Get-CapiManagementCluster' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'tells what is there before anything is installed beside the CRDs' {
        $it = Get-CapiManagementCluster
        $it | Should -BeOfType CapiWorkshop.Operations.CapiManagementCluster
        $it.Context | Should -Be 'admin'
        $it.Server | Should -Be $Api.Address
        $it.KubernetesVersion | Should -Match '^v1\.\d+'
        $it.ApiVersion | Should -Be 'v1beta2'
        $it.ServedApiVersions | Should -Contain 'v1beta1'
        $it.ManagementClusterId | Should -Be (Get-CapiCluster dev-cluster).ManagementClusterId
        $it.Problems | Should -BeNullOrEmpty
    }

    It 'says of a server without Cluster API that it is none' {
        $it = Get-CapiManagementCluster -KubeConfig $Bare.KubeConfig -WarningVariable warnings -WarningAction SilentlyContinue
        $it.ApiVersion | Should -BeNullOrEmpty
        $it.Ready | Should -BeFalse
        $it.ManagementClusterId | Should -Not -Be (Get-CapiManagementCluster).ManagementClusterId
        $warnings.Count | Should -Be 1
    }

    It 'leaves empty what may not be read, with one warning' {
        $it = Get-CapiManagementCluster -Context nobody -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings.Count | Should -Be 1
        $it.Nodes | Should -Be $null
        $it.NodesReady | Should -Be $null
        $it.Ready | Should -Be $null
        $it.KubernetesVersion | Should -Not -BeNullOrEmpty
        $it.Problems.Id | Select-Object -Unique | Should -Be 'ApiForbidden'
    }

    It 'reads all that a reader may read, without a warning' {
        $it = Get-CapiManagementCluster -Context reader -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
        $it.Nodes | Should -Not -Be $null
    }

    It 'tells each provider''s version and health by its controllers' {
        $crd = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
        $null = Invoke-KubeApi -Server $Api POST $crd @{
            metadata = @{ name = 'providers.clusterctl.cluster.x-k8s.io' }
            spec     = @{
                group = 'clusterctl.cluster.x-k8s.io'; scope = 'Namespaced'; names = @{ plural = 'providers'; singular = 'provider'; kind = 'Provider' }
                versions = @(@{ name = 'v1alpha3'; served = $true; storage = $true; schema = @{ openAPIV3Schema = @{ type = 'object'; 'x-kubernetes-preserve-unknown-fields' = $true } } })
            }
        } -Allow 409
        $null = Wait-Until { (Invoke-KubeApi -Server $Api GET /apis/clusterctl.cluster.x-k8s.io/v1alpha3 -Allow 404).resources } 'the inventory is served'
        Add-Controller capi-system capi-controller-manager cluster-api 'registry.k8s.io/cluster-api/cluster-api-controller:v1.13.5' $true
        Add-Controller capd-system capd-controller-manager infrastructure-docker 'registry/capd-manager:v1.13.5' $false
        Add-Controller k0smotron k0smotron-controller-manager-control-plane k0smotron 'quay.io/k0sproject/k0smotron:v2.1.0' $true
        Add-Controller hand-made by-hand-controller-manager infrastructure-by-hand 'registry/by-hand:v0.9.0' $true
        Add-Inventory capi-system cluster-api cluster-api CoreProvider v1.13.5
        Add-Inventory capd-system infrastructure-docker docker InfrastructureProvider v1.13.5
        Add-Inventory k0smotron control-plane-k0sproject-k0smotron k0sproject-k0smotron ControlPlaneProvider v2.1.0
        Add-Node node-1 $true
        Add-Node node-2 $false

        # discovery is cached per connection: a new one sees what is new
        $it = (Invoke-Script { Get-CapiManagementCluster }).Output[0]
        $it.CapiVersion | Should -Be 'v1.13.5'
        $it.Nodes | Should -Be 2
        $it.NodesReady | Should -Be 1
        $it.Ready | Should -BeFalse
        $by = @{}
        foreach ($provider in $it.Providers) { $by[$provider.Name] = $provider }
        $by['cluster-api'].Available | Should -BeTrue
        $by['cluster-api'].Type | Should -Be 'CoreProvider'
        $by['cluster-api'].Deployments | Should -Be 'capi-controller-manager'
        $by['docker'].Available | Should -BeFalse
        $by['docker'].Namespace | Should -Be 'capd-system'
        $by['k0sproject-k0smotron'].Available | Should -BeTrue
        $by['k0sproject-k0smotron'].Version | Should -Be 'v2.1.0'
        $by['infrastructure-by-hand'].Version | Should -Be 'v0.9.0' -Because 'what no inventory tells is read from the image'
        $it.Providers.Count | Should -Be 4

        Add-Controller capd-system capd-controller-manager infrastructure-docker 'registry/capd-manager:v1.13.5' $true
        Add-Node node-2 $true
        $run = Invoke-Script { Get-CapiManagementCluster; Connect-CapiManagementCluster }
        $run.Output[0].Ready | Should -BeTrue
        $run.Output[1].CapiVersion | Should -Be 'v1.13.5'
        $run.Output[1].NodesReady | Should -Be 2
    }
}
