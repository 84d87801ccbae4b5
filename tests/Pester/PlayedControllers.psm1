# Plays Cluster API's controllers on a real API server that has none: makes, advances and removes the Machines of MachineDeployments and writes their status, in
# CAPI's order. MachineDeployments with the annotation tests/controllers=absent are left alone; with tests/hold-at=N no Machine becomes ready once N are.
Import-Module (Join-Path $PSScriptRoot 'RealApiServer.psm1')

$script:CoreApi = '/apis/cluster.x-k8s.io/v1beta2'
$script:Steps = 'Pending', 'Provisioning', 'Provisioned', 'Running', 'Ready'

<#
.SYNOPSIS
    Starts the controllers in a runspace of their own. End them with Stop-PlayedController.
#>
function Start-PlayedController {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)] $Server)

    $stop = [System.Threading.CancellationTokenSource]::new()
    $shell = [powershell]::Create().AddScript({
            param($Module, $Server, $Stop)
            $ErrorActionPreference = 'Stop'
            Import-Module $Module
            Invoke-PlayedController -Server $Server -Stop $Stop
        }).AddParameters(@{ Module = $PSCommandPath; Server = $Server; Stop = $stop.Token })
    [pscustomobject] @{ Shell = $shell; Stop = $stop; Run = $shell.BeginInvoke() }
}

<#
.SYNOPSIS
    Ends the controllers, and throws what they could not cope with.
#>
function Stop-PlayedController {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param($Controller)

    if ($Controller) {
        $Controller.Stop.Cancel()
        try {
            $Controller.Shell.EndInvoke($Controller.Run)
        }
        finally {
            $Controller.Shell.Dispose()
            $Controller.Stop.Dispose()
        }
    }
}

<#
.SYNOPSIS
    The controllers' loop: each MachineDeployment that is there, then each that changes.
#>
function Invoke-PlayedController {
    param([Parameter(Mandatory)] $Server, [Parameter(Mandatory)] [System.Threading.CancellationToken] $Stop)

    $list = Invoke-KubeApi -Server $Server GET "$script:CoreApi/machinedeployments"
    foreach ($deployment in $list.items) {
        Sync-MachineDeployment -Server $Server -Namespace $deployment.metadata.namespace -Name $deployment.metadata.name
    }

    $request = [System.Net.Http.HttpRequestMessage]::new('GET', "$script:CoreApi/machinedeployments?watch=1&resourceVersion=$($list.metadata.resourceVersion)")
    $response = $Server.Http.Send($request, 'ResponseHeadersRead')
    try {
        $reader = [IO.StreamReader]::new($response.Content.ReadAsStream())
        while (-not $Stop.IsCancellationRequested) {
            $line = $reader.ReadLineAsync($Stop).AsTask().GetAwaiter().GetResult()
            $change = ConvertFrom-Json $line -AsHashtable
            if ($change.type -ne 'DELETED') {
                Sync-MachineDeployment -Server $Server -Namespace $change.object.metadata.namespace -Name $change.object.metadata.name
            }
        }
    }
    catch [OperationCanceledException] {
        $null = 'they were told to stop'
    }
    finally {
        $response.Dispose()
    }
}

# Step by step, until nothing is left to be done.
function Sync-MachineDeployment($Server, [string] $Namespace, [string] $Name) {
    $path = "$script:CoreApi/namespaces/$Namespace/machinedeployments/$Name"
    do {
        $deployment = Invoke-KubeApi -Server $Server GET $path -Allow 404
        if (-not $deployment -or $deployment.metadata.annotations.'tests/controllers' -eq 'absent') {
            return
        }

        $selector = [uri]::EscapeDataString("cluster.x-k8s.io/deployment-name=$Name")
        $machines = @((Invoke-KubeApi -Server $Server GET "$script:CoreApi/namespaces/$Namespace/machines?labelSelector=$selector").items)
        $isMoved = Step-Machine -Server $Server -Deployment $deployment -Machines $machines
        if ($deployment.metadata.ContainsKey('deletionTimestamp')) {
            if ($machines.Count -eq 0) {
                $null = Invoke-KubeApi -Server $Server PATCH $path @{ metadata = @{ finalizers = $null } } -Allow 404
            }
        }
        else {
            $selected = @((Invoke-KubeApi -Server $Server GET "$script:CoreApi/namespaces/$Namespace/machines?labelSelector=$selector").items)
            Write-MachineDeploymentStatus -Server $Server -Deployment $deployment -Machines $selected
        }
    } while ($isMoved)
}

