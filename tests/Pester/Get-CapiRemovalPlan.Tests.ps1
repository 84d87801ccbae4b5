[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Command = @{ Command = 'Get-CapiRemovalPlan' }
    $Sandbox = Start-TestSandbox
    $Before = Get-WorkshopVersion
}

AfterAll { Stop-TestSandbox $Sandbox }

Describe 'Get-CapiRemovalPlan' {
    AfterEach { Get-WorkshopVersion | Should -Be $Before -Because 'nothing was written' }

    It 'lists every object in its stage' {
        $plan = Get-CapiRemovalPlan
        $plan.CanRun | Should -BeTrue -Because "$($plan.Blockers)"
        ($plan.Items | Group-Object Stage).Name | Should -Be 'Applications', 'Workers', 'ControlPlane', 'Infrastructure', 'Cluster', 'Leftovers'
        $plan.Items.Kind | Should -Contain KubeadmControlPlane
        $plan.Items.Kind | Should -Contain DockerMachine
        $plan.Items | Where-Object Action -EQ Delete | ForEach-Object { "$_" } | Should -Be 'HelmChartProxy default/nginx', 'Cluster default/dev-cluster', 'Cluster default/k0s-demo-cluster'
        $plan.Items | Where-Object Kind -NE Container | ForEach-Object Uid | Should -Not -BeNullOrEmpty
        $containers = $plan.Items | Where-Object Kind -EQ Container
        $containers.Count | Should -Be 6 -Because 'there are five Machines and one load balancer'
        ($containers | Where-Object Name -EQ dev-cluster-lb).Owner | Should -Be DockerCluster/dev-cluster
    }

    It 'unselects one cluster of a shared application' {
        $plan = Get-CapiRemovalPlan dev-cluster
        $edit = $plan.Items | Where-Object Action -EQ Unlabel
        $edit.Edit.Key | Should -Be environment
        $edit.Edit.Unselects.Name | Should -Be nginx
        ($plan.Items | Where-Object Kind -EQ HelmChartProxy).Action | Should -Be Stays
        $plan.Items | Where-Object Stage -EQ Cluster | ForEach-Object Name | Should -Be dev-cluster
    }

    It 'takes clusters from the pipeline, and nothing from an empty one' {
        (Get-CapiCluster k0s-* | Get-CapiRemovalPlan).Items | Where-Object Stage -EQ Cluster | ForEach-Object Name | Should -Be k0s-demo-cluster
        @() | Get-CapiRemovalPlan -WarningVariable warning -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        $warning | Should -Match 'No cluster came'
    }

    It 'tells a name that is not there' {
        Assert-Problem (Get-Failure { Get-CapiRemovalPlan nowhere }) ClusterNotFound @Command -Category ObjectNotFound -Target default/nowhere
    }

    It 'stays readable as JSON and as CLIXML, and is a plan no more' {
        $plan = Get-CapiRemovalPlan
        ($plan | ConvertTo-Json -Depth 6 | ConvertFrom-Json).Items.Count | Should -Be $plan.Items.Count
        $path = Join-Path $TestDrive plan.xml
        $plan | Export-Clixml $path -Depth 4
        $read = Import-Clixml $path
        $read.Items.Count | Should -Be $plan.Items.Count
        { Remove-CapiWorkshop -Plan $read -Force } | Should -Throw '*Get-CapiRemovalPlan*'
    }

    It 'is refused where something else is said, too' {
        Assert-Problem (Get-Failure { Remove-CapiWorkshop -Plan (Get-CapiRemovalPlan) -Name dev-cluster -Force }) AmbiguousScope -Command Remove-CapiWorkshop -Category InvalidArgument
    }

    It 'does not take the current context of a kubeconfig' {
        $run = Invoke-Script { Get-CapiRemovalPlan }
        Assert-Problem ($run.Thrown ?? $run.Errors) NotConnected @Command -Category ConnectionError
    }
}

Describe 'Remove-CapiCluster' {
    It 'needs a name, a label or objects' {
        Assert-Problem (Get-Failure { Remove-CapiCluster -Force }) AmbiguousScope -Command Remove-CapiCluster -Category InvalidArgument
    }

    It 'lists with -WhatIf what goes, what is edited and what stays' {
        $said = Invoke-PowerShell "Import-Module '$ModulePath'; `$null = Connect-CapiManagementCluster -KubeConfig '$($Sandbox.KubeConfig)'; Remove-CapiCluster dev-cluster -WhatIf"
        $said.Errors | Should -BeNullOrEmpty
        $said.Output -replace '\s+', ' ' | Should -Match '"Take off" on target "Cluster default/dev-cluster, its label environment=demo"'
        $said.Output | Should -Match '"Keep" on target "HelmChartProxy default/nginx'
        $said.Output | Should -Not -Match 'k0s-demo-cluster-md'
        Get-WorkshopVersion | Should -Be $Before
    }
}
