using System.Text.Json;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;

namespace CapiWorkshop.Sandbox.Storage;

/// <summary>
/// One state of one object, frozen. The store keeps UTF-8 rather than nodes, because a <see cref="JsonObject"/> cannot be shared between threads,
/// and because most readers want bytes anyway.
/// </summary>
internal sealed class StoredObject
{
    private JsonDocument? _document;

    private StoredObject(ResourceDefinition resource, JsonObject content)
    {
        Resource = resource;
        Name = content.Text("metadata", "name")!;
        Namespace = content.Text("metadata", "namespace");
        Uid = content.Text("metadata", "uid")!;
        Version = long.Parse(content.Text("metadata", "resourceVersion")!, System.Globalization.CultureInfo.InvariantCulture);
        Labels = content.Child("metadata", "labels")?.ToDictionary(label => label.Key, label => label.Value?.ToString() ?? "") ?? [];
        IsDeleting = content.Text("metadata", "deletionTimestamp") is not null;
        Owners = content.Items("metadata", "ownerReferences") is { Count: > 0 } owners ? [.. owners.Select(OwnerReference.Read)] : [];
        Utf8 = content.ToUtf8();
    }

    public ResourceDefinition Resource { get; }

    /// <summary>Null for objects outside of namespaces.</summary>
    public string? Namespace { get; }

    public string Name { get; }

    public string Uid { get; }

    /// <summary><c>metadata.resourceVersion</c>.</summary>
    public long Version { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    public bool IsDeleting { get; }

    /// <summary><c>metadata.ownerReferences</c>.</summary>
    public IReadOnlyList<OwnerReference> Owners { get; }

    /// <summary>The object as JSON, in the version it is stored in.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; }

    /// <summary>What <see cref="Utf8"/> says, parsed once for all who ask. Any number of threads may read it.</summary>
    public JsonElement Root => (_document ??= JsonDocument.Parse(Utf8)).RootElement;

    /// <summary>Lists come in this order.</summary>
    public string Key => KeyOf(Namespace, Name);

    /// <summary>A copy of one's own, to read or to change.</summary>
    public JsonObject ToJson() => JsonObject.Create(Root)!;

    public static StoredObject Freeze(ResourceDefinition resource, JsonObject content) => new(resource, content);

    public static string KeyOf(string? @namespace, string name) => @namespace is null ? name : $"{@namespace}/{name}";

    public override string ToString() => $"{Resource} {Key}@{Version}";
}
