namespace CapiWorkshop.Sandbox.Storage;

/// <summary>Random suffixes as Kubernetes makes them: no vowels and no look-alikes, so that nothing rude or ambiguous comes out.</summary>
internal static class NameSuffix
{
    public const int Length = 5;

    /// <summary>A prefix is cut so that the whole name fits a DNS label.</summary>
    private const int MaximumPrefix = 63 - Length;

    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    public static string AppendTo(string prefix, Random random) =>
        (prefix.Length > MaximumPrefix ? prefix[..MaximumPrefix] : prefix) + Next(random);

    public static string Next(Random random) => new(random.GetItems<char>(Alphabet, Length));
}
