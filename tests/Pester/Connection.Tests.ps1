[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer
    if (-not $Api.Reason) {
        $Bare = Get-RealApiServer -Content bare
        $Space = Add-TestNamespace $Api
        Add-TestMachineDeployment $Api $Space target
    }

    $Commands = 'CapiWorkshop.PowerShell.Commands'
}

Describe 'Connect-CapiManagementCluster' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'gives a connection that says where it goes' {
        $connection = (Invoke-Script { Connect-CapiManagementCluster }).Output[0]
        $connection.Context | Should -Be 'admin'
        $connection.Server | Should -Be $Api.Address
        $connection.Namespace | Should -Be 'default'
        $connection.User | Should -Be 'admin'
        $connection.ManagementClusterId | Should -Be (Invoke-KubeApi -Server $Api GET /api/v1/namespaces/kube-system).metadata.uid
        $connection.KubernetesVersion | Should -Match '^v1\.\d+\.\d+'
        $connection.ApiVersion | Should -Be 'v1beta2'
        $connection.IsOpen | Should -BeTrue
        $connection.ConnectedAt.Offset | Should -Be ([timespan]::Zero)
        "$connection" | Should -Be 'admin'
    }

    It 'makes it the default of the session, whatever the kubeconfig says' {
        $run = Invoke-Script {
            $null = Connect-CapiManagementCluster reader
            (Get-CapiCluster dev-cluster).Context
            $null = Connect-CapiManagementCluster -Context token
            (Get-CapiCluster dev-cluster).Context
        }
        $run.Output | Should -Be 'reader', 'token'
        $run.Errors | Should -BeNullOrEmpty
    }

    It 'takes a client certificate and a token alike' {
        $mark = Get-ApiRequestMark $Api
        $null = Invoke-Script { Connect-CapiManagementCluster admin; Connect-CapiManagementCluster token }
        $null = Wait-Until { @(Get-ApiRequest $Api $mark).IsDone -notcontains $false } 'all answers'
        @(Get-ApiRequest $Api $mark).User | Select-Object -Unique | Should -Be 'admin', 'token-admin'
    }

    It 'takes a kubeconfig of its own, also relative to the place where one is' {
        $run = Invoke-Script {
            Set-Location (Split-Path $File)
            (Connect-CapiManagementCluster -KubeConfig "./$(Split-Path $File -Leaf)" -Context reader).Context
            (Get-CapiCluster dev-cluster).Context
        } -Variables @{ File = $Api.KubeConfig }
        $run.Output | Should -Be 'reader', 'reader'
    }

    It 'leaves what there was where it fails' {
        $run = Invoke-Script {
            $null = Connect-CapiManagementCluster reader
            try { Connect-CapiManagementCluster refused } catch { $_.FullyQualifiedErrorId }
            (Get-CapiCluster dev-cluster).Context
        }
        $run.Output | Should -Be "ConnectionRefused,$Commands.ConnectCapiManagementClusterCommand", 'reader'
    }

    It 'changes nothing' {
        $mark = Get-ApiRequestMark $Api
        $before = Get-FileHash $Api.KubeConfig
        $null = Invoke-Script { Connect-CapiManagementCluster }
        Get-ApiWrite $Api $mark | Should -BeNullOrEmpty
        (Get-FileHash $Api.KubeConfig).Hash | Should -Be $before.Hash
    }

    It 'says with one warning what somebody without rights may not see' {
        $run = Invoke-Script { Connect-CapiManagementCluster nobody }
        $run.Thrown | Should -BeNullOrEmpty
        $run.Errors | Should -BeNullOrEmpty
        $run.Warnings.Count | Should -Be 1
        $run.Warnings[0].Message | Should -Match 'nodes'
        $connection = $run.Output[0]
        $connection.Nodes | Should -Be $null
        $connection.NodesReady | Should -Be $null
        $connection.CapiVersion | Should -Be $null
        $connection.KubernetesVersion | Should -Not -BeNullOrEmpty
        $connection.ManagementClusterId | Should -Not -BeNullOrEmpty
    }

    It 'says with one warning that there is no Cluster API' {
        $run = Invoke-Script { Connect-CapiManagementCluster -KubeConfig $File } -Variables @{ File = $Bare.KubeConfig }
        $run.Warnings.Count | Should -Be 1
        $run.Warnings[0].Message | Should -Match 'Cluster API'
        $run.Output[0].ApiVersion | Should -BeNullOrEmpty
        $run.Output[0].IsOpen | Should -BeTrue
    }

    It 'warns of nothing where all may be seen' {
        (Invoke-Script { Connect-CapiManagementCluster }).Warnings | Should -BeNullOrEmpty
    }
}

