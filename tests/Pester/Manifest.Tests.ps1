[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Module = Get-Module CapiWorkshop
    $Manifest = Import-PowerShellDataFile $ModulePath
    $Commands = @(
        'Compare-CapiFootprint', 'Compare-CapiWorkshopState', 'Connect-CapiManagementCluster', 'Disconnect-CapiManagementCluster', 'Export-CapiWorkshopState', 'Find-CapiProblem', 'Get-CapiCluster'
        'Get-CapiClusterClass', 'Get-CapiClusterTree', 'Get-CapiCondition', 'Get-CapiControlPlane', 'Get-CapiHelmChartProxy', 'Get-CapiHelmReleaseProxy', 'Get-CapiMachine', 'Get-CapiMachineDeployment'
        'Get-CapiMachineHealthCheck', 'Get-CapiMachinePool', 'Get-CapiMachineSet', 'Get-CapiManagementCluster', 'Get-CapiProvider'
        'Get-CapiRemovalPlan', 'Get-CapiResourceUsage', 'Get-CapiSandbox', 'Get-CapiWorkshopSummary', 'Import-CapiWorkshopState', 'Remove-CapiCluster', 'Remove-CapiWorkshop'
        'Repair-CapiStuckResource', 'Set-CapiMachineDeploymentScale'
        'Start-CapiSandbox', 'Stop-CapiSandbox', 'Test-CapiWorkshop', 'Wait-CapiMachineDeployment', 'Watch-CapiMachine', 'Watch-CapiResourceUsage'
    )
}

Describe 'What the module exports' {
    It 'is exactly the cmdlets it is meant to have' {
        $Module.ExportedCmdlets.Keys | Sort-Object | Should -BeExactly $Commands
    }

    It 'is nothing but cmdlets' {
        $Module.ExportedCommands.Count | Should -Be $Commands.Count
        $Module.ExportedVariables.Count | Should -Be 0
    }

    It 'is listed name by name' {
        $Manifest.CmdletsToExport | Sort-Object | Should -BeExactly $Commands
        foreach ($list in 'FunctionsToExport', 'AliasesToExport', 'VariablesToExport') {
            $Manifest.ContainsKey($list) | Should -BeTrue -Because "$list is said"
            @($Manifest[$list]).Count | Should -Be 0
        }
    }

    It 'is every class with a Cmdlet attribute, and each is named after its command' {
        $classes = $Module.ImplementingAssembly ?? ($Module.ExportedCmdlets.Values | Select-Object -First 1).ImplementingType.Assembly
        $found = foreach ($type in $classes.GetExportedTypes()) {
            foreach ($attribute in $type.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false)) {
                $type.Name | Should -BeExactly "$($attribute.VerbName)$($attribute.NounName)Command"
                "$($attribute.VerbName)-$($attribute.NounName)"
            }
        }

        $found | Sort-Object | Should -BeExactly $Commands
    }

    It 'has approved verbs and singular nouns that begin with Capi' {
        foreach ($command in $Module.ExportedCmdlets.Values) {
            $command.Verb | Should -BeIn (Get-Verb).Verb
            $command.Noun | Should -MatchExactly '^Capi[A-Z]\w*([^s]|ss)$'
        }
    }

    It 'says of each command what it gives' {
        foreach ($command in $Module.ExportedCmdlets.Values) {
            $command.OutputType.Count | Should -BeGreaterThan 0 -Because "$($command.Name) has an output type"
        }
    }
}

Describe 'The manifest' {
    It 'is valid, and asks for the PowerShell that the module needs' {
        $tested = Test-ModuleManifest $ModulePath
        $tested.PowerShellVersion | Should -Be '7.6'
        $tested.CompatiblePSEditions | Should -Be 'Core'
    }

    It 'names files that are there' {
        foreach ($file in @($Manifest.RootModule) + $Manifest.FormatsToProcess) {
            Join-Path $ModuleFolder $file | Should -Exist
        }
    }

    It 'has the version of its assemblies' {
        $assembly = [Reflection.AssemblyName]::GetAssemblyName((Join-Path $ModuleFolder 'CapiWorkshop.PowerShell.dll'))
        $assembly.Version.ToString(3) | Should -Be $Manifest.ModuleVersion
    }
}

Describe 'Parameters' {
    It 'have the words that all commands share' {
        $common = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
        $meanings = @{}
        # What starts something gives it a name; all others look for some.
        foreach ($command in $Module.ExportedCmdlets.Values | Where-Object Verb -NE Start) {
            foreach ($parameter in $command.Parameters.Values | Where-Object Name -NotIn $common) {
                $meaning = "$($parameter.ParameterType.Name) $($parameter.Aliases)"
                $meanings[$parameter.Name] = @($meanings[$parameter.Name]) + $meaning | Select-Object -Unique | Where-Object { $_ }
            }
        }

        foreach ($name in 'Namespace', 'AllNamespaces', 'LabelSelector', 'Cluster', 'Context', 'KubeConfig', 'PassThru', 'Name', 'Until') {
            $meanings[$name].Count | Should -Be 1 -Because "-$name means the same everywhere: $($meanings[$name])"
        }
    }

    It 'take a name never by property name, since many things have one' {
        foreach ($command in $Module.ExportedCmdlets.Values) {
            # A file's PSPath is no name of a thing.
            foreach ($parameter in $command.Parameters.Values | Where-Object Name -NE LiteralPath) {
                $parameter.Attributes.Where({ $_ -is [Parameter] -and $_.ValueFromPipelineByPropertyName }).Count | Should -Be 0 -Because "$($command.Name) -$($parameter.Name)"
            }
        }
    }

    It 'of what changes something include -WhatIf and -Confirm' {
        foreach ($name in 'Set-CapiMachineDeploymentScale', 'Remove-CapiWorkshop', 'Repair-CapiStuckResource', 'Export-CapiWorkshopState') {
            $Module.ExportedCmdlets[$name].Parameters.Keys | Should -Contain 'WhatIf'
            $Module.ExportedCmdlets[$name].Parameters.Keys | Should -Contain 'Confirm'
        }

        $Module.ExportedCmdlets['Get-CapiMachine'].Parameters.Keys | Should -Not -Contain 'WhatIf'
    }
}
