using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>A real Kubernetes API server with its etcd, on free loopback ports, in a folder of its own; gone when disposed of.</summary>
public sealed partial class ApiServer : IAsyncDisposable
{
    private static readonly Lock PortLock = new();
    private static readonly HashSet<int> PortsTaken = [];
    private static readonly ConcurrentDictionary<int, string> Running = new();

    private readonly int _etcd;
    private readonly int? _controllers;
    private int _apiserver;
    private string[]? _commandLine;

    static ApiServer() => AppDomain.CurrentDomain.ProcessExit += (_, _) => KillAll(); // where the run is interrupted

    private ApiServer(string folder, int port, int etcd, int apiserver, int? controllers)
    {
        Folder = folder;
        Port = port;
        _etcd = etcd;
        _apiserver = apiserver;
        _controllers = controllers;
        Raw = new(Address, Pki);
        Audit = new(Path.Combine(folder, "audit.log"), (path, token) => Raw.GetAsync(path, token));
    }

    public string Folder { get; }

    public int Port { get; }

    public Uri Address => new($"https://127.0.0.1:{Port}");

    public string Pki => Path.Combine(Folder, "pki");

    /// <summary>A client certificate that may do anything.</summary>
    public string Admin => Path.Combine(Folder, "kubeconfig");

    /// <summary>A token that may do anything.</summary>
    public string AdminToken => Path.Combine(Folder, "kubeconfig-admin-token");

    /// <summary>A client certificate that may only read.</summary>
    public string Reader => Path.Combine(Folder, "kubeconfig-reader");

    /// <summary>A token that may nothing but discover.</summary>
    public string Nobody => Path.Combine(Folder, "kubeconfig-nobody");

    public RawApi Raw { get; private set; }

    public AuditLog Audit { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="old">Whether it is to be Kubernetes 1.20, complete and with some of its controllers, and not the newest.</param>
    public static async Task<ApiServer> StartAsync(bool old = false)
    {
        await (old ? RealParts.EnsureOldServerAsync() : RealParts.EnsureServerAsync());
        for (int attempt = 1; ; attempt++)
        {
            int port = TakePorts();
            string folder = Directory.CreateTempSubdirectory("capi-integration-").FullName;
            try
            {
                string output = await RealParts.RunScriptAsync(
                    "start-apiserver.sh", [port.ToString(CultureInfo.InvariantCulture), Path.Combine(folder, "kubeconfig"), folder], TimeSpan.FromMinutes(2),
                    new Dictionary<string, string> { ["SERVER"] = old ? "kube-1.20" : "crdserver" });
                Match pids = Pids().Match(output);
                int etcd = int.Parse(pids.Groups[1].Value, CultureInfo.InvariantCulture);
                int apiserver = int.Parse(pids.Groups[2].Value, CultureInfo.InvariantCulture);
                int? controllers = pids.Groups[3].Success ? int.Parse(pids.Groups[3].Value, CultureInfo.InvariantCulture) : null;
                Running[etcd] = Running[apiserver] = Running[controllers ?? etcd] = folder;
                ApiServer server = new(folder, port, etcd, apiserver, controllers);
                foreach (string kubeconfig in (string[])[server.Admin, server.AdminToken, server.Reader, server.Nobody])
                {
                    Secrets.LearnFrom(kubeconfig);
                }

                return server;
            }
            catch (InvalidOperationException) when (attempt < 3)
            {
                Directory.Delete(folder, recursive: true); // somebody else took the ports in between
            }
        }
    }

    public Task<ProgramResult> KubectlAsync(params string[] arguments) =>
        RealParts.RunAsync("kubectl", arguments, TimeSpan.FromMinutes(1), new Dictionary<string, string> { ["KUBECONFIG"] = Admin });

    public async Task<JsonNode> KubectlJsonAsync(params string[] arguments) => JsonNode.Parse((await KubectlAsync([.. arguments, "-o", "json"])).EnsureSuccess())!;

    /// <summary>A kubeconfig like one of the script's, but changed.</summary>
    public string Derive(string kubeconfig, Func<string, string> change)
    {
        string path = Path.Combine(Folder, "kubeconfig-" + Guid.NewGuid().ToString("N"));
        File.WriteAllText(path, change(File.ReadAllText(kubeconfig)));
        Secrets.LearnFrom(path);
        return path;
    }

    /// <summary>The same kubeconfig, but the server is reached at another address.</summary>
    public string Redirect(string kubeconfig, Uri address) => Derive(kubeconfig, text => text.Replace(Address.GetLeftPart(UriPartial.Authority), address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal));

    /// <summary>A namespace for one test alone.</summary>
    public async Task<string> CreateNamespaceAsync(CancellationToken cancellationToken)
    {
        string name = "t-" + Guid.NewGuid().ToString("N")[..10];
        await Raw.CreateAsync("/api/v1/namespaces", new() { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = name } }, cancellationToken);
        return name;
    }

