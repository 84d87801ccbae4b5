using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using FsCheck;
using FsCheck.Fluent;

namespace CapiWorkshop.Tests.Unit.Operations.Management;

public sealed class VersionPreferenceTests
{
    [Theory]
    [InlineData("v1beta2", "v1beta2")]
    [InlineData("v1beta1", "v1beta1")]
    [InlineData("v1beta1 v1beta2", "v1beta2")]
    [InlineData("v1beta2 v1beta1", "v1beta2")]
    [InlineData("v1alpha4 v1beta1", "v1beta1")]
    [InlineData("v1beta1 v1alpha4", "v1beta1")]
    [InlineData("v1beta3 v1beta2 v1beta1", "v1beta2")]
    [InlineData("v1 v1beta1", "v1beta1")]
    [InlineData("v1 v1beta3", "v1")]
    public void The_version_that_is_best_understood_is_taken_and_else_what_the_server_prefers(string served, string expected) =>
        ManagementCluster.Prefer(Types(served.Split(' '))).ShouldNotBeNull().Version.ShouldBe(expected);

    [Fact]
    public void Nothing_served_is_nothing_preferred() => ManagementCluster.Prefer([]).ShouldBeNull();

    [Fact]
    public void V1beta2_wins_in_whatever_order_it_is_served()
    {
        Gen<string[]> orders = Gen.Shuffle(new[] { "v1beta2", "v1beta1", "v1alpha4", "v1", "v1beta3" });

        Prop.ForAll(orders.ToArbitrary(), order => ManagementCluster.Prefer(Types(order))?.Version == "v1beta2").Check(Config.QuickThrowOnFailure.WithQuietOnSuccess(true));
    }

    private static IEnumerable<ResourceType> Types(string[] versions) => versions.Select(version => new ResourceType("cluster.x-k8s.io", version, "clusters", "Cluster"));
}
