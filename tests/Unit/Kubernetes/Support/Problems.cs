using CapiWorkshop.Operations;

namespace CapiWorkshop.Tests.Unit.Kubernetes.Support;

/// <summary>Assertions about problems.</summary>
internal static class Problems
{
    public static CapiProblem Of(Action action) => Should.Throw<CapiProblemException>(action).Problem;

    public static async Task<CapiProblem> OfAsync(Func<Task> action) => (await Should.ThrowAsync<CapiProblemException>(action)).Problem;

    /// <summary>All that is ever shown of an exception.</summary>
    public static string Shown(Exception exception) => exception is CapiProblemException { Problem: var problem }
        ? $"{problem} {problem.Action} {problem.Target} {exception}"
        : exception.ToString();
}