Describe 'Disconnect-CapiManagementCluster' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'ends the default connection, and after that nothing falls back to the kubeconfig''s current context' {
        $run = Invoke-Script {
            $connection = Connect-CapiManagementCluster
            Disconnect-CapiManagementCluster *>&1
            $connection.IsOpen
            foreach ($script in { Get-CapiCluster }, { Get-CapiManagementCluster }, { Set-CapiMachineDeploymentScale x 1 }, { Watch-CapiMachine -Timeout 1 }, { Wait-CapiMachineDeployment x }) {
                try { & $script } catch { $_.FullyQualifiedErrorId }
            }

            (Get-CapiCluster dev-cluster -Context reader).Context
            $env:CAPIWORKSHOP_CONTEXT = 'reader'
            try { Get-CapiCluster } catch { $_.FullyQualifiedErrorId } finally { $env:CAPIWORKSHOP_CONTEXT = $null }
        }
        $run.Output[0] | Should -BeFalse
        $classes = 'GetCapiCluster', 'GetCapiManagementCluster', 'SetCapiMachineDeploymentScale', 'WatchCapiMachine', 'WaitCapiMachineDeployment'
        $run.Output[1..5] | Should -Be $classes.ForEach({ "NotConnected,$Commands.${_}Command" })
        $run.Output[6] | Should -Be 'reader' -Because 'what is named is still used'
        $run.Output[7] | Should -Be "NotConnected,$Commands.GetCapiClusterCommand"
    }

    It 'says how to connect again' {
        $run = Invoke-Script { $null = Connect-CapiManagementCluster; Disconnect-CapiManagementCluster; Get-CapiCluster }
        Assert-Problem @($run.Errors) NotConnected -Command Get-CapiCluster -Category ConnectionError
        $run.Errors[0].ErrorDetails.RecommendedAction | Should -Match 'Connect-CapiManagementCluster'
    }

    It 'can be followed by another connection' {
        $run = Invoke-Script {
            $null = Connect-CapiManagementCluster
            Disconnect-CapiManagementCluster
            $null = Connect-CapiManagementCluster
            (Get-CapiCluster dev-cluster).Name
        }
        $run.Output | Should -Be 'dev-cluster'
    }

    It 'ends only the one that is passed, also from the pipeline' {
        $run = Invoke-Script {
            $first = Connect-CapiManagementCluster reader
            $null = Connect-CapiManagementCluster token
            $first | Disconnect-CapiManagementCluster
            $first.IsOpen
            (Get-CapiCluster dev-cluster).Context
            try { Get-CapiCluster -Connection $first } catch { $_.FullyQualifiedErrorId }
        }
        $run.Output | Should -Be $false, 'token', "NotConnected,$Commands.GetCapiClusterCommand"
    }

    It 'by another runspace does not make this one fall back either' {
        $run = Invoke-Script {
            $connection = Connect-CapiManagementCluster
            $other = [powershell]::Create().AddScript({ param($Module, $Connection) Import-Module $Module; $Connection | Disconnect-CapiManagementCluster })
            $null = $other.AddArgument((Get-Module CapiWorkshop).Path.Replace('CapiWorkshop.PowerShell.dll', 'CapiWorkshop.psd1')).AddArgument($connection).Invoke()
            $other.Dispose()
            $connection.IsOpen
            try { Get-CapiCluster } catch { $_.FullyQualifiedErrorId }
        }
        $run.Output | Should -Be $false, "NotConnected,$Commands.GetCapiClusterCommand"
    }

    It 'twice, or without a connection, is no error' {
        (Invoke-Script { Disconnect-CapiManagementCluster; Disconnect-CapiManagementCluster }).Errors | Should -BeNullOrEmpty
    }
}

