using CapiWorkshop.Sandbox.Failures;
using Microsoft.AspNetCore.Http;

namespace CapiWorkshop.Sandbox.Api;

/// <summary>In which shape a client wants objects.</summary>
internal enum Representation
{
    Object,
    Table,
    Metadata,
}

/// <summary>Reads it from the Accept header: the first alternative that can be served wins.</summary>
internal static class RepresentationReader
{
    public static Representation Read(HttpRequest request)
    {
        string[] alternatives = [.. request.Headers.Accept.SelectMany(value => (value ?? "").Split(',')).Select(value => value.Trim()).Where(value => value.Length > 0)];
        foreach (string alternative in alternatives)
        {
            string[] parts = [.. alternative.Split(';').Select(part => part.Trim())];
            if (parts[0] is not ("application/json" or "application/*" or "*/*"))
                continue;
            switch (Array.Find(parts, part => part.StartsWith("as=", StringComparison.Ordinal)))
            {
                case null: return Representation.Object;
                case "as=Table" when parts.Contains("v=v1"): return Representation.Table;
                case "as=PartialObjectMetadata" or "as=PartialObjectMetadataList": return Representation.Metadata;
            }
        }

        return alternatives.Length == 0 ? Representation.Object : throw ApiFailure.NotAcceptable();
    }
}
