using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Benchmarks;

/// <summary>
/// Machines as a real server stores them: the first is written through it by several field managers, as Cluster API's controllers do, so that managedFields
/// are the server's own; the others are copies in its etcd, since the server would take minutes for them. Names, addresses, identities and times differ from
/// Machine to Machine; what a MachineSet gives to its Machines is shared by a hundred of them.
/// </summary>
internal sealed partial class Fleet(ApiServer server)
{
    /// <summary>All namespaces.</summary>
    public const string Everywhere = "*";

    private const string SampleName = "dev-cluster-md-0-x7k2p-9ftzd";
    private const string SetId = "00000000-0000-4000-8000-";
    private const string BootId = "2f0f3d0e-6d6a-4b60-9d5d-";
    private const int PerCluster = 100;
    private static readonly string Prototype = NameOf(0);
    private const int ClusterNameLength = 11; // cluster-000
    private static readonly DateTimeOffset Birth = new(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);
    private static readonly string[] OldConditions = ["Ready", "BootstrapReady", "HealthCheckSucceeded", "InfrastructureReady", "NodeHealthy"];

    public static string PathOf(string ns) =>
        ns == Everywhere ? "/apis/cluster.x-k8s.io/v1beta2/machines" : $"/apis/cluster.x-k8s.io/v1beta2/namespaces/{ns}/machines";

    public static string NameOf(int number) => $"cluster-{number / PerCluster:000}-md-0-x7k2p-{number:00000}";

    /// <summary>Puts Machines into a new namespace and gives its name.</summary>
    public async Task<string> CreateAsync(int count)
    {
        string ns = await server.CreateNamespaceAsync(CancellationToken.None);
        await WritePrototypeAsync(ns);
        using HttpClient etcd = new() { BaseAddress = new($"http://127.0.0.1:{server.Port + 1}") };
        (string key, string prototype) = await StoredAsync(etcd, $"/machines/{ns}/{Prototype}");
        await Parallel.ForEachAsync(Enumerable.Range(1, count - 1).Chunk(100), async (numbers, token) =>
        {
            JsonArray puts = [.. numbers.Select(number => new JsonObject
            {
                ["requestPut"] = new JsonObject { ["key"] = Encode(key.Replace(Prototype, NameOf(number), StringComparison.Ordinal)), ["value"] = Encode(CopyOf(prototype, number)) },
            })];
            await AskAsync(etcd, "/v3/kv/txn", new() { ["success"] = puts }, token);
        });
        return ns;
    }

    /// <summary>Bytes of the list's answer, a Machine.</summary>
    public async Task<long> SizeAsync(string ns)
    {
        (_, string body) = await server.Raw.SendAsync(HttpMethod.Get, PathOf(ns) + "?limit=500");
        return body.Length / 500;
    }

    private async Task WritePrototypeAsync(string ns)
    {
        JsonObject machine = JsonNode.Parse(RealParts.Sample($"07-machine-{SampleName}.json")
            .Replace(SampleName, Prototype, StringComparison.Ordinal)
            .Replace("dev-cluster", Prototype[..ClusterNameLength], StringComparison.Ordinal)
            .Replace("172.18.0.5", "10.0.0.0", StringComparison.Ordinal))!.AsObject();
        JsonObject metadata = machine["metadata"]!.AsObject();
        metadata["namespace"] = ns;
        metadata["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "cluster.x-k8s.io/v1beta2",
            ["kind"] = "MachineSet",
            ["name"] = Prototype[..Prototype.LastIndexOf('-')],
            ["uid"] = SetId + "000000000000",
            ["controller"] = true,
            ["blockOwnerDeletion"] = true,
        });
        JsonObject status = machine["status"]!.AsObject();
        machine.Remove("status");
        Date(status);

