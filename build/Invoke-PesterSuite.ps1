<#
.SYNOPSIS
    Runs the Pester tests of a folder and writes their counts for the build program.
#>
param(
    [Parameter(Mandatory)] [string] $Path,
    [Parameter(Mandatory)] [string] $SummaryPath,
    [Parameter(Mandatory)] [string] $ResultPath
)

$ErrorActionPreference = 'Stop'
Import-Module Pester -MinimumVersion 5.7

$run = Invoke-Pester -Configuration @{
    Run        = @{ Path = $Path; PassThru = $true }
    TestResult = @{ Enabled = $true; OutputPath = $ResultPath; OutputFormat = 'NUnitXml' }
}

# Pester has said why.
if (-not $run) { exit 1 }

# Pester keeps the reason of Set-ItResult in a sentence of its own; -Skip has none, so its block's name stands for it.
$skipReasons = foreach ($test in @($run.Skipped) + @($run.Inconclusive)) {
    $message = "$($test.ErrorRecord | Select-Object -Last 1)"
    if ($message -match 'because,? (?<reason>.+)$') { $Matches.reason } else { "-Skip in '$($test.Path[0])'" }
}

# A file that does not load and a block whose set-up fails are failures too, beside the tests in them.
@{
    Passed      = $run.PassedCount
    Failed      = $run.FailedCount + $run.FailedBlocksCount + $run.FailedContainersCount
    SkipReasons = @($skipReasons)
} | ConvertTo-Json | Set-Content -LiteralPath $SummaryPath

exit [int]($run.Result -ne 'Passed')