    /// <summary>Ends the API server as a crash does (KILL) or as an upgrade does (TERM). Its data stays.</summary>
    public async Task StopServerAsync(string signal, CancellationToken cancellationToken)
    {
        _commandLine ??= (await File.ReadAllTextAsync($"/proc/{_apiserver}/cmdline", cancellationToken)).TrimEnd('\0').Split('\0');
        await SignalAsync(_apiserver, signal, cancellationToken);
        Raw.Dispose();
    }

    /// <summary>Starts the API server again, on the same port and data, by the same command line and whatever is added to it for good.</summary>
    public async Task StartServerAsync(CancellationToken cancellationToken, params string[] added)
    {
        _commandLine = [.. _commandLine!, .. added];
        // The shell ends at once; the server lives on as those of the start script do.
        ProgramResult started = await RealParts.RunAsync(
            "bash", ["-c", "cd \"$1\"; shift; \"$@\" < /dev/null >> apiserver.log 2>&1 & echo $!", "relaunch", Folder, .. _commandLine], TimeSpan.FromSeconds(20));
        _apiserver = int.Parse(started.EnsureSuccess(), CultureInfo.InvariantCulture);
        Running[_apiserver] = Folder;
        Raw = new(Address, Pki);
        using CancellationTokenSource deadline = new(Eventually.Limit);
        while (!await Raw.IsReadyAsync(cancellationToken))
        {
            if (deadline.IsCancellationRequested || !IsAlive(_apiserver))
            {
                string[] log = await File.ReadAllLinesAsync(Path.Combine(Folder, "apiserver.log"), cancellationToken);
                throw new InvalidOperationException($"The API server did not come back:\n{string.Join('\n', log.TakeLast(15))}");
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    /// <summary>Makes etcd forget everything but the present. Its JSON gateway is the only way without etcdctl.</summary>
    public async Task CompactAsync(CancellationToken cancellationToken)
    {
        using HttpClient etcd = new() { BaseAddress = new($"http://127.0.0.1:{Port + 1}") };
        async Task<JsonNode> PostAsync(string path, string body)
        {
            using StringContent content = new(body);
            using HttpResponseMessage response = await etcd.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
            return JsonNode.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken))!;
        }

        JsonNode range = await PostAsync("/v3/kv/range", """{"key":"AA=="}""");
        await PostAsync("/v3/kv/compaction", $$"""{"revision":"{{range["header"]!["revision"]!.GetValue<string>()}}","physical":true}""");
    }

    public async ValueTask DisposeAsync()
    {
        Raw.Dispose();
        if (_controllers is int controllers)
        {
            await SignalAsync(controllers, "KILL", CancellationToken.None);
        }

        await SignalAsync(_apiserver, "KILL", CancellationToken.None);
        await SignalAsync(_etcd, "KILL", CancellationToken.None);
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task SignalAsync(int pid, string signal, CancellationToken cancellationToken)
    {
        await RealParts.RunAsync("kill", ["-" + signal, pid.ToString(CultureInfo.InvariantCulture)], TimeSpan.FromSeconds(20));
        await Eventually.TrueAsync(() => !IsAlive(pid), cancellationToken, $"process {pid} ended by {signal}");
        Running.TryRemove(pid, out _);
    }

    /// <summary>What nobody has reaped yet is dead, too, once its last thread has ended: only then are its ports free.</summary>
    private static bool IsAlive(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X') || Directory.GetDirectories($"/proc/{pid}/task").Length > 1;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void KillAll()
    {
        foreach ((int pid, string folder) in Running)
        {
            try
            {
                System.Diagnostics.Process.GetProcessById(pid).Kill();
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException)
            {
                // it is gone already
            }
        }
    }

    private static int TakePorts()
    {
        lock (PortLock)
        {
            while (true)
            {
                // below the range that the kernel hands out to clients
                int port = 22000 + (Random.Shared.Next(2000) * 4);
                if (!PortsTaken.Contains(port) && Enumerable.Range(port, 4).All(IsFree))
                {
                    PortsTaken.Add(port);
                    return port;
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using TcpListener listener = new(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [GeneratedRegex("etcd=([0-9]+) apiserver=([0-9]+)(?: controllers=([0-9]+))?")]
    private static partial Regex Pids();
}
