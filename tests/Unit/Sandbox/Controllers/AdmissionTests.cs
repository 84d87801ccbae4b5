using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Controllers;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Tests.Unit.Sandbox.Api;

namespace CapiWorkshop.Tests.Unit.Sandbox.Controllers;

/// <summary>What the webhooks fill in and refuse, over the wire.</summary>
public sealed class AdmissionTests : IClassFixture<SandboxFixture>
{
    private const string ControlPlanes = "/apis/controlplane.cluster.x-k8s.io/v1beta2/namespaces/default/kubeadmcontrolplanes";
    private readonly SandboxFixture _sandbox;

    public AdmissionTests(SandboxFixture sandbox)
    {
        _sandbox = sandbox;
        _sandbox.Management.Admission = ClusterAdmission.Review;
    }

    [Fact]
    public async Task A_deployment_gets_what_it_leaves_out()
    {
        SandboxFixture.Reply created = await _sandbox.SendAsync(HttpMethod.Post, SandboxFixture.Deployments,
            """{"metadata":{"name":"bare"},"spec":{"clusterName":"dev","template":{"spec":{"clusterName":"dev","version":"1.33.2"}}}}""");
        created.Code.ShouldBe(201);
        JsonObject spec = created.Json.Child("spec")!;
        spec.Number("replicas").ShouldBe(1);
        spec.Text("rollout", "strategy", "type").ShouldBe("RollingUpdate");
        spec.Number("rollout", "strategy", "rollingUpdate", "maxSurge").ShouldBe(1);
        spec.Number("rollout", "strategy", "rollingUpdate", "maxUnavailable").ShouldBe(0);
        spec.Text("selector", "matchLabels", CapiNames.DeploymentLabel).ShouldBe("bare");
        spec.Text("template", "metadata", "labels", CapiNames.ClusterLabel).ShouldBe("dev");
        spec.Text("template", "spec", "version").ShouldBe("v1.33.2");
        spec.Number("template", "spec", "deletion", "nodeDeletionTimeoutSeconds").ShouldBe(10);
        created.Json.Text("metadata", "labels", CapiNames.ClusterLabel).ShouldBe("dev");

        (await _sandbox.PatchAsync($"{SandboxFixture.Deployments}/bare", """{"spec":{"replicas":5}}""")).Code.ShouldBe(200);
        (await _sandbox.PatchAsync($"{SandboxFixture.Deployments}/bare", """{"spec":{"replicas":null}}""")).Json.Number("spec", "replicas").ShouldBe(5);
    }

    [Fact]
    public async Task A_rollout_must_have_somewhere_to_go()
    {
        SandboxFixture.Reply refused = await _sandbox.SendAsync(HttpMethod.Post, SandboxFixture.Deployments,
            """{"metadata":{"name":"stuck"},"spec":{"clusterName":"dev","rollout":{"strategy":{"rollingUpdate":{"maxSurge":0}}}}}""");
        refused.Code.ShouldBe(422);
        refused.Message!.ShouldContain("cannot be 0 when maxSurge is 0");
    }

    [Theory]
    [InlineData("", """{"spec":{"replicas":0}}""", "cannot be less than or equal to 0")]
    [InlineData("", """{"spec":{"replicas":2}}""", "cannot be an even number when etcd is stacked")]
    [InlineData("/scale", """{"spec":{"replicas":0}}""", "cannot be less than or equal to 0")]
    [InlineData("/scale", """{"spec":{"replicas":4}}""", "cannot be an even number when etcd is stacked")]
    public async Task A_control_plane_has_an_odd_number_of_machines(string subresource, string patch, string why)
    {
        if (_sandbox.Management.Store.Find(Kinds.KubeadmControlPlane, "default", "plane") is null)
            (await _sandbox.SendAsync(HttpMethod.Post, ControlPlanes, """{"metadata":{"name":"plane"},"spec":{"version":"v1.33.2"}}""")).Json.Number("spec", "replicas").ShouldBe(1);
        SandboxFixture.Reply refused = await _sandbox.PatchAsync($"{ControlPlanes}/plane{subresource}", patch);
        refused.Code.ShouldBeOneOf(403, 422);
        refused.Message!.ShouldContain(why);
        (await _sandbox.PatchAsync($"{ControlPlanes}/plane{subresource}", """{"spec":{"replicas":3}}""")).Code.ShouldBe(200);
    }
}
