<#
.SYNOPSIS
    Whole processes against what a user would otherwise run, in pairs, as ratios: importing the module against a bare PowerShell, and listing Machines
    against kubectl with ConvertFrom-Json. Prints a table; asserts nothing.
#>
param(
    [int] $Rounds = 9,
    [int[]] $Machines = @(5, 1000)
)

$ErrorActionPreference = 'Stop'
Import-Module (Join-Path $PSScriptRoot '../Pester/RealApiServer.psm1')
$import = "Import-Module '$env:CAPIWORKSHOP_MODULE'"

function Measure-Process([string] $Command) {
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    & ([Environment]::ProcessPath) -NoProfile -NonInteractive -Command $Command > $null
    if ($LASTEXITCODE -ne 0) { throw "This ended with exit code ${LASTEXITCODE}: $Command" }
    $clock.Elapsed.TotalMilliseconds
}

function Get-Median([double[]] $Values) { @($Values | Sort-Object)[[Math]::Floor($Values.Count / 2)] }

# In turn, A B A B, so that a machine whose speed drifts is fair to both; the ratio is the median of the pairs.
function Compare-Process([string] $Name, [string] $Command, [string] $Opponent) {
    $null = Measure-Process $Command
    $null = Measure-Process $Opponent
    $pairs = foreach ($round in 1..$Rounds) {
        [pscustomobject] @{ Ours = Measure-Process $Command; Theirs = Measure-Process $Opponent }
    }

    [pscustomobject] @{
        Benchmark = $Name
        OursMs    = [int](Get-Median $pairs.Ours)
        TheirsMs  = [int](Get-Median $pairs.Theirs)
        Ratio     = [Math]::Round((Get-Median @($pairs | ForEach-Object { $_.Ours / $_.Theirs })), 2)
    }
}

$server = Get-RealApiServer
$results = @(Compare-Process 'import, against a bare pwsh' $import '1')
if ($server.Reason) {
    "Left out: lists of Machines ($($server.Reason))"
}
else {
    $env:KUBECONFIG = $server.KubeConfig
    foreach ($count in $Machines) {
        $namespace = Add-TestNamespace -Server $server -Prefix 'bench-'
        foreach ($number in 1..$count) {
            Add-TestMachine -Server $server -Namespace $namespace -Name ('machine-{0:00000}' -f $number)
        }

        $results += Compare-Process "import and list $count Machines, against kubectl and ConvertFrom-Json" `
            "$import; (Get-CapiMachine -Namespace $namespace).Count" `
            "(kubectl get machines.cluster.x-k8s.io -n $namespace -o json | ConvertFrom-Json).items.Count"
    }
}

$results | Format-Table -AutoSize | Out-String -Width 140
