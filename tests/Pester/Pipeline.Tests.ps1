[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    if (-not $Api.Reason) {
        $Controllers = Start-PlayedController $Api
        $Space = Add-TestNamespace $Api
        foreach ($cluster in 'blue', 'green') {
            Add-TestCluster $Api $Space $cluster -Labels @{ environment = $cluster }
            Add-TestMachineDeployment $Api $Space "$cluster-md-0" -Cluster $cluster -Controlled
        }

        foreach ($cluster in 'blue', 'green') {
            $null = Wait-Until { (Get-TestMachineDeployment $Api $Space "$cluster-md-0").status.readyReplicas -eq 2 }
        }
    }
}

AfterAll { Stop-PlayedController $Controllers }

Describe 'Pipelines' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'from the cluster to the scale of its workers' {
        $after = Get-CapiCluster blue -Namespace $Space | Get-CapiMachineDeployment | Set-CapiMachineDeploymentScale -Replicas 4 -Wait -PassThru
        $after.Name | Should -Be 'blue-md-0'
        $after.ReadyReplicas | Should -Be 4
        (Get-CapiCluster blue -Namespace $Space | Get-CapiMachine | Where-Object Ready).Count | Should -Be 4
        (Get-CapiCluster blue -Namespace $Space).Workers.Ready | Should -Be 4
        (Get-TestMachineDeployment $Api $Space green-md-0).spec.replicas | Should -Be 2
    }

    It 'of the workshop: Get-CapiCluster dev-cluster | Get-CapiMachineDeployment | Set-CapiMachineDeploymentScale -Replicas 4 -PassThru' {
        try {
            $after = Get-CapiCluster dev-cluster | Get-CapiMachineDeployment | Set-CapiMachineDeploymentScale -Replicas 4 -PassThru
            "$after" | Should -Be 'default/dev-cluster-md-0'
            $after.DesiredReplicas | Should -Be 4
        }
        finally {
            Set-CapiMachineDeploymentScale dev-cluster-md-0 2 -Wait -Timeout 30
        }
    }

    It 'of several clusters at once' {
        $after = Get-CapiCluster -Namespace $Space | Get-CapiMachineDeployment | Set-CapiMachineDeploymentScale -Replicas 3 -Wait -PassThru
        $after.Name | Sort-Object | Should -Be 'blue-md-0', 'green-md-0'
        $after.ReadyReplicas | Should -Be 3, 3
    }

    It 'into Wait-CapiMachineDeployment, which hands on what is there' {
        $null = Set-CapiMachineDeploymentScale green-md-0 2 -Namespace $Space
        (Get-CapiMachineDeployment green-md-0 -Namespace $Space | Wait-CapiMachineDeployment -For Ready -PassThru).ReadyReplicas | Should -Be 2
    }

    It 'with what Select-Object and Where-Object leave' {
        (Get-CapiMachineDeployment -Namespace $Space | Where-Object Cluster -EQ green | Set-CapiMachineDeploymentScale -Replicas 2 -PassThru).Name | Should -Be 'green-md-0'
    }

    It 'begin to deliver before the upstream ends' {
        $first = & { Get-CapiCluster blue -Namespace $Space; while ($true) { Get-CapiCluster green -Namespace $Space } } | Get-CapiMachine | Select-Object -First 1
        $first.Cluster | Should -Be 'blue'
    }
}

Describe 'A thing of the wrong kind in the pipeline' {
    BeforeEach {
        Skip-WithoutApiServer $Api
        if (-not $Api.Reason) {
            $Mark = Get-ApiRequestMark $Api
        }
    }

    It 'is a binding error and changes nothing: <What> into <Into>' -ForEach @(
        @{ What = 'machines'; Into = 'Set-CapiMachineDeploymentScale'; Count = 2; Id = 'InputObjectNotBound'
            Script = { Get-CapiMachine 'dev-cluster-md*' | Set-CapiMachineDeploymentScale -Replicas 4 }
        }
        @{ What = 'a cluster'; Into = 'Set-CapiMachineDeploymentScale'; Count = 1; Id = 'InputObjectNotBound'
            Script = { Get-CapiCluster dev-cluster | Set-CapiMachineDeploymentScale -Replicas 4 }
        }
        @{ What = 'a name'; Into = 'Set-CapiMachineDeploymentScale'; Count = 1; Id = 'InputObjectNotBound'
            Script = { 'dev-cluster-md-0' | Set-CapiMachineDeploymentScale -Replicas 4 }
        }
        @{ What = 'a machine'; Into = 'Wait-CapiMachineDeployment'; Count = 1; Id = 'InputObjectNotBound'
            Script = { Get-CapiMachine dev-cluster-control-plane-5nq8w | Wait-CapiMachineDeployment }
        }
        @{ What = 'a machine'; Into = 'Get-CapiMachineDeployment'; Count = 1; Id = 'ParameterArgumentTransformationError'
            Script = { Get-CapiMachine dev-cluster-control-plane-5nq8w | Get-CapiMachineDeployment }
        }
        @{ What = 'a file'; Into = 'Get-CapiMachine'; Count = 1; Id = 'ParameterArgumentTransformationError'
            Script = { Get-Item $PSCommandPath | Get-CapiMachine }
        }
        @{ What = 'a MachineDeployment'; Into = 'Watch-CapiMachine'; Count = 1; Id = 'ParameterArgumentTransformationError'
            Script = { Get-CapiMachineDeployment dev-cluster-md-0 | Watch-CapiMachine -Timeout 1 }
        }
    ) {
        $problems = @(Get-Failure $Script)
        $problems.Count | Should -Be $Count
        $problems.FullyQualifiedErrorId | Select-Object -Unique | Should -BeExactly "$Id,CapiWorkshop.PowerShell.Commands.$($Into -replace '-')Command"
        $problems[0].CategoryInfo.Category | Should -BeIn InvalidArgument, InvalidData
        Get-ApiWrite $Api $Mark | Should -BeNullOrEmpty
    }

    It 'does not stop the right ones' {
        $found = Get-CapiCluster dev-cluster, k0s-demo-cluster | ForEach-Object { $_; 42 } | Get-CapiMachine -ErrorAction SilentlyContinue -ErrorVariable problems
        $found.Count | Should -Be 5
        $problems.Count | Should -Be 2
    }
}
