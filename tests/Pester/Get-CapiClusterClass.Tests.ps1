[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    if (-not $Api.Reason) {
        $Space = Add-TestNamespace $Api
        $template = { param($group, $kind) @{ apiVersion = "$group.cluster.x-k8s.io/v1beta2"; kind = $kind; name = 'quick-start' } }
        $worker = @{ class = 'default-worker'; bootstrap = @{ templateRef = & $template bootstrap KubeadmConfigTemplate }; infrastructure = @{ templateRef = & $template infrastructure DockerMachineTemplate } }
        $spec = @{
            controlPlane   = @{ templateRef = & $template controlplane KubeadmControlPlaneTemplate }
            infrastructure = @{ templateRef = & $template infrastructure DockerClusterTemplate }
            workers        = @{ machineDeployments = @($worker) }
            variables      = @(@{ name = 'registry'; required = $false; schema = @{ openAPIV3Schema = @{ type = 'string' } } })
        }
        $null = Invoke-KubeApi -Server $Api POST "/apis/cluster.x-k8s.io/v1beta2/namespaces/$Space/clusterclasses" @{ apiVersion = 'cluster.x-k8s.io/v1beta2'; kind = 'ClusterClass'; metadata = @{ name = 'quick-start' }; spec = $spec }
    }
}

Describe 'Get-CapiClusterClass' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'gives typed objects with what the server says' {
        $class = Get-CapiClusterClass quick-start -Namespace $Space
        $class | Should -BeOfType CapiWorkshop.Operations.CapiClusterClass
        $class.ControlPlaneKind, $class.InfrastructureKind | Should -Be 'KubeadmControlPlaneTemplate', 'DockerClusterTemplate'
        $class.MachineDeployments | Should -Be 'default-worker'
        $class.Variables | Should -Be 'registry'
        $class.VariablesReady | Should -BeNullOrEmpty -Because 'no controller has looked at it'
    }

    It 'says what is not there, and nothing where there is none' {
        Assert-Problem (Get-Failure { Get-CapiClusterClass nope }) ClusterClassNotFound -Command Get-CapiClusterClass -Category ObjectNotFound -Target default/nope
        Get-Failure { Get-CapiClusterClass } | Should -BeNullOrEmpty
    }
}
