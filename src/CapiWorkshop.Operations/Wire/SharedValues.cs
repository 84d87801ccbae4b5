namespace CapiWorkshop.Operations.Wire;

/// <summary>
/// Makes equal values one, as <see cref="Utf8StringPool"/> does with strings: the Machines of a MachineSet have the same labels, owners and finalizers, and
/// their conditions say the same. Never grows: a newcomer takes the place of another. Not thread-safe.
/// </summary>
internal sealed class SharedValues<T>(IEqualityComparer<T> comparer)
    where T : class
{
    private const int Slots = 256;
    private readonly T?[] _values = new T?[Slots];

    /// <summary>The value, or an equal one that was there before it.</summary>
    public T Get(T value)
    {
        ref T? slot = ref _values[(uint)comparer.GetHashCode(value) % Slots];
        return slot is not null && comparer.Equals(slot, value) ? slot : slot = value;
    }
}

/// <summary>Lists are equal where their elements are.</summary>
internal sealed class ListComparer<T> : IEqualityComparer<IReadOnlyList<T>>
{
    public bool Equals(IReadOnlyList<T>? x, IReadOnlyList<T>? y) => x is not null && y is not null && x.SequenceEqual(y);

    public int GetHashCode(IReadOnlyList<T> obj)
    {
        HashCode hash = default;
        foreach (T element in obj)
        {
            hash.Add(element);
        }

        return hash.ToHashCode();
    }
}

/// <summary>Maps are equal where their entries are. Servers sort them; one that does not only shares less.</summary>
internal sealed class MapComparer : IEqualityComparer<IReadOnlyDictionary<string, string>>
{
    public bool Equals(IReadOnlyDictionary<string, string>? x, IReadOnlyDictionary<string, string>? y) =>
        x is not null && y is not null && x.Count == y.Count && x.All(entry => y.TryGetValue(entry.Key, out string? value) && value == entry.Value);

    public int GetHashCode(IReadOnlyDictionary<string, string> obj)
    {
        HashCode hash = default;
        foreach ((string key, string value) in obj)
        {
            hash.Add(key);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }
}
