using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;

namespace CapiWorkshop.Sandbox.Api;

internal enum AdmissionOperation
{
    Create,
    Update,
    Delete,
}

/// <summary>A write on its way in.</summary>
/// <param name="Old">The stored object; null for a creation.</param>
/// <param name="Object">The object as it will be stored; null for a deletion. A change of <c>scale</c> arrives as a change of the whole object.</param>
/// <param name="Subresource">Null, <c>status</c> or <c>scale</c>.</param>
internal sealed record AdmissionRequest(
    AdmissionOperation Operation, ResourceDefinition Resource, string Name, JsonObject? Old, JsonObject? Object, string? Subresource);
