[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Sandbox = Start-TestSandbox
}

AfterAll { Stop-TestSandbox $Sandbox }

Describe 'Get-CapiProvider' {
    It 'gives what is installed, and how its controllers do' {
        $providers = Get-CapiProvider
        $providers | Should -BeOfType CapiWorkshop.Operations.CapiProvider
        $providers.Name | Should -Contain 'cluster-api'
        $providers.Available | Select-Object -Unique | Should -Be $true
        (Get-CapiProvider cluster-*).Type | Should -Be 'CoreProvider'
    }

    It 'says what is not there' {
        Assert-Problem (Get-Failure { Get-CapiProvider nope }) ProviderNotFound -Command Get-CapiProvider -Category ObjectNotFound -Target nope
    }
}
