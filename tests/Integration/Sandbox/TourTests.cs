using System.Diagnostics;
using System.Text.RegularExpressions;
using CapiWorkshop.Tests.Integration.Harness;

namespace CapiWorkshop.Tests.Integration.Sandbox;

/// <summary>The example program, run as users run it: it is also the only one that puts all libraries together without PowerShell.</summary>
public sealed partial class TourTests
{
    [Fact]
    public async Task The_tour_does_all_twelve_actions_and_ends_well()
    {
        ProcessStartInfo start = new("dotnet", [Tour()]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process tour = Process.Start(start)!;
        Task<string> output = tour.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), errors = tour.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tour.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);

        string said = await output;
        tour.ExitCode.ShouldBe(0, said + await errors);
        Action().Matches(said).Select(match => int.Parse(match.Groups["number"].Value, null)).ShouldBe(Enumerable.Range(1, 12));
    }

    /// <summary>Built beside this assembly, in the same configuration.</summary>
    private static string Tour() => Path.Combine(AppContext.BaseDirectory, "CapiWorkshop.Tour.dll");

    [GeneratedRegex(@"^# (?<number>\d+)\. ", RegexOptions.Multiline)]
    private static partial Regex Action();
}
