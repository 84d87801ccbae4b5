# Real Kubernetes API servers for the tests: started once for each run, and ended with the process that runs the tests.
using namespace System.Diagnostics
using namespace System.Net.Http

$script:Launches = @{}
$script:Servers = @{}
$script:Closed = $null
$script:CoreApi = '/apis/cluster.x-k8s.io/v1beta2'

<#
.SYNOPSIS
    Gives a running API server; starts it the first time.
.DESCRIPTION
    Where it cannot run, its Reason says why, and every test that needs it is skipped with that reason.
#>
function Get-RealApiServer {
    param(
        # capi: with Cluster API's resources and the two sample clusters. bare: without any of them.
        [ValidateSet('capi', 'bare')] [string] $Content = 'capi'
    )

    if (-not $script:Servers.ContainsKey($Content)) {
        $script:Servers[$Content] = Wait-RealApiServer -Content $Content
    }

    $script:Servers[$Content]
}

<#
.SYNOPSIS
    Begins to start the API servers, so that they are ready, or nearly so, when the first test needs them.
#>
function Initialize-RealApiServer {
    foreach ($content in 'capi', 'bare') {
        $script:Launches[$content] ??= Open-RealApiServer -Content $content
    }
}

function Open-RealApiServer([string] $Content) {
    $parts = $env:CAPIWORKSHOP_REAL_PARTS ? $env:CAPIWORKSHOP_REAL_PARTS : (Join-Path $PSScriptRoot '../../../shared/real-parts')
    if (-not $IsLinux) {
        return @{ Reason = 'real API servers run on Linux only' }
    }

    if (-not (Test-Path (Join-Path $parts 'start-apiserver.sh'))) {
        return @{ Reason = 'no real-parts folder: name it with $env:CAPIWORKSHOP_REAL_PARTS' }
    }

    $parts = (Resolve-Path $parts).Path
    $running = [Environment]::GetEnvironmentVariable("CAPIWORKSHOP_TEST_API_$Content".ToUpperInvariant())
    if ($running) {
        return @{ Folder = $running; Parts = $parts } # one that serve-api.sh runs already, for quick rounds while tests are written
    }

    $port = Find-FreePort
    $start = [ProcessStartInfo]::new('bash', [string[]] @((Join-Path $PSScriptRoot 'serve-api.sh'), $parts, $port, $Content))
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $process = [Process]::Start($start)
    @{ Process = $process; Parts = $parts; Port = $port; Errors = $process.StandardError.ReadToEndAsync(); Ready = $process.StandardOutput.ReadLineAsync() }
}

function Wait-RealApiServer([string] $Content) {
    $launch = $script:Launches[$Content] ?? (Open-RealApiServer -Content $Content)
    if ($launch.Folder) {
        return Connect-RealApiServer -Folder $launch.Folder -Parts $launch.Parts
    }

    if ($launch.Reason) {
        return [pscustomobject] @{ Reason = $launch.Reason }
    }

    # Building the server takes minutes, once for each machine.
    if (-not $launch.Ready.Wait([timespan]::FromMinutes(10)) -or $launch.Ready.Result -notmatch '^ready (?<folder>.+)$') {
        $launch.Process.StandardInput.Close()
        $said = $launch.Process.WaitForExit(10000) ? $launch.Errors.Result.Trim() : 'it did not become ready in 10 minutes'
        if ($launch.Process.HasExited -and $launch.Process.ExitCode -eq 3) {
            return [pscustomobject] @{ Reason = ($said -split "`n")[-1] -replace '^real-parts: ' }
        }

        throw "The real API server did not start: $said"
    }

    Connect-RealApiServer -Folder $Matches.folder -Parts $launch.Parts
}