# One step towards what the MachineDeployment asks for; says whether there was one to take.
function Step-Machine($Server, $Deployment, $Machines) {
    $namespace, $name = $Deployment.metadata.namespace, $Deployment.metadata.name
    $desired = $Deployment.metadata.ContainsKey('deletionTimestamp') ? 0 : $Deployment.spec.replicas
    if ($Machines.Count -gt $desired) {
        # Those that this played came last.
        $last = $Machines | Sort-Object { $_.metadata.labels.'tests/played' }, { $_.metadata.creationTimestamp }, { $_.metadata.name } | Select-Object -Last 1
        Remove-TestMachine -Server $Server -Namespace $namespace -Name $last.metadata.name
        return $true
    }

    if ($Machines.Count -lt $desired) {
        $suffix = -join (1..5 | ForEach-Object { 'bcdfghjklmnpqrstvwxz2456789'[(Get-Random -Maximum 27)] })
        Add-TestMachine -Server $Server -Namespace $namespace -Name "$name-x7k2p-$suffix" -Cluster $Deployment.spec.clusterName -Deployment $name -Labels @{ 'tests/played' = 'yes' } -State Pending
        return $true
    }

    $hold = $Deployment.metadata.annotations.'tests/hold-at'
    $ready = @($Machines | Where-Object { Test-Condition $_ Ready }).Count
    foreach ($machine in $Machines | Where-Object { -not (Test-Condition $_ Ready) }) {
        $next = $script:Steps[$script:Steps.IndexOf([string] $machine.status.phase) + 1]
        if ($next -ne 'Ready' -or $null -eq $hold -or $ready -lt [int] $hold) {
            Move-TestMachine -Server $Server -Namespace $namespace -Name $machine.metadata.name -State $next
            return $true
        }
    }

    $false
}

function Write-MachineDeploymentStatus($Server, $Deployment, $Machines) {
    $desired = $Deployment.spec.replicas
    $ready = @($Machines | Where-Object { Test-Condition $_ Ready }).Count
    $phase = $Machines.Count -lt $desired ? 'ScalingUp' : $Machines.Count -gt $desired ? 'ScalingDown' : 'Running'
    $states = [ordered] @{
        Available        = $ready -ge $desired
        MachinesReady    = $ready -eq $Machines.Count
        MachinesUpToDate = $true
        RollingOut       = $false
        ScalingUp        = $phase -eq 'ScalingUp'
        ScalingDown      = $phase -eq 'ScalingDown'
        Remediating      = $false
        Deleting         = $false
        Paused           = $false
    }
    $generation = $Deployment.metadata.generation
    $status = @{
        observedGeneration = $generation
        phase              = $phase
        replicas           = $Machines.Count
        readyReplicas      = $ready
        availableReplicas  = $ready
        upToDateReplicas   = $Machines.Count
        conditions         = @(foreach ($state in $states.GetEnumerator()) {
                @{
                    type               = $state.Key
                    status             = "$($state.Value)"
                    reason             = $state.Value ? $state.Key : "Not$($state.Key)"
                    message            = $state.Key -eq 'Available' -and -not $state.Value ? "$ready available replicas, at least $desired required" : ''
                    lastTransitionTime = [datetime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ')
                    observedGeneration = $generation
                }
            })
    }

    # Writing what is there already would call for another look, and so on for ever.
    $before = $Deployment.status
    $isSame = -not ('observedGeneration', 'phase', 'replicas', 'readyReplicas', 'availableReplicas', 'upToDateReplicas' | Where-Object { "$($before.$_)" -ne "$($status.$_)" })
    if (-not $isSame) {
        $namespace, $name = $Deployment.metadata.namespace, $Deployment.metadata.name
        $null = Invoke-KubeApi -Server $Server PATCH "$script:CoreApi/namespaces/$namespace/machinedeployments/$name/status" @{ status = $status } -Allow 404
        $cluster = "$script:CoreApi/namespaces/$namespace/clusters/$($Deployment.spec.clusterName)"
        $workers = @{ desiredReplicas = $desired; replicas = $Machines.Count; readyReplicas = $ready; availableReplicas = $ready; upToDateReplicas = $Machines.Count }
        $null = Invoke-KubeApi -Server $Server PATCH "$cluster/status" @{ status = @{ workers = $workers } } -Allow 404
    }
}

function Test-Condition($Object, [string] $Type) {
    foreach ($condition in $Object.status.conditions) {
        if ($condition.type -eq $Type) {
            return $condition.status -eq 'True'
        }
    }

    $false
}

Export-ModuleMember -Function Start-PlayedController, Stop-PlayedController, Invoke-PlayedController
