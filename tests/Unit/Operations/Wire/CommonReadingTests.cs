using System.Text.Json.Nodes;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Wire;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Wire;

/// <summary>What the objects of all kinds have in common.</summary>
public sealed class CommonReadingTests
{
    private static readonly DateTimeOffset Created = new(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Metadata_is_read()
    {
        CapiCluster cluster = Reading.Cluster(Samples.ClusterV1Beta2);

        cluster.Uid.ShouldBe("c-1");
        cluster.ResourceVersion.ShouldBe("4711");
        cluster.Generation.ShouldBe(3);
        cluster.ObservedGeneration.ShouldBe(2);
        cluster.Labels.ShouldBe(new Dictionary<string, string> { ["env"] = "dev", ["empty"] = "" });
        cluster.Finalizers.ShouldBe(["cluster.cluster.x-k8s.io"]);
        cluster.Owners.ShouldBeEmpty();
        cluster.DeletionRequestedAt.ShouldBeNull();
        cluster.ToString().ShouldBe("team-a/dev-cluster");
    }

    [Fact]
    public void Every_object_carries_where_it_was_read()
    {
        CapiMachine machine = Reading.Machine(ObjectJson.Machine());

        machine.Context.ShouldBe("kind-capi");
        machine.ManagementClusterId.ShouldBe("mc-1");
        machine.ObservedAt.ShouldBe(Reading.Now);
    }

    [Fact]
    public void The_copy_that_kubectl_apply_keeps_is_dropped_and_other_annotations_stay() =>
        Reading.Cluster(Samples.ClusterV1Beta2).Annotations.ShouldBe(new Dictionary<string, string> { ["note"] = "ours" });

    [Fact]
    public void Fields_of_managedFields_are_not_mistaken_for_fields_of_the_object()
    {
        ObjectJson json = ObjectJson.Machine(name: "the-machine").Metadata("managedFields", JsonNode.Parse(
            """[{"name": "a", "uid": "b", "resourceVersion": "c", "labels": {"cluster.x-k8s.io/cluster-name": "d"}, "fieldsV1": {"name": {}, "deletionTimestamp": "2020-01-01T00:00:00Z"}}]"""));

        CapiMachine machine = Reading.Machine(json);

        machine.Name.ShouldBe("the-machine");
        machine.Uid.ShouldBe("uid-of-the-machine");
        machine.ResourceVersion.ShouldBe("100");
        machine.DeletionRequestedAt.ShouldBeNull();
    }

    [Fact]
    public void Times_are_told_in_UTC()
    {
        DateTimeOffset? created = Reading.Machine(ObjectJson.Machine().Metadata("creationTimestamp", "2026-11-20T10:00:00+01:00")).CreatedAt;

        created.ShouldBe(Created);
        created!.Value.Offset.ShouldBe(TimeSpan.Zero);
    }

    [Theory]
    [InlineData("2026-11-20T09:00:00.000000Z")]
    [InlineData("2026-11-20T09:00:00")]
    public void Other_spellings_of_a_time_are_understood(string time) =>
        Reading.Machine(ObjectJson.Machine().Metadata("creationTimestamp", time)).CreatedAt.ShouldBe(Created);

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("2026-13-45T99:00:00Z")]
    public void What_is_no_time_is_null_and_then_there_is_no_age(string time)
    {
        CapiMachine machine = Reading.Machine(ObjectJson.Machine().Metadata("creationTimestamp", time));

        machine.CreatedAt.ShouldBeNull();
        machine.Age.ShouldBeNull();
    }

    [Fact]
    public void Age_is_counted_from_creation_to_the_reading() => Reading.Machine(ObjectJson.Machine()).Age.ShouldBe(TimeSpan.FromHours(1));