        string path = $"{PathOf(ns)}/{Prototype}";
        await ApplyAsync(path, machine, "capi-machineset");
        machine.Remove("spec");
        await ApplyAsync(path, machine, "capi-machineset-metadata");
        await SendAsync(path + "/status?fieldManager=manager", new() { ["status"] = status.DeepClone() }, "application/merge-patch+json");
        machine["status"] = status;
        foreach (string manager in (string[])["capi-machine", "capi-machinehealthcheck", "capi-kubeadmcontrolplane"])
        {
            await ApplyAsync(path + "/status", machine, manager);
        }
    }

    /// <summary>Each condition came true at a time of its own; each machine has identities of its own.</summary>
    private static void Date(JsonObject status)
    {
        DateTimeOffset time = Birth;
        string Next() => Show(time = time.AddSeconds(3));
        foreach (JsonNode? condition in status["conditions"]!.AsArray())
        {
            condition!["lastTransitionTime"] = Next();
        }

        status["deprecated"] = new JsonObject
        {
            ["v1beta1"] = new JsonObject
            {
                ["conditions"] = new JsonArray([.. OldConditions.Select(type => new JsonObject { ["type"] = type, ["status"] = "True", ["lastTransitionTime"] = Next() })]),
            },
        };
        status["lastUpdated"] = Next();
        status["nodeInfo"]!["bootID"] = BootId + "000000000000";
    }

    private static string CopyOf(string prototype, int number)
    {
        string name = NameOf(number);
        string copy = prototype
            .Replace(Prototype, name, StringComparison.Ordinal)
            .Replace(Prototype[..ClusterNameLength], name[..ClusterNameLength], StringComparison.Ordinal)
            .Replace("10.0.0.0", $"10.{number >> 16}.{(number >> 8) & 255}.{number & 255}", StringComparison.Ordinal)
            .Replace(SetId + "000000000000", $"{SetId}{number / PerCluster:000000000000}", StringComparison.Ordinal)
            .Replace(BootId + "000000000000", $"{BootId}{number:000000000000}", StringComparison.Ordinal);
        copy = StatusTime().Replace(copy, time => Show(DateTimeOffset.Parse(time.Value, CultureInfo.InvariantCulture).AddSeconds(7 * number)));
        return OwnId().Replace(copy, Guid.NewGuid().ToString(), 1);
    }

    private static string Show(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string Encode(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Decode(JsonNode? text) => Encoding.UTF8.GetString(Convert.FromBase64String(text!.GetValue<string>()));

    /// <summary>What etcd holds under the key that ends so; where it begins depends on the server.</summary>
    private static async Task<(string Key, string Value)> StoredAsync(HttpClient etcd, string end)
    {
        JsonNode all = await AskAsync(etcd, "/v3/kv/range", new() { ["key"] = "AA==", ["range_end"] = "AA==", ["keys_only"] = true }, CancellationToken.None);
        string key = all["kvs"]!.AsArray().Select(entry => Decode(entry!["key"])).Single(key => key.EndsWith(end, StringComparison.Ordinal));
        JsonNode found = await AskAsync(etcd, "/v3/kv/range", new() { ["key"] = Encode(key) }, CancellationToken.None);
        return (key, Decode(found["kvs"]![0]!["value"]));
    }

    private static async Task<JsonNode> AskAsync(HttpClient etcd, string path, JsonObject question, CancellationToken cancellationToken)
    {
        using StringContent content = new(question.ToJsonString());
        using HttpResponseMessage response = await etcd.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken);
        return JsonNode.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellationToken))!;
    }

    private Task ApplyAsync(string path, JsonObject body, string manager) => SendAsync($"{path}?fieldManager={manager}&force=true", body, "application/apply-patch+yaml");

    private async Task SendAsync(string path, JsonObject body, string contentType)
    {
        (int status, string answer) = await server.Raw.SendAsync(HttpMethod.Patch, path, body, contentType);
        if (status is not (200 or 201))
        {
            throw new InvalidOperationException($"PATCH {path} answered {status}: {answer}");
        }
    }

    /// <summary>A time of the status; those of managedFields are of today.</summary>
    [GeneratedRegex("2026-11-20T09:0[0-9]:[0-9]{2}Z")]
    private static partial Regex StatusTime();

    /// <summary>The identity of the Machine itself, which the server made up: of the fourth version, with a random first part.</summary>
    [GeneratedRegex("(?<=\"uid\":\")(?!00000000-)[0-9a-f-]{36}(?=\")")]
    private static partial Regex OwnId();
}