function Connect-RealApiServer([string] $Folder, [string] $Parts) {
    $address = (Get-Content -Raw "$Folder/kubeconfig") -match 'server: "(?<address>[^"]+)"' ? $Matches.address : $null
    $token = (Get-Content -Raw "$Folder/kubeconfig-admin-token") -match 'token: (?<token>\w+)' ? $Matches.token : $null
    $policy = [System.Security.Cryptography.X509Certificates.X509ChainPolicy]::new()
    $policy.RevocationMode = 'NoCheck'
    $policy.TrustMode = 'CustomRootTrust'
    $policy.CustomTrustStore.ImportFromPemFile("$Folder/pki/ca.crt")
    $handler = [SocketsHttpHandler]::new()
    $handler.SslOptions.CertificateChainPolicy = $policy
    $http = [HttpClient]::new($handler)
    $http.BaseAddress = $address
    $http.DefaultRequestHeaders.Authorization = [System.Net.Http.Headers.AuthenticationHeaderValue]::new('Bearer', $token)
    $http.DefaultRequestHeaders.UserAgent.ParseAdd('tests')
    $http.Timeout = [System.Threading.Timeout]::InfiniteTimeSpan

    $server = [pscustomobject] @{
        Reason        = $null
        Address       = "$address/"
        Folder        = $Folder
        # Contexts admin (the current one), token, reader, nobody; and three that do not work: wrong-token, refused, untrusted.
        KubeConfig    = "$Folder/contexts"
        AuditLog      = "$Folder/audit.log"
        Samples       = Join-Path $Parts 'samples'
        Http          = $http
        # Where nobody listens.
        ClosedAddress = $null
    }
    Write-KubeConfig -Server $server
    $server
}

function Write-KubeConfig($Server) {
    $folder = $Server.Folder
    $address = [uri] $Server.Address
    # A port that is taken, but not listened at, for as long as the tests run: nobody else can have it either.
    $script:Closed ??= [System.Net.Sockets.Socket]::new('InterNetwork', 'Stream', 'Tcp')
    if (-not $script:Closed.IsBound) {
        $script:Closed.Bind([ipendpoint]::new([ipaddress]::Loopback, 0))
    }

    $Server.ClosedAddress = "https://127.0.0.1:$($script:Closed.LocalEndPoint.Port)/"
    $users = foreach ($user in @{ admin = 'kubeconfig'; token = 'kubeconfig-admin-token'; reader = 'kubeconfig-reader'; nobody = 'kubeconfig-nobody' }.GetEnumerator()) {
        $said = (Get-Content "$folder/$($user.Value)") -match '^  user: \{' -replace '^  user: '
        "- {name: $($user.Key), user: $said}"
    }
    $authority = [Convert]::ToBase64String([IO.File]::ReadAllBytes("$folder/pki/ca.crt"))
    # Any certificate that is no authority of the server will do for one that does not trust it.
    $other = Get-OtherAuthority
    @(
        'apiVersion: v1'
        'kind: Config'
        'current-context: admin'
        'clusters:'
        "- {name: real, cluster: {server: '$address', certificate-authority-data: $authority}}"
        "- {name: closed, cluster: {server: '$($Server.ClosedAddress)', certificate-authority-data: $authority}}"
        "- {name: other-authority, cluster: {server: '$address', certificate-authority-data: $other}}"
        'users:'
        $users
        '- {name: stranger, user: {token: a-token-that-nobody-knows}}'
        'contexts:'
        foreach ($user in 'admin', 'token', 'reader', 'nobody') { "- {name: $user, context: {cluster: real, user: $user}}" }
        '- {name: wrong-token, context: {cluster: real, user: stranger}}'
        '- {name: refused, context: {cluster: closed, user: admin}}'
        '- {name: untrusted, context: {cluster: other-authority, user: admin}}'
    ) | Set-Content -LiteralPath $Server.KubeConfig
}

