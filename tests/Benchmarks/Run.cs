using System.Globalization;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Benchmarks;

/// <summary>One run of a whole process.</summary>
/// <param name="Wall">From start to end.</param>
/// <param name="Processor">Processor time, of user and system.</param>
/// <param name="Output">What it printed.</param>
internal sealed record Run(TimeSpan Wall, TimeSpan Processor, string Output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>The numbers of the last line that it printed.</summary>
    public long[] Numbers => [.. Output.Trim().Split('\n')[^1].Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];

    /// <summary>Runs a program.</summary>
    public static async Task<Run> OfAsync(string program, params string[] arguments)
    {
        // A shell takes the times, of all processes alike: this one would count what it does itself.
        ProgramResult result = await RealParts.RunAsync("bash", ["-c", "TIMEFORMAT='%R %U %S'; time \"$@\"", "time", program, .. arguments], Limit);
        result.EnsureSuccess();
        double[] seconds = [.. result.Error.Trim().Split('\n')[^1].Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        return new(TimeSpan.FromSeconds(seconds[0]), TimeSpan.FromSeconds(seconds[1] + seconds[2]), result.Output);
    }

    /// <summary>Runs this very program as one of its <see cref="Subjects"/>.</summary>
    public static Task<Run> OfSubjectAsync(params string[] arguments) => OfAsync("dotnet", [typeof(Run).Assembly.Location, .. arguments]);
}