    [Theory]
    [InlineData("cluster.x-k8s.io/paused", "true", true)]
    [InlineData("cluster.x-k8s.io/paused", "false", true)]
    [InlineData("cluster.x-k8s.io/paused", "", true)]
    [InlineData("cluster.x-k8s.io/unpaused", "true", false)]
    public void The_paused_annotation_counts_by_its_presence_whatever_it_says(string annotation, string value, bool expected)
    {
        Reading.Machine(ObjectJson.Machine().Annotation(annotation, value)).IsPaused.ShouldBe(expected);
        Reading.MachineDeployment(ObjectJson.MachineDeployment().Annotation(annotation, value)).IsPaused.ShouldBe(expected);
        Reading.Cluster(ObjectJson.Cluster().Annotation(annotation, value)).IsPaused.ShouldBe(expected);
    }

    [Theory]
    [InlineData("True", true)]
    [InlineData("False", false)]
    [InlineData("Unknown", false)]
    public void A_Paused_condition_pauses_only_when_it_is_True(string status, bool expected)
    {
        Reading.Machine(ObjectJson.Machine().Condition("Paused", status)).IsPaused.ShouldBe(expected);
        Reading.Machine(ObjectJson.Machine(version: "v1beta1").NewCondition("Paused", status)).IsPaused.ShouldBe(expected);
        Reading.Cluster(ObjectJson.Cluster().Condition("Paused", status)).IsPaused.ShouldBe(expected);
    }

    [Fact]
    public void A_condition_is_read_whole_and_its_empty_strings_are_null()
    {
        ObjectJson json = ObjectJson.Machine().Condition("Ready", "True", reason: "Ready", message: "", observedGeneration: 3);

        Reading.Machine(json).Conditions.ShouldHaveSingleItem().ShouldBe(
            new CapiCondition(new() { Type = "Ready", Status = CapiConditionStatus.True, Reason = "Ready", ObservedGeneration = 3 }) { LastTransitionTime = Created });
    }

    [Fact]
    public void A_condition_without_a_type_is_none_and_one_without_a_known_status_is_Unknown()
    {
        ObjectJson json = ObjectJson.Machine().Status("conditions", JsonNode.Parse("""[{"status": "True"}, {"type": ""}, {"type": "Ready", "status": "maybe"}, {"type": "Available"}]"""));

        CapiMachine machine = Reading.Machine(json);

        machine.Conditions.Select(c => (c.Type, c.Status)).ShouldBe([("Ready", CapiConditionStatus.Unknown), ("Available", CapiConditionStatus.Unknown)]);
        machine.Ready.ShouldBeNull();
    }

    [Fact]
    public void Empty_strings_are_null()
    {
        ObjectJson json = ObjectJson.Machine().Spec("version", "").Spec("providerID", "").Status("phase", "").Status("failureDomain", "").Status("nodeRef", new JsonObject { ["name"] = "" });

        CapiMachine machine = Reading.Machine(json);

        (machine.Version, machine.ProviderId, machine.RawPhase, machine.FailureDomain, machine.NodeName).ShouldBe((null, null, null, null, null));
    }

    [Theory]
    [InlineData("Hibernating")]
    [InlineData("running")]
    [InlineData(" Running ")]
    [InlineData("Pending, Provisioning")]
    [InlineData("4")]
    [InlineData("99")]
    public void A_phase_that_is_no_word_of_ours_is_Unknown_beside_what_the_server_said(string phase)
    {
        CapiMachine machine = Reading.Machine(ObjectJson.Machine().Status("phase", phase));
        CapiMachineDeployment deployment = Reading.MachineDeployment(ObjectJson.MachineDeployment().Status("phase", phase));
        CapiCluster cluster = Reading.Cluster(ObjectJson.Cluster().Status("phase", phase));

        (machine.Phase, machine.RawPhase).ShouldBe((CapiMachinePhase.Unknown, phase));
        (deployment.Phase, deployment.RawPhase).ShouldBe((CapiMachineDeploymentPhase.Unknown, phase));
        (cluster.Phase, cluster.RawPhase).ShouldBe((CapiClusterPhase.Unknown, phase));
    }

