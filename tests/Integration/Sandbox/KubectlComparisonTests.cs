using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Tests.Integration.Sandbox;

/// <summary>The same kubectl commands on a real server and on the sandbox's, which hold the same objects.</summary>
[Collection<OnTwinServers>]
public sealed partial class KubectlComparisonTests : ServerTest
{
    /// <summary>Ages may differ where a second begins between the two commands: then both are asked again.</summary>
    private const int Attempts = 5;

    private readonly TwinServers _twins;

    public KubectlComparisonTests(TwinServers twins)
        : base(twins) => _twins = twins;

    public static TheoryData<string> Kinds => [.. TwinServers.Copied.Where(kind => kind.Custom).Select(kind => kind.QualifiedName)];

    public static TheoryData<string> Groups => [.. TwinServers.Copied.Where(kind => kind.Custom).Select(kind => kind.Group).Distinct()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public Task A_kind_is_listed_alike(string kind) => AlikeAsync($"get {kind}", $"get {kind} -A -o wide", $"get {kind} -o yaml");

    [Theory]
    [MemberData(nameof(Groups))]
    public Task A_group_is_discovered_alike(string group) => AlikeAsync($"api-resources --api-group={group} --output=wide", $"api-resources --api-group={group} -o name");

    [Theory]
    [InlineData("get cl,md,ms,ma,kcp,hcp,hrp,mhc,mp,cc,kmc")]
    [InlineData("get clusters,machines,helmreleaseproxy")]
    [InlineData("get cluster-api")]
    [InlineData("get cluster-api -A -o name")]
    [InlineData("get clusters.cluster.x-k8s.io,clusters.k0smotron.io")]
    [InlineData("get clusters.v1beta1.cluster.x-k8s.io")]
    [InlineData("get machinedeployments.v1beta2.cluster.x-k8s.io --show-kind")]
    [InlineData("get cluster dev-cluster k0s-demo-cluster")]
    [InlineData("get cluster/dev-cluster machinedeployment/dev-cluster-md-0")]
    [InlineData("get machine -l cluster.x-k8s.io/cluster-name=dev-cluster")]
    [InlineData("get ma -l 'cluster.x-k8s.io/cluster-name=dev-cluster,!cluster.x-k8s.io/control-plane'")]
    [InlineData("get ma -l 'cluster.x-k8s.io/cluster-name in (dev-cluster,nope)' --show-labels")]
    [InlineData("get ma -l cluster.x-k8s.io/control-plane -L cluster.x-k8s.io/cluster-name --no-headers")]
    [InlineData("get ma --selector a=b=c")]
    [InlineData("get ma --selector 'a!=b' --sort-by=.metadata.creationTimestamp")]
    [InlineData("get ma --sort-by=.metadata.name -o name")]
    [InlineData("get ma '--sort-by={.status.nodeRef.name}' -o custom-columns=NAME:.metadata.name,PHASE:.status.phase,NOTHING:.status.nothing")]
    [InlineData("get md --field-selector metadata.name=dev-cluster-md-0")]
    [InlineData("get md -A --field-selector 'metadata.namespace!=default'")]
    [InlineData("get md --field-selector spec.replicas=2")]
    [InlineData("get secrets --field-selector type=cluster.x-k8s.io/secret -o name")]
    [InlineData("get secret dev-cluster-kubeconfig -o 'jsonpath={.data.value}'")]
    [InlineData("get cl -o 'jsonpath={.items[*].metadata.name}'")]
    [InlineData("""get cl -o 'jsonpath={range .items[*]}{.metadata.name}{"\t"}{.status.conditions[?(@.type=="Available")].status}{"\n"}{end}'""")]
    [InlineData("get cl dev-cluster -o 'jsonpath={.status.phase}'")]
    [InlineData("get cl dev-cluster -o json")]
    [InlineData("get cl,md -o json")]
    [InlineData("get md --chunk-size=1")]
    [InlineData("get md --ignore-not-found nope")]
    [InlineData("get md nope")]
    [InlineData("get md nope dev-cluster-md-0")]
    [InlineData("get md.v9.cluster.x-k8s.io")]
    [InlineData("get md -n nope")]
    [InlineData("get nope")]
    [InlineData("get md,nope")]
    [InlineData("get md -o 'jsonpath={.items[0].spec.nope}'")]
    [InlineData("get md dev-cluster-md-0 --subresource=scale")]
    [InlineData("get md dev-cluster-md-0 --subresource=status -o name")]
    [InlineData("get machine --subresource=scale nope")]
    [InlineData("get --raw /apis/cluster.x-k8s.io")]
    [InlineData("get --raw /apis/cluster.x-k8s.io/v1beta2/nope")]
    [InlineData("get --raw /apis/nope/v1")]
    [InlineData("get --raw /livez")]
    [InlineData("describe cluster dev-cluster")]
    [InlineData("describe cluster k0s-demo-cluster")]
    [InlineData("describe md")]
    [InlineData("describe machine -l cluster.x-k8s.io/control-plane")]
    [InlineData("describe kcp,hcp,hrp")]
    [InlineData("describe md nope")]
    [InlineData("events --for cluster/dev-cluster")]
    [InlineData("get events --field-selector involvedObject.kind=Machine -o name")]
    [InlineData("get events --sort-by=.lastTimestamp")]
    [InlineData("wait cluster --all --for=condition=Available --timeout=1s")]
    [InlineData("wait cluster/dev-cluster --for=condition=Deleting --timeout=100ms")]
    [InlineData("wait cluster/dev-cluster '--for=jsonpath={.status.phase}=Provisioned' --timeout=1s")]
    [InlineData("wait cluster/nope --for=condition=Available --timeout=1s")]
    [InlineData("wait cluster/nope --for=delete --timeout=1s")]
    [InlineData("auth can-i delete clusters")]
    public Task A_question_is_answered_alike(string command) => AlikeAsync(command);

    [Theory]
    [InlineData("scale md nope --replicas=3")]
    [InlineData("scale machine --all --replicas=3")]
    [InlineData("scale md dev-cluster-md-0 --current-replicas=9 --replicas=3")]
    [InlineData("scale md dev-cluster-md-0 --replicas=3 --dry-run=server")]
    [InlineData("scale md dev-cluster-md-0 --replicas=-1")]
    [InlineData("scale md --all --replicas=2")]
    [InlineData("scale md -l nope=nope --replicas=2")]
    [InlineData("patch cluster nope --type=merge -p '{}'")]
    [InlineData("patch cluster dev-cluster --type=merge -p '{}'")]
    [InlineData("patch cluster dev-cluster -p '{}'")]
    [InlineData("""patch cluster dev-cluster --type=merge -p '{"metadata":{"labels":{"a/b/c":"d"}}}' --dry-run=server""")]
    [InlineData("""patch cluster dev-cluster --type=merge -p '{"metadata":{"name":"other"}}' --dry-run=server""")]
    [InlineData("""patch cluster dev-cluster --type=json -p '[{"op":"test","path":"/spec","value":1}]'""")]
    [InlineData("""patch cluster dev-cluster --type=json -p '[{"op":"remove","path":"/spec/nope"}]'""")]
    [InlineData("""patch cluster dev-cluster --type=json -p '[{"op":"add","path":"/metadata/labels/a","value":"b"}]' --dry-run=server -o 'jsonpath={.metadata.labels}'""")]
    [InlineData("label cluster dev-cluster a=b --dry-run=server")]
    [InlineData("label cluster dev-cluster environment=other")]
    [InlineData("label cluster dev-cluster a/b/c=d")]
    [InlineData("""patch cluster dev-cluster --type=merge -p '{"metadata":{"labels":{"a b":"c d"},"annotations":{"A_/x":"b"}}}'""")]
    [InlineData("label cluster --all nope-")]
    [InlineData("annotate md dev-cluster-md-0 a=b --dry-run=server")]
    [InlineData("annotate md nope a=b")]
    [InlineData("delete cluster nope")]
    [InlineData("delete cluster nope --ignore-not-found")]
    [InlineData("delete nope nope")]
    [InlineData("delete cluster dev-cluster --dry-run=server")]
    [InlineData("delete hcp --all --dry-run=server")]
    [InlineData("delete md -l nope=nope")]
    [InlineData("create namespace default")]
    [InlineData("create namespace Nope")]
    public Task A_write_is_answered_alike(string command) => AlikeAsync(command);

    [Theory]
    [InlineData("create -f -", """{"apiVersion":"cluster.x-k8s.io/v1beta2","kind":"Cluster","metadata":{"name":"dev-cluster"},"spec":{"clusterNetwork":{"serviceDomain":"a"}}}""")]
    [InlineData("create -f -", """{"apiVersion":"cluster.x-k8s.io/v1beta2","kind":"Cluster","metadata":{"name":"Nope_"},"spec":{"clusterNetwork":{"serviceDomain":"a"}}}""")]
    [InlineData("create -f -", """{"apiVersion":"cluster.x-k8s.io/v9","kind":"Cluster","metadata":{"name":"a"}}""")]
    [InlineData("create -f -", """{"apiVersion":"cluster.x-k8s.io/v1beta2","kind":"Nope","metadata":{"name":"a"}}""")]
    [InlineData("create -f -", """{"apiVersion":"cluster.x-k8s.io/v1beta2","kind":"Machine","metadata":{"name":"a","namespace":"nope"},"spec":{"clusterName":"a","bootstrap":{"dataSecretName":"a"},"infrastructureRef":{"apiGroup":"a.b","kind":"A","name":"a"}}}""")]
    [InlineData("apply -f - --dry-run=server", """{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta2","kind":"DockerCluster","metadata":{"name":"new"}}""")]
    [InlineData("apply -f - --dry-run=server --server-side", """{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta2","kind":"DevCluster","metadata":{"name":"new"},"spec":{"backend":{"docker":{}}}}""")]
    [InlineData("delete -f -", """{"apiVersion":"cluster.x-k8s.io/v1beta2","kind":"Cluster","metadata":{"name":"nope"}}""")]
    public Task A_manifest_is_answered_alike(string command, string manifest) => AlikeAsync(command, manifest);

    /// <summary>Every field is known and nothing is filled in: what the sandbox's controllers make is what the real definitions would store.</summary>
    [Fact]
    public async Task The_real_server_stores_the_sandboxs_objects_as_they_are()
    {
        List<string> differences = [];
        foreach (StoredObject original in _twins.Originals.Where(item => item.Resource.Custom))
        {
            (int code, string stored) = await Server.Raw.SendAsync(HttpMethod.Get, TwinServers.Path(original), cancellationToken: Token);
            if (code == 200)
                differences.AddRange(Differences(original.ToString(), Bare(original.ToJson()), Bare(JsonNode.Parse(stored)!.AsObject())));
        }

        _twins.Originals.Count.ShouldBeGreaterThan(50);
        _twins.Refusals.ShouldBeEmpty();
        differences.ShouldBeEmpty();
    }

    /// <summary>Names, versions, subresources and columns.</summary>
    [Fact]
    public async Task Definitions_are_those_that_are_published()
    {
        JsonObject definitions = await Server.Raw.GetAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", Token);
        List<string> differences = [];
        foreach (JsonNode? published in definitions.Items("items")!)
        {
            string name = published.Text("metadata", "name")!;
            JsonObject? ours = TwinServers.Copied.FirstOrDefault(kind => kind.QualifiedName == name) is { } kind ? DefinitionObjects.Describe(kind, default) : null;
            differences.AddRange(Differences(name, Summary(ours), Summary(published)));
        }

        definitions.Items("items")!.Count.ShouldBeGreaterThan(40);
        differences.ShouldBeEmpty();
    }

    private static JsonObject? Summary(JsonNode? definition)
    {
        if (definition.Child("spec") is not { } spec)
            return null;
        JsonArray versions = [.. spec.Items("versions")!.Select(version => new JsonObject
        {
            ["name"] = version.Text("name"),
            ["served"] = version.Flag("served"),
            ["storage"] = version.Flag("storage"),
            ["deprecated"] = version.Flag("deprecated") ?? false,
            ["subresources"] = version.Child("subresources")?.DeepClone() ?? new JsonObject(),
            ["columns"] = new JsonArray([.. (version.Items("additionalPrinterColumns") ?? []).Select(column =>
                JsonValue.Create($"{column.Text("name")} {column.Text("type")} {column.Number("priority") ?? 0} {column.Text("jsonPath")!.Replace('\'', '"')}"))]),
        })];
        return new() { ["group"] = spec.Text("group"), ["scope"] = spec.Text("scope"), ["names"] = spec["names"]!.DeepClone(), ["versions"] = versions };
    }

    private static JsonObject Bare(JsonObject item)
    {
        foreach (string field in (string[])["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"])
            item["metadata"]!.AsObject().Remove(field);
        foreach (JsonNode? owner in item.Items("metadata", "ownerReferences") ?? [])
            owner!.AsObject().Remove("uid");
        return item;
    }

    private static IEnumerable<string> Differences(string path, JsonNode? ours, JsonNode? theirs)
    {
        switch (ours, theirs)
        {
            case (JsonObject a, JsonObject b):
                return a.Select(field => field.Key).Union(b.Select(field => field.Key)).SelectMany(field => Differences($"{path}.{field}", a[field], b[field]));
            case (JsonArray a, JsonArray b) when a.Count == b.Count:
                return a.Zip(b).SelectMany((pair, at) => Differences($"{path}[{at}]", pair.First, pair.Second));
            default:
                return JsonNode.DeepEquals(ours, theirs) ? [] : [$"{path}: {ours?.ToJsonString() ?? "nothing"} in the sandbox, {theirs?.ToJsonString() ?? "nothing"} on the real server"];
        }
    }

    private async Task AlikeAsync(params string[] commands)
    {
        foreach (string command in commands)
            await AlikeAsync(command, "");
    }

    private async Task AlikeAsync(string command, string input)
    {
        string cache = Path.Combine(Server.Folder, "cache");
        for (int attempt = 1; ; attempt++)
        {
            Task<ProgramResult> asking = new Kubectl(_twins.Sandbox, cache).ScriptAsync($"kubectl {command}", input);
            ProgramResult theirs = Masked(await new Kubectl(Server.Admin, cache).ScriptAsync($"kubectl {command}", input)), ours = Masked(await asking);
            if (attempt < Attempts && ours != theirs)
                continue;
            (ours.Error, ours.Output, ours.ExitCode).ShouldBe((theirs.Error, theirs.Output, theirs.ExitCode), command);
            return;
        }
    }

    /// <summary>Also of the newline that a real server puts after every document: only <c>get --raw</c> shows it.</summary>
    private ProgramResult Masked(ProgramResult result) => result with { Output = Masked(result.Output).TrimEnd('\n'), Error = Masked(result.Error) };

    private string Masked(string text) =>
        Version().Replace(_twins.Addresses.Aggregate(text, (masked, address) => masked.Replace(address, "<address>", StringComparison.Ordinal)), "$1<version>");

    /// <summary>Versions of objects, which each server counts for itself.</summary>
    [GeneratedRegex("""(resource ?version"?: +"?)[0-9]+""", RegexOptions.IgnoreCase)]
    private static partial Regex Version();
}
