using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Which object of a kind.</summary>
/// <param name="Namespace">Null for objects outside of namespaces.</param>
internal readonly record struct ObjectKey(string? Namespace, string Name)
{
    public static ObjectKey Of(StoredObject item) => new(item.Namespace, item.Name);

    public override string ToString() => StoredObject.KeyOf(Namespace, Name);
}
