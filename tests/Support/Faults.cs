using System.IO.Compression;
using System.Text;

namespace CapiWorkshop.Tests.Support;

/// <summary>Everything that goes wrong between a client and a server, by name.</summary>
public static class Faults
{
    private const string Html = "<html><head><title>Sign in</title></head><body>the hotel's network</body></html>";

    private static readonly byte[] Blanks = [.. Enumerable.Repeat((byte)' ', 64 * 1024)];

    public static Fault None { get; } = call => call.PassAsync();

    /// <summary>Answers that look strange and are right.</summary>
    public static IReadOnlyDictionary<string, Fault> Harmless { get; } = new Dictionary<string, Fault>
    {
        ["byte by byte"] = ByteByByteAsync,
        ["in one piece"] = call => RewrittenAsync(call, body => body),
        ["compressed"] = call => RewrittenAsync(call, Compress, "Content-Encoding: gzip"),
        ["of another content type"] = call => RewrittenAsync(call, body => body, "Content-Type: text/plain"),
    };

    /// <summary>Where the server says, or nobody has to, that another attempt may succeed: the server has not acted, or a read is all that was asked for.</summary>
    public static IReadOnlyDictionary<string, Fault> Passing { get; } = new Dictionary<string, Fault>
    {
        ["429"] = call => SayAsync(call, 429, "TooManyRequests"),
        ["429 with Retry-After"] = call => SayAsync(call, 429, "TooManyRequests", "Retry-After: 1"),
        ["503"] = call => ActAndSayAsync(call, 503, "ServiceUnavailable"),
        ["503 with Retry-After"] = call => ActAndSayAsync(call, 503, "ServiceUnavailable", "Retry-After: 1"),
        ["504"] = call => ActAndSayAsync(call, 504, "Timeout"),
        ["reset before the server has it"] = call =>
        {
            call.Reset();
            return Task.CompletedTask;
        },
        ["reset before an answer"] = async call =>
        {
            await call.ForwardAsync();
            call.Reset();
        },
        ["closed before an answer"] = call => call.ForwardAsync(),
        ["closed in the head"] = async call => await call.SendAsync((await call.ForwardAsync()).ToBytes().AsMemory(0, 20)),
    };

    /// <summary>What cannot be mended: the caller has to be told, unless it is a watch, which goes on.</summary>
    public static IReadOnlyDictionary<string, Fault> Lasting { get; } = new Dictionary<string, Fault>
    {
        ["500"] = call => ActAndSayAsync(call, 500, "InternalError"),
        ["410"] = call => SayAsync(call, 410, "Expired"),
        ["413"] = call => SayAsync(call, 413, "RequestEntityTooLarge"),
        ["502 of a proxy"] = async call =>
        {
            await call.ForwardAsync();
            await call.SendAsync(Text("502 Bad Gateway", Html, "Content-Type: text/html"));
        },
        ["reset in the body"] = async call =>
        {
            await BrokenOffAsync(call);
            call.Reset();
        },
        ["closed in the body"] = BrokenOffAsync,
        ["closed at the end of the head"] = async call => await call.SendAsync((await call.ForwardAsync()).With("Content-Length: 1000")),
        ["chunks that end too early"] = async call =>
        {
            HttpMessage head = await call.ForwardAsync();
            byte[] body = await call.ReadBodyAsync();
            await call.SendAsync(head.With("Transfer-Encoding: chunked"));
            await call.SendChunkAsync(body.AsMemory(0, Half(body.Length)));
        },
        ["cut short in good order"] = call => RewrittenAsync(call, body => body[..Half(body.Length)]),
        ["without a body"] = call => RewrittenAsync(call, _ => []),
        ["one wrong byte"] = call => RewrittenAsync(call, body =>
        {
            body[Array.LastIndexOf(body, (byte)'}')] ^= 0x20;
            return body;
        }),
        ["a page of a proxy"] = async call =>
        {
            await call.ForwardAsync();
            await call.SendAsync(Text("200 OK", Html, "Content-Type: text/html"));
        },
        ["compressed with a wrong byte"] = call => RewrittenAsync(call, body =>
        {
            byte[] compressed = Compress(body);
            compressed[^6] ^= 0x01; // in its checksum
            return compressed;
        }, "Content-Encoding: gzip"),
        ["compressed and cut short"] = call => RewrittenAsync(call, body => Compress(body)[..^12], "Content-Encoding: gzip"),
        ["a huge head"] = async call => await call.SendAsync((await call.ForwardAsync()).With("X-Huge: " + new string('x', 1 << 20), "Content-Length: 0")),
    };

