<#
.SYNOPSIS
    The workshop's module "Operations & Cleanup", all twelve actions, on a sandbox.
.DESCRIPTION
    Prints each command before its output. Ends with exit code 1 if anything is not as it should be. Needs nothing but the module: no cluster, no Docker.
.PARAMETER TimeScale
    How many seconds of the sandbox's world pass in one: 1 is as slow as the real thing.
.EXAMPLE
    ./operations-and-cleanup.ps1 -TimeScale 1
#>
[CmdletBinding()]
param(
    [ValidateRange(0.1, 1000)]
    [double] $TimeScale = 10
)

$ErrorActionPreference = 'Stop'
$built = Join-Path $PSScriptRoot '../output/CapiWorkshop/*/CapiWorkshop.psd1'
Import-Module ($env:CAPIWORKSHOP_MODULE ?? (Get-Item $built -ErrorAction Ignore | Select-Object -Last 1 -ExpandProperty FullName) ?? 'CapiWorkshop')

$failures = [Collections.Generic.List[string]]::new()
$state = Join-Path ([IO.Path]::GetTempPath()) "capi-workshop-state-$PID.json"

# Prints a command, runs it, shows what it gives, and gives that to the script, too.
function Invoke-Action([string] $Title, [scriptblock] $Command) {
    Write-Host "`n# $Title" -ForegroundColor Cyan
    Write-Host "PS> $("$Command".Trim())" -ForegroundColor Green
    $output = & $Command
    $output | Out-String -Width 120 | ForEach-Object TrimEnd | Out-Host
    $output
}

function Confirm-Result([string] $What, [bool] $Holds) {
    if (-not $Holds) {
        $failures.Add($What)
        Write-Host "Not so: $What" -ForegroundColor Red
    }
}

$sandbox = Invoke-Action 'A management cluster with two workload clusters' { Start-CapiSandbox -Name capi-tour -TimeScale $TimeScale }
try {
    $before = Get-CapiManagementCluster

    $deployments = Invoke-Action '1. How many workers are there?' { Get-CapiMachineDeployment }
    Confirm-Result 'both clusters begin with two workers' ("$($deployments.ReadyReplicas)" -eq '2 2')

    $null = Invoke-Action '2. Scale dev-cluster to four workers' { Set-CapiMachineDeploymentScale dev-cluster-md-0 -Replicas 4 }

    $null = Invoke-Action '3. Watch the new machines come up' {
        Watch-CapiMachine -Cluster dev-cluster -Timeout 3m -Until { @(Get-CapiMachine -Cluster dev-cluster | Where-Object Ready).Count -eq 5 }
    }
    Confirm-Result 'dev-cluster has five machines that are ready' (@(Get-CapiMachine -Cluster dev-cluster | Where-Object Ready).Count -eq 5)

    $scaled = Invoke-Action '4. Scale k0s-demo-cluster to three, and wait' {
        Get-CapiMachineDeployment -Cluster k0s-demo-cluster | Set-CapiMachineDeploymentScale -Replicas 3 -Wait -PassThru
    }
    Confirm-Result 'k0s-demo-cluster has three workers that are ready' ($scaled.ReadyReplicas -eq 3)

    $usage = Invoke-Action '5. What does every cluster use?' { Watch-CapiResourceUsage -Interval 1 -Count 2 }
    Confirm-Result 'three clusters were measured twice, whole' ($usage.Count -eq 6 -and $usage.IsComplete -notcontains $false)

    $footprint = Invoke-Action '6. What does a hosted control plane save?' { Compare-CapiFootprint -ReferenceObject dev-cluster -DifferenceObject k0s-demo-cluster }
    Confirm-Result 'five containers against three' ($footprint.ReferenceContainers -eq 5 -and $footprint.DifferenceContainers -eq 3)

    $summary = Invoke-Action '7. What was learned, and what was built' { Get-CapiWorkshopSummary }
    Confirm-Result 'eight nodes and two applications are there' ($summary.Nodes -eq 8 -and $summary.Applications.Count -eq 2)

    $saved = Invoke-Action '8. Keep the state' { Export-CapiWorkshopState -Path $state -PassThru }
    Confirm-Result 'eight machines are in the saved state' ($saved.Machines.Count -eq 8)

    $null = Invoke-Action '9. What would go?' { Remove-CapiWorkshop -WhatIf }
    $removed = Invoke-Action '9. Remove it, in the right order' { Remove-CapiWorkshop -Force }
    Confirm-Result 'both clusters are gone and the management cluster is intact' ($removed.Count -eq 3 -and $removed.IsRemoved -notcontains $false -and $removed[-1].IsIntact)

    $left = Invoke-Action '10. Is anything left?' { Get-CapiCluster; Get-CapiMachine; Get-CapiHelmChartProxy; Get-CapiHelmReleaseProxy }
    Confirm-Result 'nothing is left' (-not $left)

    $after = Invoke-Action '11. Is the management cluster as it was?' { Get-CapiManagementCluster }
    Confirm-Result 'the management cluster is ready and has the providers it had' ($after.Ready -and "$($after.Providers)" -eq "$($before.Providers)")

    $checks = Invoke-Action '12. Check everything' { Test-CapiWorkshop -StatePath $state }
    foreach ($check in $checks | Where-Object Status -NE 'Passed') {
        Confirm-Result $check.Title $false
    }
}
finally {
    $sandbox | Stop-CapiSandbox
    Remove-Item -LiteralPath $state -ErrorAction Ignore
}

if ($failures) {
    Write-Host "`n$($failures.Count) not as it should be:`n- $($failures -join "`n- ")" -ForegroundColor Red
    exit 1
}

Write-Host "`nAll twelve actions did what they should." -ForegroundColor Green