Describe 'Which connection is used' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'is the kubeconfig''s current context where nothing was said' {
        (Invoke-Script { (Get-CapiCluster dev-cluster).Context }).Output | Should -Be 'admin'
    }

    It 'is that of $env:CAPIWORKSHOP_CONTEXT where nothing else was said' {
        $env:CAPIWORKSHOP_CONTEXT = 'reader'
        try {
            $run = Invoke-Script {
                (Get-CapiCluster dev-cluster).Context
                (Get-CapiCluster dev-cluster -Context admin).Context
                $null = Connect-CapiManagementCluster token
                (Get-CapiCluster dev-cluster).Context
            }
        }
        finally {
            $env:CAPIWORKSHOP_CONTEXT = $null
        }

        $run.Output | Should -Be 'reader', 'admin', 'token'
    }

    It 'is an error where $env:CAPIWORKSHOP_CONTEXT names none' {
        $env:CAPIWORKSHOP_CONTEXT = 'not-there'
        try {
            Assert-Problem @((Invoke-Script { Get-CapiCluster }).Errors) ContextNotFound -Command Get-CapiCluster -Category ObjectNotFound
        }
        finally {
            $env:CAPIWORKSHOP_CONTEXT = $null
        }
    }

    It 'may be passed into other runspaces, which have none' {
        $connection = (Invoke-Script { Connect-CapiManagementCluster reader }).Output[0]
        $found = 1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
            Import-Module $using:ModulePath
            Get-CapiCluster dev-cluster -Connection $using:connection
        }
        $found.Context | Should -Be 'reader', 'reader', 'reader', 'reader'
    }

    It 'is not the default of another runspace' {
        (Invoke-Script {
            $null = Connect-CapiManagementCluster reader
            Get-CapiCluster dev-cluster | ForEach-Object Context
            $path = $ModulePath
            1 | ForEach-Object -Parallel { Import-Module $using:path; (Get-CapiCluster dev-cluster).Context }
        } -Variables @{ ModulePath = $ModulePath }).Output | Should -Be 'reader', 'admin'
    }

    It 'is ambiguous with -Connection and -<Other>' -ForEach @(@{ Other = 'Context'; Value = 'admin' }, @{ Other = 'KubeConfig'; Value = 'x' }) {
        $connection = (Invoke-Script { Connect-CapiManagementCluster }).Output[0]
        $more = @{ $Other = $Value }
        Assert-Problem (Get-Failure { Get-CapiCluster -Connection $connection @more }) AmbiguousConnection -Command Get-CapiCluster -Category InvalidArgument
    }

    It 'asks the server for what it serves only once' {
        $mark = Get-ApiRequestMark $Api
        $null = Invoke-Script { $null = Connect-CapiManagementCluster; Get-CapiCluster; Get-CapiMachine; Get-CapiMachineDeployment }
        @(Get-ApiRequest $Api $mark | Where-Object Uri -EQ /apis).Count | Should -Be 1
    }

    It 'is another one when the kubeconfig has changed' {
        $file = Join-Path $TestDrive changing
        Copy-Item $Api.KubeConfig $file
        $run = Invoke-Script {
            (Get-CapiCluster dev-cluster -KubeConfig $File).Context
            (Get-Content $File) -replace 'current-context: admin', 'current-context: reader' | Set-Content $File
            (Get-Item $File).LastWriteTimeUtc = [datetime]::UtcNow.AddSeconds(5)
            (Get-CapiCluster dev-cluster -KubeConfig $File).Context
        } -Variables @{ File = $file }
        $run.Output | Should -Be 'admin', 'reader'
    }

    It 'reads several files of $env:KUBECONFIG' {
        $first = Join-Path $TestDrive first
        "apiVersion: v1`nkind: Config`ncurrent-context: reader" | Set-Content $first
        $env:KUBECONFIG = $first, $Api.KubeConfig -join [IO.Path]::PathSeparator
        try {
            (Invoke-Script { (Get-CapiCluster dev-cluster).Context }).Output | Should -Be 'reader'
        }
        finally {
            $env:KUBECONFIG = $Api.KubeConfig
        }
    }
}

