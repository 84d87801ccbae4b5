using System.Text;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Failures;
using CapiWorkshop.Sandbox.Storage;
using Microsoft.AspNetCore.Http;

namespace CapiWorkshop.Sandbox.Api;

/// <summary>Writes answers.</summary>
internal static class Answer
{
    public const string JsonType = "application/json";

    public static Task JsonAsync(HttpContext http, JsonNode body, int code = 200) => BytesAsync(http, body.ToUtf8(), JsonType, code);

    public static Task FailureAsync(HttpContext http, ApiFailure failure)
    {
        if (failure.Details.Number("retryAfterSeconds") is { } seconds)
            http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return JsonAsync(http, failure.ToStatus(), failure.Code);
    }

    public static Task TextAsync(HttpContext http, string text, int code = 200) =>
        BytesAsync(http, Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8", code);

    /// <summary>What the mux of a real server says where nothing is served.</summary>
    public static Task PageNotFoundAsync(HttpContext http) => TextAsync(http, "404 page not found\n", 404);

    public static async Task BytesAsync(HttpContext http, ReadOnlyMemory<byte> body, string type, int code = 200)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = type;
        http.Response.ContentLength = body.Length;
        await http.Response.Body.WriteAsync(body, http.RequestAborted).ConfigureAwait(false);
    }
}
