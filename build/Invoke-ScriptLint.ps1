<#
.SYNOPSIS
    Runs PSScriptAnalyzer over the scripts of the checkout and fails if it finds anything.
#>
param([Parameter(Mandatory)] [string] $Root)

$ErrorActionPreference = 'Stop'
$findings = foreach ($part in 'build.ps1', 'build', 'tests', 'examples' | Join-Path $Root -ChildPath { $_ } | Where-Object { Test-Path $_ }) {
    Invoke-ScriptAnalyzer -Path $part -Recurse -Severity Warning, Error
}

$findings | Format-Table -AutoSize Severity, RuleName, ScriptName, Line, Message | Out-Host
exit [int](@($findings).Count -gt 0)
