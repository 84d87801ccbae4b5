using CapiWorkshop.Operations;
using CapiWorkshop.Tests.Unit.Support;

namespace CapiWorkshop.Tests.Unit.Operations.Problems;

public sealed class ProblemTableTests
{
    private static readonly Uri Server = new("https://admin:hunter2@capi.example:6443/?token=s3cret");

    [Theory]
    [MemberData(nameof(ProblemRows.Answers), MemberType = typeof(ProblemRows))]
    public void Each_answer_has_its_id_category_target_and_way_out(int status, string? reason, string id, CapiProblemCategory category, string wayOut, bool quotes)
    {
        CapiProblem problem = ProblemTable.FromStatus(status, reason, "it says why.", Subject("get", "m-1"));

        problem.Id.ShouldBe(id.Replace("*", "Machine", StringComparison.Ordinal));
        problem.Category.ShouldBe(category);
        problem.HttpStatus.ShouldBe(status);
        problem.Target.ShouldBe("team-a/m-1");
        problem.Action.ShouldContain(wayOut);
        problem.Message.EndsWith("The server says: it says why.", StringComparison.Ordinal).ShouldBe(quotes, problem.Message);
    }

    [Fact]
    public void Every_id_has_a_row_or_comes_from_elsewhere() =>
        ProblemRows.Answers.Select(row => row.Data.Item3).Concat(ProblemRows.Connections.Select(row => row.Data.Item1)).Where(id => id[0] != '*')
            .Distinct().Concat(ProblemRows.Elsewhere).ShouldBe(ProblemRows.AllIds, ignoreOrder: true);

    [Theory]
    [InlineData(null)]
    [InlineData("  ")]
    public void A_server_that_says_nothing_is_not_quoted(string? message) =>
        ProblemTable.FromStatus(500, null, message, Subject("get", "m-1")).Message.ShouldNotContain("says");

    [Fact]
    public void A_list_that_is_not_served_is_about_the_resource_and_not_about_an_object()
    {
        CapiProblem problem = ProblemTable.FromStatus(404, null, null, Subject("list", null));

        problem.Id.ShouldBe("MachineNotFound");
        problem.Target.ShouldBe("machines.cluster.x-k8s.io");
        problem.Message.ShouldContain("does not serve machines.cluster.x-k8s.io");
        problem.Action.ShouldContain("kubectl api-resources --context kind-capi");
    }

    [Fact]
    public void A_forbidden_request_tells_how_to_check_the_right() =>
        ProblemTable.FromStatus(403, "Forbidden", null, Subject("list", null)).Action.ShouldEndWith("kubectl auth can-i list machines.cluster.x-k8s.io -n team-a --context kind-capi");

    [Fact]
    public void An_object_that_is_not_there_tells_how_to_list_what_is()
    {
        CapiProblem here = ProblemTable.NotFound("Machine", "m-1", "team-a");
        CapiProblem anywhere = ProblemTable.NotFound("Machine", "m-1", null);
        CapiProblem foreign = ProblemTable.NotFound("MachineDrainRule", "s", "team-a");

        (here.Id, here.Category, here.Target).ShouldBe(("MachineNotFound", CapiProblemCategory.ObjectNotFound, "team-a/m-1"));
        here.Message.ShouldBe("There is no Machine 'm-1' in namespace 'team-a'.");
        here.Action.ShouldContain("Get-CapiMachine -Namespace team-a");
        here.Action.ShouldContain("-AllNamespaces");
        anywhere.Target.ShouldBe("m-1");
        anywhere.Action.ShouldNotContain("-AllNamespaces");
        foreign.Action.ShouldContain("kubectl get machinedrainrule");
    }

    [Theory]
    [MemberData(nameof(ProblemRows.Connections), MemberType = typeof(ProblemRows))]
    public void Each_failure_to_connect_has_its_category_target_and_way_out(string id, CapiProblemCategory category, string wayOut)
    {
        CapiProblem problem = ProblemTable.Connection(id, new("https://capi.example:6443/"), "kind-capi", "the network said so.");

        problem.Id.ShouldBe(id);
        problem.Category.ShouldBe(category);
        problem.Target.ShouldBe("https://capi.example:6443");
        problem.Action.ShouldContain(wayOut);
        problem.Message.ShouldContain("https://capi.example:6443");
        problem.HttpStatus.ShouldBeNull();
    }

    [Theory]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(504)]
    [InlineData(400)]
    public void No_secret_of_an_address_reaches_a_message(int status)
    {
        CapiProblem problem = ProblemTable.FromStatus(status, null, null, Subject("list", null));
        CapiProblem connection = ProblemTable.Connection(ProblemId.ConnectionLost, Server, null, "reset");

        foreach (string? text in new[] { problem.ToString(), problem.Action, problem.Target, connection.ToString(), connection.Action, connection.Target })
        {
            text.ShouldNotBeNull().ShouldNotContain("s3cret");
            text.ShouldNotContain("hunter2");
        }
    }

    [Fact]
    public void A_problem_reads_as_its_id_and_message_and_its_exception_carries_it()
    {
        CapiProblem problem = new("SomeId", CapiProblemCategory.InvalidData, "It broke.", "Mend it.", "a/b");
        CapiProblemException exception = problem.ToException(new IOException("cause"));

        problem.ToString().ShouldBe("SomeId: It broke.");
        exception.Problem.ShouldBeSameAs(problem);
        exception.Message.ShouldBe("It broke.");
        exception.InnerException.ShouldBeOfType<IOException>();
    }

    [Theory]
    [InlineData("m-1", "team-a", "team-a/m-1")]
    [InlineData("m-1", null, "m-1")]
    [InlineData(null, "team-a", "machines.cluster.x-k8s.io")]
    public void A_target_is_as_much_of_the_name_as_there_is(string? name, string? ns, string expected) =>
        new RequestSubject("get", "machines.cluster.x-k8s.io", "Machine", ns, name, Server, null).Target.ShouldBe(expected);

    private static RequestSubject Subject(string verb, string? name) => new(verb, "machines.cluster.x-k8s.io", "Machine", "team-a", name, Server, "kind-capi");
}
