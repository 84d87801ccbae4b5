[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Sandbox = Start-TestSandbox
    $Command = @{ Command = 'Test-CapiWorkshop' }
    $File = Join-Path $TestDrive state.json

    # What the checks say, by name.
    function Get-Check {
        $checks = @{}
        Test-CapiWorkshop @args | ForEach-Object { $checks[$_.Name] = $_ }
        $checks
    }
}

AfterAll { Stop-TestSandbox $Sandbox }

Describe 'Test-CapiWorkshop, before the cleanup' {
    It 'checks everything once, in a fixed order' {
        $checks = Test-CapiWorkshop
        $checks | Should -BeOfType CapiWorkshop.Operations.CapiCheckResult
        $checks.Name | Should -Be 'Scaled:dev-cluster', 'Scaled:k0s-demo-cluster', 'Monitoring', 'Scaling', 'Applications', 'Cleanup', 'NoClusters', 'NoMachines', 'NoHelmReleases', 'ManagementCluster'
        $checks.Message | ForEach-Object { $_ | Should -Match '\.$' }
    }

    It 'fails for what was not scaled, passes what works, and fails for what is left' {
        $checks = Get-Check
        $checks['Scaled:dev-cluster', 'Scaled:k0s-demo-cluster'].Status | Should -Be 'Failed', 'Failed'
        $checks['Scaled:dev-cluster'].Message | Should -Match '^2 workers were asked for'
        $checks.Applications.Status | Should -Be 'Passed'
        $checks['Monitoring', 'Scaling', 'Cleanup', 'ManagementCluster'].Status | Should -Be 'Passed', 'Passed', 'Passed', 'Passed'
        $checks['NoClusters', 'NoMachines', 'NoHelmReleases'].Status | Should -Be 'Failed', 'Failed', 'Failed'
        $checks.NoClusters.Message | Should -Match 'default/dev-cluster'
        Test-CapiWorkshop -Quiet | Should -BeFalse
    }

    It 'fails where it was not scaled, and passes with the numbers that there are' {
        Export-CapiWorkshopState $File
        $checks = Get-Check $File
        $checks['Scaled:dev-cluster', 'Scaled:k0s-demo-cluster'].Status | Should -Be 'Failed', 'Failed'
        $checks = Get-Check $File -ExpectedReplicas @{ 'dev-cluster' = 2 }
        $checks['Scaled:dev-cluster'].Status | Should -Be 'Passed'
        $checks.ContainsKey('Scaled:k0s-demo-cluster') | Should -BeFalse
        (Get-Check $File -ExpectedReplicas @{ nope = 1 })['Scaled:nope'].Status | Should -Be 'Failed'
    }

    It 'checks a stage alone, and several' {
        (Test-CapiWorkshop -Stage Scaling -ExpectedReplicas @{ 'default/dev-cluster' = 2; 'default/k0s-demo-cluster/k0s-demo-cluster-md-0' = 2; nope = 1 }).Status |
            Should -Be 'Passed', 'Passed', 'Failed', 'Passed'
        $checks = Test-CapiWorkshop -Stage Automation, Monitoring
        $checks.Name | Should -Be 'Monitoring', 'Applications'
        $checks.Stage | Should -Be 'Monitoring', 'Automation'
        $checks.Status | Should -Be 'Passed', 'Passed'
    }

    It 'refuses numbers that are none' {
        { Test-CapiWorkshop -ExpectedReplicas @{ 'dev-cluster' = 'many' } } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
        { Test-CapiWorkshop -ExpectedReplicas @{ 'dev-cluster' = -1 } } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*'
    }

    It 'changes nothing' {
        $before = Get-WorkshopVersion
        $null = Test-CapiWorkshop
        Get-WorkshopVersion | Should -Be $before
    }

    It 'fails to monitor where no engine answers' {
        $run = Invoke-Script {
            $env:DOCKER_HOST = 'unix:///there/is/no/engine.sock'
            try {
                Test-CapiWorkshop -KubeConfig $KubeConfig | Where-Object Name -EQ Monitoring
            }
            finally {
                $env:DOCKER_HOST = $Before
            }
        } -Variables @{ KubeConfig = Copy-KubeConfig $Sandbox; Before = $env:DOCKER_HOST }
        $run.Output[0].Status | Should -Be 'Failed'
        $run.Output[0].Message | Should -Match 'lacks Containers'
    }

    It 'fails to scale in a namespace that does not exist' {
        (Get-Check -Namespace nowhere).Scaling.Status | Should -Be 'Failed'
    }

    It 'fails where something is paused' {
        Skip-Without kubectl
        $null = Invoke-Kubectl $Sandbox.KubeConfig annotate helmchartproxy nginx cluster.x-k8s.io/paused=true
        try {
            (Get-Check).Cleanup.Status | Should -Be 'Failed'
        }
        finally {
            $null = Invoke-Kubectl $Sandbox.KubeConfig annotate helmchartproxy nginx cluster.x-k8s.io/paused-
        }
    }
}

