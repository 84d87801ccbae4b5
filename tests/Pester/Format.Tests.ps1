[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeDiscovery {
    $Tables = @(
        @{
            What = 'clusters'
            Script = { Get-CapiCluster }
            Headers = 'Name', 'Phase', 'Available', 'ControlPlane', 'Workers', 'Age'
            Row = '^dev-cluster\s+Provisioned\s+True\s+1/1\s+2/2\s+\w+\s*$'
            Wide = 'ControlPlaneKind', 'Endpoint', 'Paused'
        }
        @{
            What = 'MachineDeployments'
            Script = { Get-CapiMachineDeployment }
            Headers = 'Name', 'Cluster', 'Ready', 'Available', 'Phase', 'Age'
            Row = '^k0s-demo-cluster-md-0\s+k0s-demo-cluster\s+2/2\s+True\s+Running\s+\w+\s*$'
            Wide = 'Desired', 'UpToDate', 'Version'
        }
        @{
            What = 'machines'
            Script = { Get-CapiMachine }
            Headers = 'Name', 'Cluster', 'Phase', 'Ready', 'Age'
            Row = '^dev-cluster-control-plane-5nq8w\s+dev-cluster\s+Running\s+True\s+\w+\s*$'
            Wide = 'NodeName', 'InternalIP', 'ProviderId', 'Version'
        }
        @{
            What = 'changes of machines'
            Script = { Watch-CapiMachine -Count 3 }
            Headers = 'Time', 'Change', 'Name', 'Phase'
            Row = '^\d\d:\d\d:\d\d\s+Initial\s+dev-cluster-control-plane-5nq8w\s+Running \(Ready\)\s*$'
            Wide = 'Namespace', 'Cluster', 'Blocker'
        }
        @{
            What = 'a connection'
            Script = { (Invoke-Script { Connect-CapiManagementCluster }).Output }
            Headers = 'Context', 'Server', 'Kubernetes', 'CAPI', 'Nodes'
            Row = '^admin\s+https://127\.0\.0\.1:\d+/\s+v1\.'
        }
        @{
            What = 'conditions of objects'
            Script = { Get-CapiCluster dev-cluster | Get-CapiCondition }
            Headers = 'Kind', 'Name', 'Type', 'Status', 'Reason', 'Since'
            Row = '^Cluster\s+dev-cluster\s+WorkersAvailable\s+True\s+Available\s+\w+\s*$'
            Wide = 'Cluster', 'Abnormal', 'Message'
        }
        @{
            What = 'conditions'
            Script = { (Get-CapiCluster dev-cluster).Conditions }
            Headers = 'Type', 'Status', 'Reason', 'Message'
            Row = '^WorkersAvailable\s+True\s+Available\s*$'
        }
    )
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $PSStyle.OutputRendering = 'PlainText'
    $Api = Use-RealApiServer
    if (-not $Api.Reason) {
        $Space = Add-TestNamespace $Api
        Add-TestMachineDeployment $Api $Space growing -Replicas 4
        Edit-TestMachineDeploymentStatus $Api $Space growing @{ readyReplicas = 2; phase = 'ScalingUp'; conditions = @() }
        Add-TestMachine $Api $Space pending -State Pending
    }

    function Get-Line([Parameter(ValueFromPipeline)] [string] $Text) {
        process { $Text -split '\r?\n' }
    }
}

Describe 'The table of <What>' -ForEach $Tables {
    BeforeEach {
        Skip-WithoutApiServer $Api
        if (-not $Api.Reason) {
            $Objects = & $Script
        }
    }

    It 'fits 80 columns, with nothing cut off' {
        $lines = $Objects | Format-Table | Out-String -Width 80 | Get-Line
        $lines | Where-Object Length -GT 80 | Should -BeNullOrEmpty
        $lines | Where-Object { $_ -match '\u2026|\.\.\.' } | Should -BeNullOrEmpty
        $header = $lines -match "^\s*$($Headers[0])\b"
        ($header[0].Trim() -split '\s+') | Should -BeExactly $Headers
    }

    It 'is what is shown without being asked, and tells the essential' {
        $lines = $Objects | Out-String -Width 80 | Get-Line
        @($lines -match $Row).Count | Should -BeGreaterThan 0 -Because ($lines -join "`n")
    }
}

Describe 'The wide table of <What>' -ForEach @($Tables | Where-Object Wide) {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'has the rest' {
        $text = & $Script | Format-Table -View wide | Out-String -Width 400
        foreach ($header in $Wide) {
            $text | Should -Match "\b$header\b"
        }

        $text | Should -Not -Match '\u2026'
    }
}

Describe 'Views' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'are there for each type that a command gives' {
        $viewed = (Get-Module CapiWorkshop).ExportedFormatFiles | ForEach-Object { ([xml] (Get-Content $_)).SelectNodes('//TypeName').InnerText }
        foreach ($command in (Get-Module CapiWorkshop).ExportedCmdlets.Values) {
            foreach ($type in $command.OutputType.Name | Where-Object { $_ -notin 'System.Void', 'System.Boolean' }) {
                $viewed | Should -Contain $type
            }
        }
    }

    It 'show properties that there are' {
        foreach ($view in (Get-Module CapiWorkshop).ExportedFormatFiles | ForEach-Object { ([xml] (Get-Content $_)).SelectNodes('//View') }) {
            $type = [type] $view.ViewSelectedBy.TypeName
            foreach ($property in $view.SelectNodes('.//PropertyName').InnerText) {
                $type.GetProperty($property) | Should -Not -BeNullOrEmpty -Because "$type has $property"
            }
        }
    }

    It 'group what is namespaced by namespace' {
        $text = Get-CapiMachine -AllNamespaces | Sort-Object Namespace | Out-String -Width 80
        $text | Should -Match 'Namespace: default'
        $text | Should -Match "Namespace: $Space"
    }

    It 'show counts as parts of what is asked for, and nothing where nothing is known' {
        $line = Get-CapiMachineDeployment growing -Namespace $Space | Out-String -Width 80 | Get-Line | Where-Object { $_ -match '^growing' }
        $line | Should -Match '^growing\s+dev-cluster\s+2/4\s+ScalingUp\s+\d+s\s*$'
    }

    It 'show how a phase changed' {
        $running = Start-Script { Watch-CapiMachine pending -Namespace $Space -NoInitial -Count 1 -Timeout 30 } -Variables @{ Space = $Space }
        # The state is written until the watch has seen one: it may begin after the first.
        $null = Wait-Until { $running.Run.IsCompleted -or $(foreach ($state in 'Provisioning', 'Pending') { Move-TestMachine $Api $Space pending $state }) } 'a change'
        (Wait-Script $running).Output | Out-String -Width 80 | Should -Match '(Pending -> Provisioning|Provisioning -> Pending)'
    }

    It 'as lists show everything: <Name>' -ForEach @(
        @{ Name = 'cluster'; Script = { Get-CapiCluster dev-cluster } }, @{ Name = 'MachineDeployment'; Script = { Get-CapiMachineDeployment dev-cluster-md-0 } }
        @{ Name = 'machine'; Script = { Get-CapiMachine dev-cluster-control-plane-5nq8w } }
    ) {
        $object = & $Script
        $text = $object | Format-List | Out-String -Width 200
        foreach ($property in $object.GetType().GetProperties().Name | Where-Object { $Name -ne 'cluster' -or $_ -ne 'Cluster' }) {
            $text | Should -Match "(?m)^$property\s+:" -Because "-List shows $property"
        }
    }

    It 'show a management cluster with its providers' {
        $text = Get-CapiManagementCluster | Out-String -Width 80
        $text | Should -Match '(?m)^Context\s+: admin'
        $text | Should -Match '(?m)^\w*Providers\s+:'
        $text | Should -Not -Match 'System\.Collections|CapiWorkshop\.'
    }

    It 'fit 80 columns for providers' {
        $lines = (Get-CapiManagementCluster).Providers | Format-Table | Out-String -Width 80 | Get-Line
        $lines | Where-Object { $_.Length -gt 80 -or $_ -match '\u2026' } | Should -BeNullOrEmpty
    }

    It 'are the same in a culture with other signs' {
        $before = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = 'ar-SA'
            $text = Get-CapiMachineDeployment dev-cluster-md-0 | Out-String -Width 80
        }
        finally {
            [cultureinfo]::CurrentCulture = $before
        }

        $text | Should -Match '\s2/2\s+True\s+Running\s+[0-9]'
    }
}