function Get-OtherAuthority {
    $key = [System.Security.Cryptography.ECDsa]::Create()
    $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=somebody-else', $key, 'SHA256')
    $request.CertificateExtensions.Add([System.Security.Cryptography.X509Certificates.X509BasicConstraintsExtension]::new($true, $false, 0, $true))
    $now = [datetimeoffset]::UtcNow
    $certificate = $request.CreateSelfSigned($now.AddDays(-1), $now.AddDays(1))
    [Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes($certificate.ExportCertificatePem()))
}

# The first of four ports in a row that nobody uses; below those that the system hands out by itself.
function Find-FreePort {
    foreach ($attempt in 1..100) {
        $first = Get-Random -Minimum 5500 -Maximum 7900 | ForEach-Object { 4 * $_ }
        $listeners = @()
        try {
            foreach ($port in $first..($first + 3)) {
                $listener = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, $port)
                $listener.Start()
                $listeners += $listener
            }

            return $first
        }
        catch [System.Net.Sockets.SocketException] {
            Write-Debug "Attempt ${attempt}: port $port is taken."
        }
        finally {
            $listeners.ForEach('Stop')
        }
    }

    throw 'No four free ports in a row were found.'
}

<#
.SYNOPSIS
    Sends a request to an API server and gives the answer's object.
#>
function Invoke-KubeApi {
    param(
        [Parameter(Mandatory)] $Server,
        [Parameter(Mandatory, Position = 0)] [string] $Method,
        [Parameter(Mandatory, Position = 1)] [string] $Path,
        [Parameter(Position = 2)] $Body,
        # A status that is not thrown, but gives nothing.
        [int[]] $Allow = @()
    )

    $request = [HttpRequestMessage]::new([HttpMethod]::new($Method), $Path)
    try {
        if ($null -ne $Body) {
            $type = $Method -eq 'PATCH' ? 'application/merge-patch+json' : 'application/json'
            $request.Content = [StringContent]::new((ConvertTo-Json -InputObject $Body -Depth 20 -Compress), [Text.Encoding]::UTF8, $type)
        }

        $response = $Server.Http.Send($request)
        try {
            $text = $response.Content.ReadAsStringAsync().GetAwaiter().GetResult()
            if ($response.IsSuccessStatusCode) {
                ConvertFrom-Json $text -AsHashtable
            }
            elseif ([int] $response.StatusCode -notin $Allow) {
                throw "$Method $Path answered $([int] $response.StatusCode): $text"
            }
        }
        finally {
            $response.Dispose()
        }
    }
    finally {
        $request.Dispose()
    }
}

<#
.SYNOPSIS
    Gives a place in the audit log, from which Get-ApiRequest reads on.
#>
function Get-ApiRequestMark {
    param([Parameter(Mandatory)] $Server)

    [IO.FileInfo]::new($Server.AuditLog).Length
}

<#
.SYNOPSIS
    Gives the requests that the module sent since a mark: verb, URI, user and, once the server has answered to the end, the code.
.DESCRIPTION
    The server writes a line before it handles a request and one after its answer's end: what was sent is all there, a code may still be to come.
#>
function Get-ApiRequest {
    param(
        [Parameter(Mandatory)] $Server,
        [Parameter(Mandatory)] [long] $Since
    )

    $requests = [ordered] @{}
    $stream = [IO.FileStream]::new($Server.AuditLog, 'Open', 'Read', 'ReadWrite')
    try {
        $null = $stream.Seek($Since, 'Begin')
        $reader = [IO.StreamReader]::new($stream)
        while ($null -ne ($line = $reader.ReadLine())) {
            # Cheaper than reading all JSON: most lines are the test's own.
            if ($line.Contains('"userAgent":"CapiWorkshop') -and $line.EndsWith('}')) {
                $entry = ConvertFrom-Json $line
                if (-not $requests.Contains($entry.auditID)) {
                    $requests[$entry.auditID] = [pscustomobject] @{ Verb = $entry.verb; Uri = $entry.requestURI; User = $entry.user.username; Code = $null; IsDone = $false }
                }

                $request = $requests[$entry.auditID]
                $request.User = $entry.user.username ?? $request.User
                $request.Code = $entry.responseStatus.code ?? $request.Code
                $request.IsDone = $request.IsDone -or $entry.stage -eq 'ResponseComplete'
            }
        }
    }
    finally {
        $stream.Dispose()
    }

    $requests.Values
}