Describe 'A thing of another management cluster' {
    BeforeEach {
        Skip-WithoutApiServer $Api
        if (-not $Api.Reason) {
            $Marks = (Get-ApiRequestMark $Api), (Get-ApiRequestMark $Bare)
        }
    }

    AfterEach {
        if (-not $Api.Reason) {
            Get-ApiWrite $Api $Marks[0] | Should -BeNullOrEmpty
            Get-ApiWrite $Bare $Marks[1] | Should -BeNullOrEmpty
        }
    }

    It 'is never scaled' {
        $problem = Get-Failure { Get-CapiMachineDeployment target -Namespace $Space | Set-CapiMachineDeploymentScale -Replicas 4 -KubeConfig $Bare.KubeConfig }
        Assert-Problem $problem WrongManagementCluster -Command Set-CapiMachineDeploymentScale -Category InvalidOperation -Target "$Space/target"
        # Both kubeconfigs call their context admin, so that only the connection tells them apart.
        $problem.ErrorDetails.RecommendedAction | Should -Match '-Connection'
    }

    It 'is not scaled through a connection either, and a default made later does not take it' {
        $deployment = Get-CapiMachineDeployment target -Namespace $Space
        $run = Invoke-Script {
            $WarningPreference = 'SilentlyContinue'
            $null = Connect-CapiManagementCluster -KubeConfig $File
            $Deployment | Set-CapiMachineDeploymentScale -Replicas 4
        } -Variables @{ File = $Bare.KubeConfig; Deployment = $deployment }
        Assert-Problem @($run.Errors) WrongManagementCluster -Command Set-CapiMachineDeploymentScale -Category InvalidOperation
    }

    It 'is not waited for' {
        $problem = Get-Failure { Get-CapiMachineDeployment target -Namespace $Space | Wait-CapiMachineDeployment -KubeConfig $Bare.KubeConfig }
        Assert-Problem $problem WrongManagementCluster -Command Wait-CapiMachineDeployment -Category InvalidOperation
    }

    It 'is not asked for its machines' {
        $problem = Get-Failure { Get-CapiCluster dev-cluster | Get-CapiMachine -KubeConfig $Bare.KubeConfig }
        Assert-Problem $problem WrongManagementCluster -Command Get-CapiMachine -Category InvalidOperation -Target 'default/dev-cluster'
    }

    It 'may be used through another context of the same one' {
        $problems = Get-Failure { Get-CapiMachineDeployment target -Namespace $Space -Context token | Wait-CapiMachineDeployment -Context reader }
        $problems | Should -BeNullOrEmpty
    }
}

Describe 'Completion of -Context' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'offers the contexts of the kubeconfig, without a request' {
        $mark = Get-ApiRequestMark $Api
        $line = 'Get-CapiCluster -Context '
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'admin', 'token', 'reader', 'nobody', 'wrong-token', 'refused', 'untrusted'
        $line = 'Connect-CapiManagementCluster re'
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'reader', 'refused'
        Get-ApiRequest $Api $mark | Should -BeNullOrEmpty
    }

    It 'offers those of the -KubeConfig that was typed, quoted where they need it' {
        $file = Join-Path $TestDrive named
        "{contexts: [{name: 'with space'}, {name: plain}]}" | Set-Content $file
        $line = "Get-CapiMachine -KubeConfig '$file' -Context "
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be "'with space'", 'plain'
    }

    It 'takes a relative -KubeConfig from where PowerShell stands' {
        "{contexts: [{name: nearby}]}" | Set-Content (Join-Path $TestDrive relative)
        Push-Location $TestDrive
        try {
            $line = 'Get-CapiMachine -KubeConfig ./relative -Context '
            (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Be 'nearby'
        }
        finally {
            Pop-Location
        }
    }

    It 'is silent where the kubeconfig is not there' {
        $line = 'Get-CapiMachine -KubeConfig /not/there -Context '
        (TabExpansion2 $line $line.Length).CompletionMatches.ResultType | Should -Not -Contain 'ParameterValue'
    }
}