    [Fact]
    public void Every_phase_of_the_API_has_its_word()
    {
        foreach (string phase in new[] { "Pending", "Provisioning", "Provisioned", "Running", "Updating", "Deleting", "Deleted", "Failed", "Unknown" })
        {
            Reading.Machine(ObjectJson.Machine().Status("phase", phase)).Phase.ToString().ShouldBe(phase);
        }

        foreach (string phase in new[] { "Pending", "Provisioning", "Provisioned", "Deleting", "Failed", "Unknown" })
        {
            Reading.Cluster(ObjectJson.Cluster().Status("phase", phase)).Phase.ToString().ShouldBe(phase);
        }

        foreach (string phase in new[] { "Running", "ScalingUp", "ScalingDown", "Failed", "Unknown" })
        {
            Reading.MachineDeployment(ObjectJson.MachineDeployment().Status("phase", phase)).Phase.ToString().ShouldBe(phase);
        }
    }

    [Fact]
    public void Fields_of_a_wrong_type_cost_only_themselves()
    {
        ObjectJson json = ObjectJson.MachineDeployment()
            .Metadata("generation", "one").Metadata("labels", new JsonArray("a")).Metadata("finalizers", JsonNode.Parse("""["keep", 7, {"a": 1}, "this"]"""))
            .Spec("replicas", "3").Spec("clusterName", new JsonObject { ["name"] = "x" }).Spec("template", new JsonObject { ["spec"] = new JsonArray(1, 2) })
            .Status("replicas", 1.5).Status("readyReplicas", 3_000_000_000L).Status("availableReplicas", true).Status("upToDateReplicas", 2).Status("conditions", "none");

        CapiMachineDeployment deployment = Reading.MachineDeployment(json);

        deployment.Generation.ShouldBeNull();
        deployment.Labels.ShouldBeEmpty();
        deployment.Finalizers.ShouldBe(["keep", "this"]);
        deployment.DesiredReplicas.ShouldBeNull();
        deployment.Cluster.ShouldBeNull();
        deployment.Version.ShouldBeNull();
        (deployment.Replicas, deployment.ReadyReplicas, deployment.AvailableReplicas).ShouldBe((null, null, null));
        deployment.UpToDateReplicas.ShouldBe(2);
        deployment.Conditions.ShouldBeEmpty();
    }

    [Fact]
    public void Unknown_fields_are_passed_over_wherever_they_stand()
    {
        ObjectJson json = Samples.MachineV1Beta2;
        string before = Reading.Everything(Reading.Machine(json));
        foreach (JsonObject inner in new[] { json.Json, json.Json["metadata"], json.Json["spec"], json.Json["status"], json.Json["status"]!["conditions"]![0], json.Json["status"]!["nodeRef"] }.Cast<JsonObject>())
        {
            inner.Insert(0, "future", JsonNode.Parse("""{"name": "x", "status": {"phase": "Pending"}, "conditions": [[{"type": "Ready"}]]}"""));
        }

        Reading.Everything(Reading.Machine(json)).ShouldBe(before);
    }

    [Theory]
    [InlineData("name")]
    [InlineData("uid")]
    [InlineData("resourceVersion")]
    public void An_object_without_an_identity_is_refused_by_name(string field)
    {
        ObjectJson json = ObjectJson.Machine().Metadata(field, null);

        Should.Throw<InvalidDataException>(() => Reading.Machine(json)).Message.ShouldContain("metadata." + field);
    }

    [Fact]
    public void Escaped_property_names_are_the_same_names()
    {
        const string Json = """{"\u006detadata": {"n\u0061me": "m", "uid": "u", "resourceVersion": "1"}, "st\u0061tus": {"ph\u0061se": "R\u0075nning"}}""";

        CapiMachine machine = Reading.Read(Json, "cluster.x-k8s.io/v1beta2", MachineReader.Read);

        machine.Name.ShouldBe("m");
        machine.Phase.ShouldBe(CapiMachinePhase.Running);
    }

    [Fact]
    public void Models_cannot_be_changed_through_their_collections()
    {
        CapiCluster cluster = Reading.Cluster(Samples.ClusterV1Beta2);

        Should.Throw<NotSupportedException>(() => ((IDictionary<string, string>)cluster.Labels)["x"] = "y");
        Should.Throw<NotSupportedException>(() => ((IList<CapiCondition>)cluster.Conditions).Clear());
    }
}
