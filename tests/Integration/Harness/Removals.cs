using CapiWorkshop.Operations;

namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>Removals from plan to end, and what the server's log says of them.</summary>
internal static class Removals
{
    /// <summary>Plans and removes; hands out what came of it, also where it fails in the end.</summary>
    public static async Task<List<Outcome<CapiRemovalResult>>> RunAsync(
        ManagementCluster cluster, RemovalRequest request, TimeSpan timeout, CancellationToken token, List<Outcome<CapiRemovalResult>>? outcomes = null, TimeSpan? stuckAfter = null, Action<RemovalProgress>? progress = null)
    {
        CapiRemovalPlan plan = await cluster.PlanRemovalAsync(request, cancellationToken: token);
        outcomes ??= [];
        await foreach (Outcome<CapiRemovalResult> outcome in cluster.CreateRemoval(plan, stuckAfter: stuckAfter).RunAsync(timeout, progress, token))
        {
            Secrets.Inspect(outcome.Problem);
            outcomes.Add(outcome);
        }

        return outcomes;
    }

    /// <summary>Whether a request changes anything; a question about one's own rights does not.</summary>
    public static bool IsWrite(AuditEntry request) => request.Verb is not ("get" or "list" or "watch") && !NameOf(request).EndsWith("/selfsubjectaccessreviews", StringComparison.Ordinal);

    /// <summary>A request without its query, such as <c>delete</c> and the path.</summary>
    public static string NameOf(AuditEntry request) => $"{request.Verb} {request.Uri.Split('?')[0]}";

    /// <summary>All that was written since a mark, in this order.</summary>
    public static async Task ShouldHaveWrittenAsync(ApiServer server, long mark, CancellationToken token, params string[] writes) =>
        (await server.Audit.SinceAsync(mark, token)).Where(IsWrite).Select(NameOf).ShouldBe(writes);
}
