using CapiWorkshop.Operations;

namespace CapiWorkshop.Tests.Unit.Operations.Workshop;

/// <summary>What differs between two states, each kind of difference once.</summary>
public sealed class WorkshopStateComparisonTests
{
    private static readonly CapiWorkshopState Before = new()
    {
        Namespace = "default",
        ManagementCluster = new() { Id = "id", Context = "kind", Server = "https://capi.example", KubernetesVersion = "v1.36.0", Providers = ["docker v1.13.0", "helm"] },
        Clusters = [new() { Name = "dev", Namespace = "default", Uid = "c1", Phase = "Provisioned", Available = true, ControlPlaneReady = 1 }],
        MachineDeployments = [new() { Name = "dev-md", Namespace = "default", Cluster = "dev", Uid = "md1", DesiredReplicas = 2, ReadyReplicas = 2 }],
        Machines = [Machine("dev-a"), Machine("dev-b")],
        HelmReleases = [new() { Name = "nginx-dev", Namespace = "default", Cluster = "dev", Uid = "h1", Revision = 1, Ready = true }],
        Containers = [new() { Name = "dev-a", Cluster = "dev", State = "running" }],
    };

    [Fact]
    public void What_is_the_same_does_not_differ_whoever_looked_and_whenever()
    {
        CapiWorkshopState after = Before with { TakenAt = DateTimeOffset.UnixEpoch, ManagementCluster = Before.ManagementCluster with { Context = "other", Server = "https://elsewhere.example" } };

        WorkshopStateComparison.Compare(Before, after).ShouldBeEmpty();
    }

    [Fact]
    public void What_came_what_went_and_each_property_that_is_another_are_told_in_order()
    {
        CapiWorkshopState after = Before with
        {
            ManagementCluster = Before.ManagementCluster with { KubernetesVersion = "v1.36.1", Providers = ["docker v1.13.5", "k0smotron v2.1.0"] },
            MachineDeployments = [Before.MachineDeployments[0] with { DesiredReplicas = 4, ReadyReplicas = null }],
            Machines = [Machine("dev-c"), Machine("dev-b") with { Ready = false }],
            Containers = [Before.Containers![0] with { State = "exited" }],
        };

        Tell(WorkshopStateComparison.Compare(Before, after)).ShouldBe(
        [
            "Changed ManagementCluster  KubernetesVersion: v1.36.0 > v1.36.1",
            "Changed Provider docker Version: v1.13.0 > v1.13.5",
            "Vanished Provider helm: > ",
            "Appeared Provider k0smotron: > ",
            "Changed MachineDeployment default/dev-md DesiredReplicas: 2 > 4",
            "Changed MachineDeployment default/dev-md ReadyReplicas: 2 > ",
            "Vanished Machine default/dev-a: > ",
            "Changed Machine default/dev-b Ready: True > False",
            "Appeared Machine default/dev-c: > ",
            "Changed Container dev-a State: running > exited",
        ]);
    }

    [Fact]
    public void What_was_made_anew_under_its_name_vanished_and_appeared_where_both_identities_are_known()
    {
        CapiWorkshopState anew = Before with { MachineDeployments = [Before.MachineDeployments[0] with { Uid = "md2", DesiredReplicas = 4 }] };
        CapiWorkshopState unknown = Before with { MachineDeployments = [Before.MachineDeployments[0] with { Uid = null, DesiredReplicas = 4 }] };

        Tell(WorkshopStateComparison.Compare(Before, anew)).ShouldBe(["Vanished MachineDeployment default/dev-md: > ", "Appeared MachineDeployment default/dev-md: > "]);
        Tell(WorkshopStateComparison.Compare(unknown, anew)).ShouldBeEmpty();
        Tell(WorkshopStateComparison.Compare(Before, unknown)).ShouldBe(["Changed MachineDeployment default/dev-md DesiredReplicas: 2 > 4"]);
    }

    [Fact]
    public void A_state_of_all_namespaces_is_compared_in_the_one_that_the_other_is_about()
    {
        CapiWorkshopState everywhere = Before with { Namespace = null, Machines = [.. Before.Machines, Machine("x") with { Namespace = "team-a" }] };

        WorkshopStateComparison.Compare(Before, everywhere).ShouldBeEmpty();
        WorkshopStateComparison.Compare(everywhere, Before).ShouldBeEmpty();
        Tell(WorkshopStateComparison.Compare(everywhere, everywhere with { Machines = Before.Machines })).ShouldBe(["Vanished Machine team-a/x: > "]);
    }

    [Fact]
    public async Task States_of_two_namespaces_have_nothing_to_compare() =>
        (await Kubernetes.Support.Problems.OfAsync(() => Task.FromResult(WorkshopStateComparison.Compare(Before, Before with { Namespace = "team-a" })))).Id.ShouldBe(ProblemId.AmbiguousScope);

    [Fact]
    public void Containers_that_one_state_does_not_know_did_not_vanish() => WorkshopStateComparison.Compare(Before, Before with { Containers = null }).ShouldBeEmpty();

    private static CapiMachineState Machine(string name) => new() { Name = name, Namespace = "default", Cluster = "dev", Uid = "uid-of-" + name, Ready = true };

    private static IEnumerable<string> Tell(IEnumerable<CapiStateChange> changes) => changes.Select(change => $"{change}: {change.Before}{(change.Before is null ? "" : " ")}> {change.After}");
}
