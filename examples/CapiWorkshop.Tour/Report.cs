namespace CapiWorkshop.Tour;

/// <summary>What the tour prints, and whether all of it was as it should be.</summary>
internal sealed class Report
{
    private readonly List<string> _failures = [];

    public static void Begin(string action) => Console.WriteLine($"{Environment.NewLine}# {action}");

    public static void Show(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            Console.WriteLine("  " + line);
        }
    }

    public void Check(string what, bool holds)
    {
        if (!holds)
        {
            _failures.Add(what);
            Console.WriteLine("  Not so: " + what);
        }
    }

    /// <summary>Sums up, and gives the exit code.</summary>
    public int End()
    {
        Console.WriteLine(_failures.Count == 0 ? $"{Environment.NewLine}All twelve actions did what they should." : $"{Environment.NewLine}{_failures.Count} not as it should be.");
        return _failures.Count == 0 ? 0 : 1;
    }
}
