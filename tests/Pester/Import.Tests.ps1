[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    $Quoted = "'$($ModulePath -replace "'", "''")'"
}

Describe 'Importing the module' {
    It 'prints nothing' {
        $said = Invoke-PowerShell "Import-Module $Quoted *>&1"
        $said.Output | Should -BeNullOrEmpty
        $said.Errors | Should -BeNullOrEmpty
        $said.ExitCode | Should -Be 0
    }

    It 'prints nothing with -Verbose that speaks of a server' {
        (Invoke-PowerShell "Import-Module $Quoted -Verbose *>&1").Output | Should -Not -Match 'https?:|kubeconfig'
    }

    It 'loads the cmdlets and the models, and nothing of deps/' {
        $loaded = (Invoke-PowerShell "Import-Module $Quoted; [AppDomain]::CurrentDomain.GetAssemblies().Location").Output -split '\r?\n'
        $loaded | Should -Contain (Join-Path $ModuleFolder 'CapiWorkshop.PowerShell.dll')
        $loaded | Where-Object { $_ -match '[\\/]deps[\\/]' } | Should -BeNullOrEmpty
        $loaded | Where-Object { $_ -match 'YamlDotNet|Polly|CapiWorkshop\.Kubernetes' } | Should -BeNullOrEmpty
    }

    It 'opens no socket' {
        if (-not $IsLinux) {
            Set-ItResult -Skipped -Because 'open sockets are read from /proc'
        }

        $sockets = '(Get-ChildItem /proc/self/fd | Where-Object LinkTarget -Like "socket:*").Count'
        $counts = (Invoke-PowerShell "$sockets; Import-Module $Quoted; $sockets").Output -split '\r?\n'
        $counts[1] | Should -Be $counts[0]
        $counts[0] | Should -Match '^\d+$'
    }

    It 'costs little beside the start of PowerShell itself' {
        $bare, $imported = @(), @()
        foreach ($round in 1..5) {
            $bare += (Invoke-PowerShell '1').Milliseconds
            $imported += (Invoke-PowerShell "Import-Module $Quoted; 1").Milliseconds
        }

        $bare, $imported = @($bare | Sort-Object)[2], @($imported | Sort-Object)[2]
        $ratio = $imported / $bare
        Write-Information -InformationAction Continue ('    bare pwsh {0:0} ms, with the import {1:0} ms (medians of 5): ratio {2:0.00}' -f $bare, $imported, $ratio)
        $ratio | Should -BeLessThan 3
    }

    It 'lets users name the models' {
        (Invoke-PowerShell "Import-Module $Quoted; [CapiWorkshop.Operations.CapiMachine].FullName").Output.Trim() | Should -Be 'CapiWorkshop.Operations.CapiMachine'
    }
}

Describe 'After first use' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'third-party packages, and what touches them, are in a load context of their own' {
        $null = Get-CapiCluster
        $where = @{}
        foreach ($context in [Runtime.Loader.AssemblyLoadContext]::All) {
            foreach ($assembly in $context.Assemblies | Where-Object Location -Like "$ModuleFolder*") {
                $where[$assembly.GetName().Name] = $context.Name
            }
        }

        foreach ($name in 'CapiWorkshop.Kubernetes', 'YamlDotNet', 'Polly.Core') {
            $where[$name] | Should -BeExactly 'CapiWorkshop dependencies' -Because $name
        }

        foreach ($name in 'CapiWorkshop.PowerShell', 'CapiWorkshop.Operations') {
            $where[$name] | Should -BeExactly 'Default' -Because $name
        }
    }

    It 'what comes out is of the type that users can name' {
        (Get-CapiMachine | Select-Object -First 1).GetType() | Should -Be ([CapiWorkshop.Operations.CapiMachine])
    }

    It 'removing the module ends its connections, and it can be imported again' {
        $run = Invoke-Script {
            $c = Connect-CapiManagementCluster
            Remove-Module CapiWorkshop
            $c.IsOpen
            Import-Module $ModulePath
            (Get-CapiCluster dev-cluster).Name
        } -Variables @{ ModulePath = $ModulePath }
        $run.Thrown | Should -BeNullOrEmpty
        $run.Output | Should -Be @($false, 'dev-cluster')
    }
}
