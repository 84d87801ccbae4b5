namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>Explicit tests of this assembly, run in a process of their own.</summary>
public static class ChildTest
{
    /// <summary>The program that runs the tests of a class, and its arguments.</summary>
    public static string[] CommandOf(Type tests)
    {
        ArgumentNullException.ThrowIfNull(tests);
        string host = Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? Environment.ProcessPath : "dotnet";
        return [host, tests.Assembly.Location, "-noLogo", "-noColor", "-explicit", "only", "-class", tests.FullName!];
    }

    /// <summary>Whether the output of such a process says that its one test passed.</summary>
    public static bool HasPassed(string output) => output?.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", StringComparison.Ordinal) == true;
}
