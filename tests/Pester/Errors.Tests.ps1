[Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Pester runs its blocks in one scope.')]
param()

BeforeAll {
    . (Join-Path $PSScriptRoot 'Suite.ps1')
    $Api = Use-RealApiServer

    # With one cluster, one user and one context, each in a line of its own.
    function Add-OneContext([string] $Cluster, [string] $User = '{}') {
        Add-KubeConfig (@(
                'current-context: c'
                "clusters: [{name: a, cluster: $Cluster}]"
                "users: [{name: u, user: $User}]"
                'contexts: [{name: c, context: {cluster: a, user: u}}]'
            ) -join "`n")
    }

    function Add-KubeConfig([string] $Text) {
        $file = Join-Path $TestDrive "config-$([guid]::NewGuid().ToString('n'))"
        Set-Content -LiteralPath $file -Value $Text
        $file
    }
}

Describe 'A kubeconfig' {
    It 'that is named and not there' {
        $problem = Get-Failure { Get-CapiCluster -KubeConfig (Join-Path $TestDrive nowhere) }
        Assert-Problem $problem KubeConfigNotFound -Command Get-CapiCluster -Category ObjectNotFound -Target (Join-Path $TestDrive nowhere)
        $problem.ToString() | Should -Match 'nowhere'
        $problem.ErrorDetails.RecommendedAction | Should -Match '-KubeConfig'
    }

    It 'that is nowhere' {
        $before = $env:KUBECONFIG
        $env:KUBECONFIG = Join-Path $TestDrive nowhere
        try {
            Assert-Problem @((Invoke-Script { Get-CapiCluster }).Errors) KubeConfigNotFound -Command Get-CapiCluster -Category ObjectNotFound
            Assert-Problem @((Invoke-Script { Connect-CapiManagementCluster }).Errors) KubeConfigNotFound -Command Connect-CapiManagementCluster -Category ObjectNotFound
        }
        finally {
            $env:KUBECONFIG = $before
        }
    }

    It 'that cannot be read' {
        $file = Add-KubeConfig 'kind: Config'
        # Root may read everything; but nobody may open what somebody else has locked.
        $lock = [IO.File]::Open($file, 'Open', 'ReadWrite', 'None')
        try {
            $problem = Get-Failure { Get-CapiCluster -KubeConfig $file }
        }
        finally {
            $lock.Dispose()
        }

        $problem.FullyQualifiedErrorId | Should -Match '^KubeConfig(NotFound|Invalid|Unreadable),'
        $problem.ToString() | Should -Match ([regex]::Escape($file))
        $problem.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'that is a folder' {
        (Get-Failure { Get-CapiCluster -KubeConfig $TestDrive }).FullyQualifiedErrorId | Should -Match '^KubeConfig(NotFound|Invalid),CapiWorkshop\.PowerShell\.Commands\.GetCapiClusterCommand$'
    }

    It 'that is malformed: file, line and field are named: <What>' -ForEach @(
        @{ What = 'no YAML'; Line = 2; Field = 'document'; Text = "kind: Config`nclusters: [a, b}`ncontexts: []" }
        @{ What = 'a tab'; Line = 3; Field = 'document'; Text = "kind: Config`nclusters:`n`t- name: a`n" }
        @{ What = 'a text'; Line = 1; Field = 'document'; Text = 'hello' }
        @{ What = 'contexts that are no list'; Line = 2; Field = 'contexts'; Text = "kind: Config`ncontexts: {a: b}" }
        @{ What = 'an entry without a name'; Line = 3; Field = 'clusters'; Text = "kind: Config`nclusters:`n- cluster: {server: 'https://x'}" }
        @{ What = 'an address that is none'; Line = 2; Field = 'server'
            Text = "current-context: c`nclusters: [{name: a, cluster: {server: 'not an address'}}]`ncontexts: [{name: c, context: {cluster: a}}]"
        }
        @{ What = 'no address'; Line = 2; Field = 'server'
            Text = "current-context: c`nclusters: [{name: a, cluster: {}}]`ncontexts: [{name: c, context: {cluster: a}}]"
        }
        @{ What = 'a context of a cluster that is not there'; Line = 3; Field = 'cluster'
            Text = "current-context: c`nclusters: []`ncontexts: [{name: c, context: {cluster: a}}]"
        }
        @{ What = 'authority data that are no base64'; Line = 3; Field = 'certificate-authority-data'
            Text = "current-context: c`nclusters:`n- {name: a, cluster: {server: 'https://127.0.0.1:1', certificate-authority-data: '***'}}`ncontexts: [{name: c, context: {cluster: a}}]"
        }
    ) {
        $file = Add-KubeConfig $Text
        $problem = Get-Failure { Get-CapiCluster -KubeConfig $file }
        Assert-Problem $problem KubeConfigInvalid -Command Get-CapiCluster -Category InvalidData -Target $file
        $problem.ToString() | Should -Match ([regex]::Escape($file))
        $problem.ToString() | Should -Match "line $Line\b"
        $problem.ToString() | Should -Match $Field
    }

    It 'whose certificate is no certificate' {
        $nonsense = [Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes('nonsense'))
        $file = Add-OneContext "{server: 'https://127.0.0.1:1'}" "{client-certificate-data: $nonsense, client-key-data: $nonsense}"
        Assert-Problem (Get-Failure { Get-CapiCluster -KubeConfig $file }) KubeConfigInvalid -Command Get-CapiCluster -Category InvalidData
    }

    It 'that asks for what cannot be done, instead of doing something else' {
        $file = Add-OneContext "{server: 'https://127.0.0.1:1'}" '{auth-provider: {name: gcp, config: {access-token: top-secret}}}'
        $problem = Get-Failure { Get-CapiCluster -KubeConfig $file }
        Assert-Problem $problem CredentialNotSupported -Command Get-CapiCluster -Category AuthenticationError
        $problem.ToString() | Should -Match '\bauth-provider\b'
        $problem.ToString() | Should -Not -Match 'top-secret'
        $problem.ErrorDetails.RecommendedAction | Should -Match 'gke-gcloud-auth-plugin'
    }

    It 'whose exec plugin is not there, with its own hint' {
        $file = Add-OneContext "{server: 'https://127.0.0.1:1'}" '{exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, interactiveMode: Never, installHint: get it}}'
        $problem = Get-Failure { Get-CapiCluster -KubeConfig $file }
        Assert-Problem $problem ExecPluginFailed -Command Get-CapiCluster -Category ObjectNotFound -Target u
        $problem.ErrorDetails.RecommendedAction | Should -Be 'get it'
    }

    It 'without a current context' {
        $file = Add-KubeConfig "clusters: []`ncontexts: [{name: one}, {name: two}]"
        $problem = Get-Failure { Get-CapiCluster -KubeConfig $file }
        Assert-Problem $problem ContextNotFound -Command Get-CapiCluster -Category ObjectNotFound
        $problem.ErrorDetails.RecommendedAction | Should -Match 'one, two'
    }

    It 'without the context that was named' {
        $file = Add-KubeConfig "contexts: [{name: one}, {name: two}]"
        $problem = Get-Failure { Get-CapiCluster -KubeConfig $file -Context three }
        Assert-Problem $problem ContextNotFound -Command Get-CapiCluster -Category ObjectNotFound -Target three
        $problem.ErrorDetails.RecommendedAction | Should -Match 'one, two'
    }

    It 'empty' {
        Assert-Problem (Get-Failure { Get-CapiCluster -KubeConfig (Add-KubeConfig '') }) ContextNotFound -Command Get-CapiCluster -Category ObjectNotFound
    }
}

Describe 'A server' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'at whose address nobody listens' {
        $problem = Get-Failure { Get-CapiCluster -Context refused }
        Assert-Problem $problem ConnectionRefused -Command Get-CapiCluster -Category ConnectionError
        $problem.ToString() | Should -Match "127\.0\.0\.1:$(([uri] $Api.ClosedAddress).Port)"
        Assert-Problem (Get-Failure { Connect-CapiManagementCluster refused }) ConnectionRefused -Command Connect-CapiManagementCluster -Category ConnectionError
    }

    It 'whose host is not known' {
        $file = Add-OneContext "{server: 'https://no-such-host.invalid'}"
        Assert-Problem (Get-Failure { Get-CapiCluster -KubeConfig $file }) HostNotFound -Command Get-CapiCluster -Category ConnectionError
    }

    It 'whose certificate is not trusted' {
        $problem = Get-Failure { Get-CapiCluster -Context untrusted }
        Assert-Problem $problem CertificateNotTrusted -Command Get-CapiCluster -Category SecurityError
        $problem.ErrorDetails.RecommendedAction | Should -Match 'certificate-authority-data'
    }

    It 'whose certificate is not trusted by the system' {
        $file = Add-OneContext "{server: '$($Api.Address)'}"
        Assert-Problem (Get-Failure { Get-CapiCluster -KubeConfig $file }) CertificateNotTrusted -Command Get-CapiCluster -Category SecurityError
    }

    It 'whose certificate is not to be checked is used with a warning' {
        $file = Add-OneContext "{server: '$($Api.Address)', insecure-skip-tls-verify: true}" '{token: nobody-knows}'
        $problem = Get-Failure { Get-CapiCluster -KubeConfig $file -WarningVariable script:warnings -WarningAction SilentlyContinue }
        Assert-Problem $problem ApiUnauthorized -Command Get-CapiCluster -Category AuthenticationError
        @($script:warnings).Count | Should -Be 1
        "$script:warnings" | Should -Match 'insecure-skip-tls-verify'
    }

    It 'that does not know who one is (401)' {
        $problem = Get-Failure { Get-CapiCluster -Context wrong-token }
        Assert-Problem $problem ApiUnauthorized -Command Get-CapiCluster -Category AuthenticationError
        $problem.ToString() | Should -Match 'wrong-token' -Because 'the context is named'
        $problem.ErrorDetails.RecommendedAction | Should -Match 'kubectl auth whoami'
        Assert-Problem (Get-Failure { Connect-CapiManagementCluster wrong-token }) ApiUnauthorized -Command Connect-CapiManagementCluster -Category AuthenticationError
    }

    It 'that forbids to read (403)' {
        $problem = Get-Failure { Get-CapiMachine -Context nobody }
        Assert-Problem $problem ApiForbidden -Command Get-CapiMachine -Category PermissionDenied
        $problem.ToString() | Should -Match 'list machines\.cluster\.x-k8s\.io'
        $problem.ErrorDetails.RecommendedAction | Should -Match 'kubectl auth can-i list machines\.cluster\.x-k8s\.io -n default --context nobody'
    }

    It 'that forbids to watch (403)' {
        Assert-Problem (Get-Failure { Watch-CapiMachine -Context nobody -Timeout 10 }) ApiForbidden -Command Watch-CapiMachine -Category PermissionDenied
        Assert-Problem (Get-Failure { Wait-CapiMachineDeployment x -For Deleted -Context nobody -Timeout 10 }) ApiForbidden -Command Wait-CapiMachineDeployment -Category PermissionDenied
    }

    It 'that forbids to write (403), with a way to find out that works' {
        $mark = Get-ApiRequestMark $Api
        $problem = Get-Failure { Set-CapiMachineDeploymentScale k0s-demo-cluster-md-0 4 -Context reader }
        Assert-Problem $problem ApiForbidden -Command Set-CapiMachineDeploymentScale -Category PermissionDenied -Target 'default/k0s-demo-cluster-md-0'
        $null = Wait-Until { (Get-ApiWrite $Api $mark).Code -eq 403 } 'one write, answered with 403'
        (Get-TestMachineDeployment $Api default k0s-demo-cluster-md-0).spec.replicas | Should -Be 2
        # kubectl takes what follows a slash for the name of an object
        $problem.ErrorDetails.RecommendedAction | Should -Match 'kubectl auth can-i patch machinedeployments\.cluster\.x-k8s\.io --subresource=scale'
    }

    It 'that forbids to write: the others of a pipeline are reported, too' {
        $problems = @(Get-Failure { Get-CapiMachineDeployment -Context reader | Set-CapiMachineDeploymentScale -Replicas 4 -Context reader })
        $problems.Count | Should -Be 2
        $problems.FullyQualifiedErrorId | Select-Object -Unique | Should -BeExactly 'ApiForbidden,CapiWorkshop.PowerShell.Commands.SetCapiMachineDeploymentScaleCommand'
    }

    It 'that has no Cluster API: <Command>' -ForEach @(
        @{ Command = 'Get-CapiCluster'; Script = { Get-CapiCluster -KubeConfig $File } }
        @{ Command = 'Get-CapiMachine'; Script = { Get-CapiMachine x -KubeConfig $File } }
        @{ Command = 'Get-CapiMachineDeployment'; Script = { Get-CapiMachineDeployment -AllNamespaces -KubeConfig $File } }
        @{ Command = 'Set-CapiMachineDeploymentScale'; Script = { Set-CapiMachineDeploymentScale x 4 -KubeConfig $File } }
        @{ Command = 'Wait-CapiMachineDeployment'; Script = { Wait-CapiMachineDeployment x -For Deleted -KubeConfig $File } }
        @{ Command = 'Watch-CapiMachine'; Script = { Watch-CapiMachine -Timeout 10 -KubeConfig $File } }
    ) {
        $bare = Get-RealApiServer -Content bare
        $mark = Get-ApiRequestMark $bare
        $File = $bare.KubeConfig
        $problem = Get-Failure $Script
        Assert-Problem $problem CapiNotInstalled -Command $Command -Category NotInstalled
        $problem.ErrorDetails.RecommendedAction | Should -Match 'clusterctl init'
        Get-ApiWrite $bare $mark | Should -BeNullOrEmpty
    }

    It 'that is no Kubernetes API' {
        $listener = [Net.HttpListener]::new()
        $port = 0
        foreach ($attempt in 1..20) {
            $port = Get-Random -Minimum 20000 -Maximum 30000
            $listener.Prefixes.Clear()
            $listener.Prefixes.Add("http://127.0.0.1:$port/")
            try { $listener.Start(); break } catch { $listener = [Net.HttpListener]::new() }
        }

        try {
            $file = Add-OneContext "{server: 'http://127.0.0.1:$port'}"
            $running = Start-Script { Get-CapiCluster -KubeConfig $File } -Variables @{ File = $file }
            $context = $listener.GetContextAsync().GetAwaiter().GetResult()
            $text = [Text.Encoding]::UTF8.GetBytes('<html>Welcome to the printer</html>')
            $context.Response.OutputStream.Write($text, 0, $text.Length)
            $context.Response.Close()
            Assert-Problem @((Wait-Script $running).Errors) ApiAnswerInvalid -Command Get-CapiCluster -Category InvalidData
        }
        finally {
            $listener.Close()
        }
    }
}

Describe 'A name that cannot be one' {
    BeforeEach { Skip-WithoutApiServer $Api }

    It 'stays a name in the request: <Name>' -ForEach @(@{ Name = '../secrets' }, @{ Name = 'a/b' }, @{ Name = 'a&watch=1' }, @{ Name = 'a%2Fb' }, @{ Name = 'a b' }) {
        $mark = Get-ApiRequestMark $Api
        $problem = Get-Failure { Get-CapiMachine $Name }
        @($problem).Count | Should -Be 1
        $problem.CategoryInfo.Category | Should -BeIn ObjectNotFound, InvalidArgument
        @(Get-ApiRequest $Api $mark).Uri | Where-Object { $_ -match '/secrets' -or $_ -match '[?&]watch=1' } | Should -BeNullOrEmpty
    }

    It 'empty is refused before anything is asked' {
        $mark = Get-ApiRequestMark $Api
        (Get-Failure { Get-CapiMachine '' }).FullyQualifiedErrorId | Should -BeExactly 'ParameterArgumentValidationError,CapiWorkshop.PowerShell.Commands.GetCapiMachineCommand'
        (Get-Failure { Get-CapiMachine -Namespace '' }).FullyQualifiedErrorId | Should -BeExactly 'ParameterArgumentValidationError,CapiWorkshop.PowerShell.Commands.GetCapiMachineCommand'
        Get-ApiRequest $Api $mark | Should -BeNullOrEmpty
    }

    It 'of a namespace that is not there is a name that is not there' {
        Assert-Problem (Get-Failure { Get-CapiMachine a -Namespace no-such }) MachineNotFound -Command Get-CapiMachine -Category ObjectNotFound -Target 'no-such/a'
    }
}
