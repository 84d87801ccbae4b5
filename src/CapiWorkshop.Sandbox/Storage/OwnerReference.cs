using System.Text.Json.Nodes;

namespace CapiWorkshop.Sandbox.Storage;

/// <summary>Who an object belongs to. The owner lives in the same namespace, or in none.</summary>
/// <param name="Blocks">Whether a deletion of the owner in the foreground waits for this object.</param>
internal sealed record OwnerReference(string ApiVersion, string Kind, string Name, string Uid, bool Controller = false, bool Blocks = false)
{
    public string Group => ApiVersion.IndexOf('/', StringComparison.Ordinal) is > 0 and int slash ? ApiVersion[..slash] : "";

    /// <summary>A reference to an object of the store.</summary>
    public static OwnerReference To(StoredObject owner, bool controller = false) =>
        new(owner.Resource.StorageApiVersion, owner.Resource.Kind, owner.Name, owner.Uid, controller, Blocks: controller);

    public static OwnerReference Read(JsonNode? reference) => new(
        reference.Text("apiVersion") ?? "",
        reference.Text("kind") ?? "",
        reference.Text("name") ?? "",
        reference.Text("uid") ?? "",
        reference.Flag("controller") == true,
        reference.Flag("blockOwnerDeletion") == true);

    public JsonObject ToJson()
    {
        JsonObject reference = new() { ["apiVersion"] = ApiVersion, ["kind"] = Kind, ["name"] = Name, ["uid"] = Uid };
        if (Controller)
            reference["controller"] = true;
        if (Blocks)
            reference["blockOwnerDeletion"] = true;
        return reference;
    }
}