<#
.SYNOPSIS
    Gives those requests since a mark that write.
#>
function Get-ApiWrite {
    param(
        [Parameter(Mandatory)] $Server,
        [Parameter(Mandatory)] [long] $Since
    )

    Get-ApiRequest -Server $Server -Since $Since | Where-Object Verb -NotIn get, list, watch
}

# ---- Objects ----

function Read-Sample($Server, [string] $Name) {
    Get-Content -Raw (Get-Item (Join-Path $Server.Samples "*-$Name.json")).FullName | ConvertFrom-Json -AsHashtable -DateKind String
}

<#
.SYNOPSIS
    Creates a namespace for a test's own objects and gives its name.
#>
function Add-TestNamespace {
    param([Parameter(Mandatory)] $Server, [string] $Prefix = 'test-')

    (Invoke-KubeApi -Server $Server POST /api/v1/namespaces @{ metadata = @{ generateName = $Prefix } }).metadata.name
}

<#
.SYNOPSIS
    Creates a Cluster as CAPI leaves it when all is well.
#>
function Add-TestCluster {
    param([Parameter(Mandatory)] $Server, [Parameter(Mandatory)] [string] $Namespace, [Parameter(Mandatory)] [string] $Name, [hashtable] $Labels = @{})

    $object = Read-Sample $Server cluster-dev-cluster
    $object.metadata = @{ name = $Name; namespace = $Namespace; labels = @{ 'cluster.x-k8s.io/cluster-name' = $Name } + $Labels }
    $null = Invoke-KubeApi -Server $Server POST "$script:CoreApi/namespaces/$Namespace/clusters" $object
    $null = Invoke-KubeApi -Server $Server PATCH "$script:CoreApi/namespaces/$Namespace/clusters/$Name/status" @{ status = $object.status }
}

<#
.SYNOPSIS
    Creates a MachineDeployment in the state in which CAPI leaves it when all is well, without its Machines.
#>
function Add-TestMachineDeployment {
    param(
        [Parameter(Mandatory)] $Server,
        [Parameter(Mandatory)] [string] $Namespace,
        [Parameter(Mandatory)] [string] $Name,
        [string] $Cluster = 'dev-cluster',
        [int] $Replicas = 2,
        [hashtable] $Labels = @{},
        [hashtable] $Annotations = @{},
        # The played controllers shall see to it: make its Machines, and follow its scale.
        [switch] $Controlled
    )

    $object = Read-Sample $Server machinedeployment-dev-cluster-md-0
    $object.metadata = @{
        name        = $Name
        namespace   = $Namespace
        labels      = @{ 'cluster.x-k8s.io/cluster-name' = $Cluster } + $Labels
        annotations = @{ 'tests/controllers' = $Controlled ? 'played' : 'absent' } + $Annotations
    }
    if ($Controlled) {
        $object.metadata.finalizers = @('cluster.x-k8s.io/machinedeployment')
    }

    $object.spec.clusterName = $object.spec.template.spec.clusterName = $Cluster
    $object.spec.replicas = $Replicas
    foreach ($selecting in $object.spec.selector.matchLabels, $object.spec.template.metadata.labels) {
        $selecting['cluster.x-k8s.io/cluster-name'] = $Cluster
        $selecting['cluster.x-k8s.io/deployment-name'] = $Name
    }

    $null = Invoke-KubeApi -Server $Server POST "$script:CoreApi/namespaces/$Namespace/machinedeployments" $object
    if (-not $Controlled) {
        Edit-TestMachineDeploymentStatus -Server $Server -Namespace $Namespace -Name $Name -Status @{
            replicas = $Replicas; readyReplicas = $Replicas; availableReplicas = $Replicas; upToDateReplicas = $Replicas; phase = 'Running'; observedGeneration = 1
            conditions = $object.status.conditions
        }
    }
}