Describe 'Test-CapiWorkshop, with a state' {
    It 'says that there is no such file' {
        Assert-Problem (Get-Failure { Test-CapiWorkshop (Join-Path $TestDrive none.json) }) StateNotFound @Command -Category ObjectNotFound
    }

    It 'refuses what is no state: <What>' -ForEach @(
        @{ What = 'no JSON'; Text = 'hello' }
        @{ What = 'other JSON'; Text = '{ "a": 1 }' }
        @{ What = 'null'; Text = 'null' }
        @{ What = 'nothing'; Text = '' }
    ) {
        $wrong = Join-Path $TestDrive wrong.json
        [IO.File]::WriteAllText($wrong, $Text)
        Assert-Problem (Get-Failure { Test-CapiWorkshop $wrong }) StateInvalid @Command -Category InvalidData -Target $wrong
    }

    It 'refuses one of another version' {
        Export-CapiWorkshopState $File
        $newer = Join-Path $TestDrive newer.json
        (Get-Content -Raw $File) -replace '"schemaVersion": 2', '"schemaVersion": 99' | Set-Content $newer
        $problem = Get-Failure { Test-CapiWorkshop $newer }
        Assert-Problem $problem StateInvalid @Command -Category InvalidData -Target $newer
        "$problem" | Should -Match '99'
    }

    It 'fails for a state of another management cluster' {
        Export-CapiWorkshopState $File
        $id = (Get-CapiManagementCluster).ManagementClusterId
        (Get-Content -Raw $File) -replace $id, [guid]::NewGuid() | Set-Content $File
        (Get-Check $File -ExpectedReplicas @{ 'dev-cluster' = 2 })['Scaled:dev-cluster'].Message | Should -Match 'another management cluster'
    }
}

Describe 'Test-CapiWorkshop, after the cleanup' {
    BeforeAll {
        $First = $Sandbox
        $Sandbox = Start-TestSandbox
        Set-CapiMachineDeploymentScale dev-cluster-md-0 4 -Wait -Timeout 60
        Set-CapiMachineDeploymentScale k0s-demo-cluster-md-0 3 -Wait -Timeout 60
        Export-CapiWorkshopState $File
        $null = Remove-CapiWorkshop -Force -Timeout 60
    }

    AfterAll {
        Stop-TestSandbox $Sandbox
        $Sandbox = $First
    }

    It 'passes everything' {
        $checks = Test-CapiWorkshop $File
        $checks.Count | Should -Be 10
        $checks | Where-Object Status -NE Passed | Should -BeNullOrEmpty
        Test-CapiWorkshop $File -Quiet | Should -BeTrue
        Test-CapiWorkshop -Quiet | Should -BeTrue -Because 'what is skipped has not failed'
    }
}

Describe 'Test-CapiWorkshop, where parts of Cluster API are missing' {
    BeforeAll {
        $First = $Sandbox
        $Sandbox = Start-TestSandbox
    }

    AfterAll {
        Stop-TestSandbox $Sandbox
        $Sandbox = $First
    }

    It 'fails for a management cluster without a controller' {
        Skip-Without kubectl
        $found = Invoke-Kubectl $Sandbox.KubeConfig get deployments --all-namespaces -o json | Out-String | ConvertFrom-Json
        $deployment = $found.items.metadata | Where-Object name -EQ capi-controller-manager
        $null = Invoke-Kubectl $Sandbox.KubeConfig delete deployment $deployment.name -n $deployment.namespace
        $check = (Get-Check).ManagementCluster
        $check.Status | Should -Be 'Failed'
        $check.Message | Should -Match 'cluster-api'
    }
}
