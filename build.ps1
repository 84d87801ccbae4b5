#!/usr/bin/env pwsh

<#
.SYNOPSIS
    Builds, tests or checks CapiWorkshop.

.DESCRIPTION
    Hands the task to the program in the folder build, which holds all of the build's logic.
    Needs the .NET SDK that global.json names. On a machine without PowerShell, build.sh does the same.

.PARAMETER Task
    Build    compiles everything and lays the module out in output/CapiWorkshop/<version>
    Test     builds, and runs every test suite
    Demo     builds, and runs the workshop's operations module against the sandbox
    Lint     checks the form of the sources
    Bench    builds, and runs the benchmarks
    Docs     builds, and writes the syntax blocks of the pages in docs/cmdlets anew
    Package  builds, and packs the module for the PowerShell Gallery
    Clean    removes everything that a build makes

.EXAMPLE
    ./build.ps1

    Builds the module.

.EXAMPLE
    ./build.ps1 Test

    Builds the module and runs every test suite that this machine can run.
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Demo', 'Lint', 'Bench', 'Docs', 'Package', 'Clean')]
    [string] $Task = 'Build'
)

Push-Location -LiteralPath $PSScriptRoot
try {
    dotnet run --project build -c Release -- $Task
}
finally {
    Pop-Location
}

exit $LASTEXITCODE
