namespace CapiWorkshop.Sandbox.Storage;

/// <summary>Which objects a list or a watch is about.</summary>
internal sealed class ObjectFilter(LabelSelector labels, FieldSelector fields)
{
    /// <summary>True when every object matches: only then may a page say how many remain.</summary>
    public bool IsEmpty => labels.IsEmpty && fields.IsEmpty;

    public bool Matches(StoredObject item) => labels.Matches(item.Labels) && fields.Matches(item);

    /// <summary>The objects that carry all of these labels.</summary>
    public static ObjectFilter ByLabels(params IEnumerable<(string Key, string Value)> labels) =>
        new(LabelSelector.Parse(string.Join(',', labels.Select(label => $"{label.Key}={label.Value}"))), FieldSelector.Everything);
}
