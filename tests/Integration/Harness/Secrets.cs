using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using CapiWorkshop.Operations;

namespace CapiWorkshop.Tests.Integration.Harness;

/// <summary>Knows every secret of the run's kubeconfigs, and looks at every text that the code under test lets out.</summary>
public static partial class Secrets
{
    private static readonly ConcurrentDictionary<string, string> Known = new();
    private static readonly ConcurrentQueue<string> Found = new();
    private static long _inspected;

    public static long Inspected => Interlocked.Read(ref _inspected);

    public static int Count => Known.Count;

    /// <summary>Where a secret stood in a text, with all secrets blotted out.</summary>
    public static IReadOnlyCollection<string> Leaks => Found;

    public static void LearnFrom(string kubeconfig)
    {
        string text = File.ReadAllText(kubeconfig);
        foreach (Match match in Token().Matches(text))
        {
            Learn(match.Groups[1].Value, $"token of {kubeconfig}");
        }

        foreach (Match match in Key().Matches(text))
        {
            string key = match.Groups[1].Value;
            Learn(key, $"key of {kubeconfig}");
            Learn(Encoding.ASCII.GetString(Convert.FromBase64String(key)).Split('\n')[1], $"key of {kubeconfig}, decoded");
        }
    }

    private static void Learn(string secret, string whose) => Known.TryAdd(secret, whose);

    public static void Inspect(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        Interlocked.Increment(ref _inspected);
        foreach ((string secret, string whose) in Known)
        {
            if (text.Contains(secret, StringComparison.Ordinal))
            {
                Found.Enqueue($"{whose}: {Known.Keys.Aggregate(text, (blotted, any) => blotted.Replace(any, "<secret>", StringComparison.Ordinal))}");
            }
        }
    }

    public static void Inspect(CapiProblem? problem) => Inspect(problem is null ? null : $"{problem.Id} {problem.Message} {problem.Action} {problem.Target}");

    [GeneratedRegex("token: \"?([0-9A-Za-z._-]{8,})")]
    private static partial Regex Token();

    [GeneratedRegex("client-key-data: \"?([0-9A-Za-z+/=]{16,})")]
    private static partial Regex Key();
}