    /// <summary>Where nothing comes, and a time-out has to tell.</summary>
    public static IReadOnlyDictionary<string, Fault> Silent { get; } = new Dictionary<string, Fault>
    {
        ["no answer"] = call => call.ForwardAsync(),
        ["an answer that stops in the head"] = async call => await call.SendAsync((await call.ForwardAsync()).ToBytes().AsMemory(0, 20)),
        ["an answer that stops in the body"] = BrokenOffAsync,
    };

    /// <summary>An answer that goes on without saying anything.</summary>
    public static Fault Endless { get; } = async call =>
    {
        await call.SendAsync(await call.ForwardAsync());
        while (true)
        {
            await call.SendAsync(Blanks);
        }
    };

    /// <summary>A fault behind which the connection stays open and silent for as long as the client bears it.</summary>
    /// <param name="fault">What comes before the silence.</param>
    /// <param name="silence">Is told that it begins; what it returns is disposed of at its end.</param>
    public static Fault ThenSilent(Fault fault, Func<IDisposable> silence) => async call =>
    {
        await fault(call);
        using IDisposable until = silence();
        await call.ClientGoneAsync();
    };

    private static async Task ByteByByteAsync(FaultyCall call)
    {
        foreach (byte one in (await call.ForwardAsync()).With("Transfer-Encoding: chunked").ToBytes())
        {
            await call.SendAsync((byte[])[one]);
        }

        foreach (byte one in await call.ReadBodyAsync())
        {
            await call.SendChunkAsync((byte[])[one]);
        }

        await call.SendChunkAsync(default);
    }

    private static async Task RewrittenAsync(FaultyCall call, Func<byte[], byte[]> change, params string[] headers)
    {
        HttpMessage head = await call.ForwardAsync();
        byte[] body = change(await call.ReadBodyAsync());
        HttpMessage changed = head.Without(headers.Select(header => header.Split(':')[0])).With([.. headers, $"Content-Length: {body.Length}"]);
        await call.SendAsync(changed with { Body = body });
    }

    private static async Task BrokenOffAsync(FaultyCall call)
    {
        HttpMessage head = await call.ForwardAsync();
        byte[] body = await call.ReadBodyAsync();
        await call.SendAsync(head.With($"Content-Length: {body.Length}"));
        await call.SendAsync(body.AsMemory(0, Half(body.Length)));
    }

    private static async Task ActAndSayAsync(FaultyCall call, int status, string reason, params string[] headers)
    {
        await call.ForwardAsync();
        await SayAsync(call, status, reason, headers);
    }

    private static Task SayAsync(FaultyCall call, int status, string reason, params string[] headers) =>
        call.SendAsync(Text($"{status} {reason}", $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"it happens","reason":"{{reason}}","code":{{status}}}""", [.. headers, "Content-Type: application/json"]));

    private static HttpMessage Text(string status, string body, params string[] headers)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        return new HttpMessage("HTTP/1.1 " + status, [.. headers, "Connection: close", $"Content-Length: {bytes.Length}"]) with { Body = bytes };
    }

    private static int Half(int length) => length / 2;

    private static byte[] Compress(byte[] body)
    {
        using MemoryStream compressed = new();
        using (GZipStream gzip = new(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(body);
        }

        return compressed.ToArray();
    }
}
