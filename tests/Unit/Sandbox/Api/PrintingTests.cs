using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;

namespace CapiWorkshop.Tests.Unit.Sandbox.Api;

public class PrintingTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(-1, "0s")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(125, "2m5s")]
    [InlineData(600, "10m")]
    [InlineData(3 * 3600 - 1, "179m")]
    [InlineData(3 * 3600, "3h")]
    [InlineData(3 * 3600 + 60, "3h1m")]
    [InlineData(8 * 3600 + 60, "8h")]
    [InlineData(47 * 3600, "47h")]
    [InlineData(49 * 3600, "2d1h")]
    [InlineData(8 * 86400, "8d")]
    [InlineData(365 * 86400, "365d")]
    [InlineData(800 * 86400, "2y70d")]
    [InlineData(9 * 365 * 86400, "9y")]
    public void Ages_are_printed_as_kubectl_users_know_them(long seconds, string expected) =>
        HumanDuration.Format(TimeSpan.FromSeconds(seconds)).ShouldBe(expected);

    [Theory]
    [InlineData(".spec.clusterName", "dev")]
    [InlineData(@".metadata.labels['cluster\.x-k8s\.io/cluster-name']", "labelled")]
    [InlineData(".status.conditions[?(@.type==\"Ready\")].status", "True")]
    [InlineData(".status.conditions[?(@.type=='Ready')].reason", "Fine")]
    [InlineData(".status.conditions[?(@.type==\"Nope\")].status", null)]
    [InlineData(".status.conditions[1].type", "Ready")]
    [InlineData(".nothing.here", null)]
    public void Paths_of_columns_find_their_values(string path, string? expected)
    {
        JsonNode item = JsonNode.Parse("""
            {
              "metadata": { "labels": { "cluster.x-k8s.io/cluster-name": "labelled" } },
              "spec": { "clusterName": "dev" },
              "status": { "conditions": [ { "type": "Paused", "status": "False" }, { "type": "Ready", "status": "True", "reason": "Fine" } ] }
            }
            """)!;
        JsonPath.Parse(path).First(item)?.ToString().ShouldBe(expected);
    }

    [Fact]
    public void Two_columns_may_share_a_title()
    {
        IEnumerable<PrinterColumn> available = Kinds.MachineDeployment.Storage.Columns.Where(column => column.Name == "Available");
        available.Select(column => column.Type).ShouldBe(["string", "integer"]);
        available.Select(column => column.Cell(JsonNode.Parse("""
            { "status": { "availableReplicas": 2, "conditions": [ { "type": "Available", "status": "False" } ] } }
            """)!.AsObject(), Now)?.ToString()).ShouldBe(["False", "2"]);
    }

    [Theory]
    [InlineData("""{ "status": { "phase": "Running", "containerStatuses": [ { "ready": true, "restartCount": 0, "state": { "running": {} } } ] } }""", "1/1", "Running", "0")]
    [InlineData("""
        {
          "status": {
            "phase": "Running",
            "containerStatuses": [
              { "restartCount": 3, "state": { "waiting": { "reason": "CrashLoopBackOff" } }, "lastState": { "terminated": { "finishedAt": "2030-01-02T03:00:05Z" } } }
            ]
          }
        }
        """, "0/1", "CrashLoopBackOff", "3 (4m ago)")]
    [InlineData("""{ "status": { "phase": "Pending", "initContainerStatuses": [ { "state": { "running": {} } } ] } }""", "0/1", "Init:0/1", "0")]
    [InlineData("""{ "status": { "phase": "Succeeded", "containerStatuses": [ { "state": { "terminated": { "reason": "Completed" } } } ] } }""", "0/1", "Completed", "0")]
    [InlineData("""{ "metadata": { "deletionTimestamp": "2030-01-02T03:00:00Z" }, "status": { "phase": "Running" } }""", "0/1", "Terminating", "0")]
    public void Pods_say_what_their_containers_are_up_to(string text, string ready, string status, string restarts)
    {
        JsonObject pod = JsonNode.Parse(text)!.AsObject();
        pod["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "main" }) };
        Cells(Kinds.Pod, pod).Take(3).ShouldBe([ready, status, restarts]);
    }

    [Fact]
    public void Nodes_show_readiness_roles_and_version()
    {
        JsonObject node = JsonNode.Parse("""
            {
              "metadata": { "creationTimestamp": "2030-01-02T03:04:00Z", "labels": { "node-role.kubernetes.io/control-plane": "" } },
              "spec": { "unschedulable": true },
              "status": {
                "conditions": [ { "type": "Ready", "status": "True" } ], "nodeInfo": { "kubeletVersion": "v1.33.2" },
                "addresses": [ { "type": "InternalIP", "address": "10.0.0.1" } ]
              }
            }
            """)!.AsObject();
        Cells(Kinds.Node, node).Take(6).ShouldBe(["Ready,SchedulingDisabled", "control-plane", "5s", "v1.33.2", "10.0.0.1", "<none>"]);
    }

    [Fact]
    public void Every_kind_is_served_under_one_address_only()
    {
        ResourceCatalog catalog = ResourceCatalog.Management;
        catalog.Resources.Select(resource => resource.QualifiedName).ShouldBeUnique();
        catalog.Find("cluster.x-k8s.io", "machines").ShouldBeSameAs(Kinds.Machine);
        catalog.Resources.Where(resource => resource.Categories.Contains("cluster-api")).ShouldAllBe(resource => resource.Group.EndsWith("cluster.x-k8s.io"));
    }

    private static IEnumerable<string?> Cells(ResourceDefinition resource, JsonObject item) =>
        resource.Storage.Columns.Select(column => column.Cell(item, Now)?.ToString());
}
