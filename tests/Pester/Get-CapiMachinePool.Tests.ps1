[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    if (-not $Api.Reason) {
        $Space = Add-TestNamespace $Api
        Add-TestCluster $Api $Space red
        $machine = @{
            clusterName       = 'red'
            bootstrap         = @{ dataSecretName = 'none' }
            infrastructureRef = @{ apiGroup = 'infrastructure.cluster.x-k8s.io'; kind = 'DockerMachinePool'; name = 'pool' }
            version           = 'v1.33.2'
        }
        $path = "/apis/cluster.x-k8s.io/v1beta2/namespaces/$Space/machinepools"
        $null = Invoke-KubeApi -Server $Api POST $path @{ apiVersion = 'cluster.x-k8s.io/v1beta2'; kind = 'MachinePool'; metadata = @{ name = 'pool'; labels = @{ 'cluster.x-k8s.io/cluster-name' = 'red' } }; spec = @{ clusterName = 'red'; replicas = 3; template = @{ spec = $machine } } }
        $null = Invoke-KubeApi -Server $Api PATCH "$path/pool/status" @{ status = @{ phase = 'ScalingUp'; replicas = 2; readyReplicas = 1; initialization = @{ infrastructureProvisioned = $true } } }
    }
}

Describe 'Get-CapiMachinePool' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'gives typed objects with what the server says' {
        $pool = Get-CapiMachinePool -Cluster red -Namespace $Space
        $pool | Should -BeOfType CapiWorkshop.Operations.CapiMachinePool
        $pool.Phase | Should -Be ScalingUp
        $pool.DesiredReplicas, $pool.Replicas, $pool.ReadyReplicas | Should -Be 3, 2, 1
        $pool.InfrastructureKind, $pool.Version | Should -Be 'DockerMachinePool', 'v1.33.2'
        $pool.InfrastructureProvisioned | Should -BeTrue
        $pool.Ready | Should -BeNullOrEmpty
    }

    It 'says what is not there, and nothing where there is none' {
        Assert-Problem (Get-Failure { Get-CapiMachinePool nope }) MachinePoolNotFound -Command Get-CapiMachinePool -Category ObjectNotFound -Target default/nope
        Get-Failure { Get-CapiMachinePool } | Should -BeNullOrEmpty
    }
}
