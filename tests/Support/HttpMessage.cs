using System.Globalization;
using System.Text;

namespace CapiWorkshop.Tests.Support;

/// <summary>One request or answer: its head, and of a request the body. Knows as much of HTTP/1.1 as loopback needs.</summary>
/// <param name="Start">The first line.</param>
/// <param name="Headers">The lines of the headers.</param>
/// <param name="Body">Of a request: its body.</param>
public sealed record HttpMessage(string Start, IReadOnlyList<string> Headers, ReadOnlyMemory<byte> Body = default)
{
    /// <summary>A whole request; null where none came.</summary>
    public static async Task<HttpMessage?> ReadRequestAsync(Stream stream, CancellationToken end)
    {
        if (await ReadHeadAsync(stream, end) is not HttpMessage head)
        {
            return null;
        }

        byte[] body = new byte[int.Parse(head.Header("Content-Length") ?? "0", CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, end);
        return head with { Body = body };
    }

    /// <summary>A head; null where the stream ends before it.</summary>
    public static async Task<HttpMessage?> ReadHeadAsync(Stream stream, CancellationToken end)
    {
        List<byte> head = [];
        byte[] one = new byte[1];
        while (head is not [.., (byte)'\r', (byte)'\n', (byte)'\r', (byte)'\n'])
        {
            if (await stream.ReadAsync(one, end) == 0)
            {
                return null;
            }

            head.Add(one[0]);
        }

        string[] lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        return new(lines[0], lines[1..]);
    }

    /// <summary>A header's value; null where it was not sent.</summary>
    public string? Header(string name) =>
        Headers.FirstOrDefault(header => header.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    public HttpMessage Without(params IEnumerable<string> names) =>
        this with { Headers = [.. Headers.Where(header => !names.Contains(header.Split(':')[0], StringComparer.OrdinalIgnoreCase))] };

    public HttpMessage With(params IEnumerable<string> headers) => this with { Headers = [.. Headers, .. headers] };

    /// <summary>As it stands on the wire.</summary>
    public byte[] ToBytes() => [.. Encoding.Latin1.GetBytes(string.Join("\r\n", [Start, .. Headers]) + "\r\n\r\n"), .. Body.Span];
}