<#
.SYNOPSIS
    Writes fields of a MachineDeployment's status, as its controller would.
#>
function Edit-TestMachineDeploymentStatus {
    param([Parameter(Mandatory)] $Server, [Parameter(Mandatory)] [string] $Namespace, [Parameter(Mandatory)] [string] $Name, [Parameter(Mandatory)] [hashtable] $Status)

    $null = Invoke-KubeApi -Server $Server PATCH "$script:CoreApi/namespaces/$Namespace/machinedeployments/$Name/status" @{ status = $Status }
}

<#
.SYNOPSIS
    Gives a MachineDeployment as the server has it.
#>
function Get-TestMachineDeployment {
    param([Parameter(Mandatory)] $Server, [Parameter(Mandatory)] [string] $Namespace, [Parameter(Mandatory)] [string] $Name)

    Invoke-KubeApi -Server $Server GET "$script:CoreApi/namespaces/$Namespace/machinedeployments/$Name" -Allow 404
}

<#
.SYNOPSIS
    Changes a MachineDeployment by a merge patch, as a user would.
#>
function Edit-TestMachineDeployment {
    param([Parameter(Mandatory)] $Server, [Parameter(Mandatory)] [string] $Namespace, [Parameter(Mandatory)] [string] $Name, [Parameter(Mandatory)] [hashtable] $Patch)

    $null = Invoke-KubeApi -Server $Server PATCH "$script:CoreApi/namespaces/$Namespace/machinedeployments/$Name" $Patch
}

<#
.SYNOPSIS
    Deletes a MachineDeployment, as a user would.
#>
function Remove-TestMachineDeployment {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)] $Server, [Parameter(Mandatory)] [string] $Namespace, [Parameter(Mandatory)] [string] $Name)

    $null = Invoke-KubeApi -Server $Server DELETE "$script:CoreApi/namespaces/$Namespace/machinedeployments/$Name"
}

<#
.SYNOPSIS
    Creates a Machine in a phase.
#>
function Add-TestMachine {
    param(
        [Parameter(Mandatory)] $Server,
        [Parameter(Mandatory)] [string] $Namespace,
        [Parameter(Mandatory)] [string] $Name,
        [string] $Cluster = 'dev-cluster',
        [string] $Deployment,
        [hashtable] $Labels = @{},
        [ValidateSet('Pending', 'Provisioning', 'Provisioned', 'Running', 'Ready')] [string] $State = 'Ready'
    )

    $object = Read-Sample $Server machine-dev-cluster-md-0-x7k2p-9ftzd
    $own = @{ 'cluster.x-k8s.io/cluster-name' = $Cluster }
    if ($Deployment) {
        $own['cluster.x-k8s.io/deployment-name'] = $Deployment
    }

    $object.metadata = @{ name = $Name; namespace = $Namespace; labels = $own + $Labels; finalizers = @('machine.cluster.x-k8s.io') }
    $object.spec.clusterName = $Cluster
    $object.spec.bootstrap.configRef.name = $object.spec.bootstrap.dataSecretName = $object.spec.infrastructureRef.name = $Name
    $object.spec.providerID = "docker:////$Name"
    $null = Invoke-KubeApi -Server $Server POST "$script:CoreApi/namespaces/$Namespace/machines" $object
    Move-TestMachine -Server $Server -Namespace $Namespace -Name $Name -State $State
}

<#
.SYNOPSIS
    Puts a Machine into a state, in the words of its controller. Ready is Running with a node that is ready.
