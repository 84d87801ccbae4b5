using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Api.Reading;

/// <summary>The query of a list or a watch.</summary>
internal sealed record ListOptions(ObjectFilter Filter, long? Version, int? Limit, ContinueToken? Continue)
{
    public static ListOptions Read(ApiCall call) => new(
        new(LabelSelector.Parse(call.Query("labelSelector")), FieldSelector.Parse(call.Query("fieldSelector"), call.Resource)),
        ReadVersion(call.Query("resourceVersion")),
        call.QueryNumber("limit") is > 0 and long limit ? (int)Math.Min(limit, int.MaxValue) : null,
        call.Query("continue") is { Length: > 0 } token ? ContinueToken.Parse(token) : null);

    private static long? ReadVersion(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long version)
            ? version
            : throw new ApiFailure(500, "", $"resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");
    }
}

/// <summary>Where the next page of a list starts, and which version of the store it is a page of.</summary>
internal sealed record ContinueToken(long Version, string After)
{
    public static ContinueToken Parse(string text)
    {
        try
        {
            string padded = text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=');
            JsonNode? node = JsonNode.Parse(Convert.FromBase64String(padded));
            if (node.Number("rv") is { } version && node.Text("start") is { } start)
                return new(version, start.TrimEnd('\0').TrimStart('/'));
        }
        catch (Exception failure) when (failure is FormatException or JsonException)
        {
        }

        throw ApiFailure.BadRequest("invalid continue token: continue key is not valid");
    }

    public override string ToString()
    {
        JsonObject token = new() { ["v"] = "meta.k8s.io/v1", ["rv"] = Version, ["start"] = $"/{After}\0" };
        return Convert.ToBase64String(Encoding.UTF8.GetBytes(token.ToJsonString())).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}
