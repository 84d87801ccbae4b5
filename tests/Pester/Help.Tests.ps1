[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeDiscovery {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Commands = (Get-Module CapiWorkshop).ExportedCmdlets.Keys | Sort-Object | ForEach-Object { @{ Command = $_ } }
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Standard = [System.Management.Automation.Cmdlet]::CommonParameters + [System.Management.Automation.Cmdlet]::OptionalCommonParameters
}

Describe 'Help of <Command>' -ForEach $Commands {
    BeforeAll {
        $Help = Get-Help $Command -Full
    }

    It 'has a synopsis of its own and a description' {
        $Help.Synopsis.Trim() | Should -Not -BeNullOrEmpty
        $Help.Synopsis | Should -Not -Match "^\s*$Command \[" -Because 'that would be the syntax, which stands in for help that is not there'
        $Help.Synopsis.Trim() | Should -Match '\.$'
        "$($Help.description.Text)".Length | Should -BeGreaterThan 40
    }

    It 'has at least 3 examples, each with code and words' {
        @($Help.examples.example).Count | Should -BeGreaterOrEqual 3
        foreach ($example in $Help.examples.example) {
            $example.title | Should -Match '\w'
            $example.code | Should -Match '-Capi'
        }
    }

    It 'tells of every parameter' {
        $told = @{}
        foreach ($parameter in $Help.parameters.parameter) {
            $told[$parameter.name] = "$($parameter.description.Text)".Trim()
        }

        $names = (Get-Command $Command).Parameters.Keys | Where-Object { $_ -notin $Standard }
        foreach ($name in $names) {
            $told[$name] | Should -Match '\w{3}' -Because "-$name has a text"
        }

        $told.Keys | Where-Object { $_ -notin $names -and $_ -notin $Standard } | Should -BeNullOrEmpty
    }

    It 'says what it gives' {
        "$($Help.returnValues.returnValue.type.name)" | Should -Match '\w'
    }

    It 'has examples that are valid PowerShell and use parameters that there are' {
        foreach ($example in $Help.examples.example) {
            $problems = $null
            $code = [System.Management.Automation.Language.Parser]::ParseInput($example.code, [ref] $null, [ref] $problems)
            $problems | Should -BeNullOrEmpty -Because $example.code
            foreach ($call in $code.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true) | Where-Object { $_.GetCommandName() -like '*-Capi*' }) {
                $parameters = (Get-Command $call.GetCommandName()).Parameters
                foreach ($given in $call.CommandElements | Where-Object { $_ -is [System.Management.Automation.Language.CommandParameterAst] }) {
                    $meant = $parameters.Keys + $parameters.Values.Aliases | Where-Object { $_ -like "$($given.ParameterName)*" }
                    $meant | Should -Not -BeNullOrEmpty -Because "$($call.GetCommandName()) -$($given.ParameterName)"
                }
            }
        }
    }
}