#>
function Move-TestMachine {
    param(
        [Parameter(Mandatory)] $Server,
        [Parameter(Mandatory)] [string] $Namespace,
        [Parameter(Mandatory)] [string] $Name,
        [Parameter(Mandatory)] [ValidateSet('Pending', 'Provisioning', 'Provisioned', 'Running', 'Ready')] [string] $State
    )

    $status = (Read-Sample $Server machine-dev-cluster-md-0-x7k2p-9ftzd).status
    $now = [datetime]::UtcNow.ToString('yyyy-MM-ddTHH:mm:ssZ')
    $step = 'Pending', 'Provisioning', 'Provisioned', 'Running', 'Ready' | ForEach-Object { $i = 0 } { if ($_ -eq $State) { $i }; $i++ }
    $open = @{}
    if ($step -lt 4) {
        $open.Ready = 'False', 'NotReady', 'not all is there yet'
        $open.Available = 'False', 'NotAvailable', ''
        $open.NodeHealthy = 'False', 'NodeNotHealthy', 'Node.Ready: container runtime network not ready'
        $open.NodeReady = 'False', 'NodeNotReady', ''
    }

    if ($step -lt 3) {
        $open.NodeHealthy = 'Unknown', 'InspectionFailed', 'Waiting for the node to join'
        $open.NodeReady = 'Unknown', 'NodeInspectionFailed', ''
    }

    if ($step -lt 2) {
        $open.InfrastructureReady = 'False', 'NotReady', 'the container is being created'
    }

    if ($step -lt 1) {
        $open.BootstrapConfigReady = 'False', 'NotReady', 'the bootstrap data secret is not there yet'
    }

    foreach ($condition in $status.conditions) {
        $condition.lastTransitionTime = $now
        if ($open.ContainsKey($condition.type)) {
            $condition.status, $condition.reason, $condition.message = $open[$condition.type]
        }
    }

    $status.phase = $State -eq 'Ready' ? 'Running' : $State
    $status.lastUpdated = $now
    $status.nodeRef = $step -lt 3 ? $null : @{ name = $Name }
    $status.addresses = $step -lt 2 ? $null : @($status.addresses | ForEach-Object { $_.type -in 'Hostname', 'InternalDNS' ? @{ type = $_.type; address = $Name } : $_ })
    $status.nodeInfo = $step -lt 3 ? $null : $status.nodeInfo
    $status.initialization = $step -lt 1 ? $null : @{ bootstrapDataSecretCreated = $true; infrastructureProvisioned = $step -ge 2 }
    $null = Invoke-KubeApi -Server $Server PATCH "$script:CoreApi/namespaces/$Namespace/machines/$Name/status" @{ status = $status } -Allow 404
}

<#
.SYNOPSIS
    Deletes a Machine, and takes the finalizers off as its controller does when all is torn down.
#>
function Remove-TestMachine {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param([Parameter(Mandatory)] $Server, [Parameter(Mandatory)] [string] $Namespace, [Parameter(Mandatory)] [string] $Name)

    $path = "$script:CoreApi/namespaces/$Namespace/machines/$Name"
    $null = Invoke-KubeApi -Server $Server DELETE $path -Allow 404
    $null = Invoke-KubeApi -Server $Server PATCH "$path/status" @{ status = @{ phase = 'Deleting' } } -Allow 404
    $null = Invoke-KubeApi -Server $Server PATCH $path @{ metadata = @{ finalizers = $null } } -Allow 404
}

Export-ModuleMember -Function @(
    'Initialize-RealApiServer', 'Get-RealApiServer', 'Invoke-KubeApi', 'Get-ApiRequestMark', 'Get-ApiRequest', 'Get-ApiWrite'
    'Add-TestNamespace', 'Add-TestCluster', 'Add-TestMachine', 'Move-TestMachine', 'Remove-TestMachine'
    'Add-TestMachineDeployment', 'Get-TestMachineDeployment', 'Edit-TestMachineDeployment', 'Edit-TestMachineDeploymentStatus', 'Remove-TestMachineDeployment'
)