Describe 'In a workshop' {
    BeforeAll {
        $Sandbox = Start-TestSandbox
        $File = Join-Path $TestDrive state.json
    }

    AfterAll { Stop-TestSandbox $Sandbox }

    It 'the table of <What> fits 80 columns, with nothing cut off, and tells the essential' -ForEach @(
        @{ What = 'charts'; Script = { Get-CapiHelmChartProxy }; Headers = 'Name', 'Chart', 'Version', 'Clusters', 'Ready', 'Age'; Row = '^nginx\s+nginx\s+\S+\s+2\s+True\s+\w+\s*$' }
        @{ What = 'releases'; Script = { Get-CapiHelmReleaseProxy }; Headers = 'Name', 'Cluster', 'Ready', 'Status', 'Revision', 'Age'; Row = '^nginx-dev-cluster-\w+\s+dev-cluster\s+True\s+deployed\s+1\s+\w+\s*$' }
        @{ What = 'control planes'; Script = { Get-CapiControlPlane }; Headers = 'Name', 'Cluster', 'Provider', 'Ready', 'Available', 'Age'; Row = '^k0s-demo-cluster-cp\s+k0s-demo-cluster\s+K0smotron\s+3/3\s+True\s+\w+\s*$' }
        @{ What = 'MachineSets'; Script = { Get-CapiMachineSet }; Headers = 'Name', 'Cluster', 'Ready', 'UpToDate', 'Version', 'Age'; Row = '^dev-cluster-md-0-\w+\s+dev-cluster\s+2/2\s+2/2\s+v1\S+\s+\w+\s*$' }
        @{ What = 'providers'; Script = { Get-CapiProvider }; Headers = 'Name', 'Type', 'Version', 'Available'; Row = '^cluster-api\s+CoreProvider\s+v1\S+\s+True\s*$' }
        @{ What = 'usage'; Script = { Get-CapiResourceUsage }; Headers = 'Name', 'Nodes', 'Pods', 'Containers', 'LBs', 'CPPods', 'CPU%', 'Memory', 'Time'; Row = '^k0s-demo-cluster\s+2\s+\d+\s+2\s+0\s+3\s+\d+\.\d\s+\d+ MiB\s+\d\d:\d\d:\d\d\s*$' }
        @{ What = 'footprints'; Script = { Compare-CapiFootprint dev-cluster k0s-demo-cluster }; Headers = 'Reference', 'Difference', 'Containers', 'Saved', 'CPPods', 'CPU', 'saved', 'Memory', 'saved'; Row = '^dev-cluster\s+k0s-demo-cluster\s+3 : 2\s+33\.3 %\s+0 : 3\s' }
        @{ What = 'modules'; Script = { (Get-CapiWorkshopSummary).Modules }; Headers = 'Module', 'Title', 'Minutes'; Row = '^07\s+Operations and cleanup\s+15\s*$' }
        @{ What = 'checks'; Script = { Test-CapiWorkshop }; Headers = 'Status', 'Check', 'Message'; Row = '^Failed\s+dev-cluster was scaled to 4 workers\s+2 workers were' }
        @{ What = 'planned items'; Script = { (Get-CapiRemovalPlan).Items }; Headers = 'Action', 'Kind', 'Name'; Row = '^FollowsOwner\s+Machine\s+dev-cluster-control-plane-\w+\s*$' }
        @{ What = 'removals'; Script = { Remove-CapiWorkshop -Force -Timeout 60 }; Headers = 'Name', 'Outcome', 'Machines', 'Objects', 'Left', 'Duration'; Row = '^k0s-demo-cluster\s+Removed\s+2\s+\d+\s+3\s+[\d.]+s\s*$' }
    ) {
        $lines = & $Script | Out-String -Width 80 | Get-Line
        $lines | Where-Object { $_.Length -gt 80 -or $_ -match '\u2026' } | Should -BeNullOrEmpty
        ($lines -match "^\s*$($Headers[0])\b")[0].Trim() -split '\s+' | Should -BeExactly $Headers
        @($lines -match $Row).Count | Should -BeGreaterThan 0 -Because ($lines -join "`n")
    }
}
