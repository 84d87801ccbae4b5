using System.Net;
using System.Text;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>
/// The headers that ask the server to take one for somebody else. Kubernetes takes each line of a header for a group of its own, while .NET joins the
/// values of a header by commas: several values become lines when they are written, which HTTP/1.1 alone allows.
/// </summary>
internal sealed class Impersonation(IReadOnlyList<(string Name, string Value)> headers)
{
    /// <summary>Stands between the values of a header until they are written; no value holds a control character.</summary>
    private const char NextLine = '\x1F';

    private readonly ILookup<string, string> _headers = headers.ToLookup(header => header.Name, header => header.Value, StringComparer.OrdinalIgnoreCase);

    /// <summary>How the headers are written: as UTF-8, as kubectl sends names that are not ASCII.</summary>
    public Encoding? EncodingOf(string header) => _headers.Contains(header) ? new Lines(header) : null;

    public void Apply(HttpRequestMessage request)
    {
        foreach (IGrouping<string, string> header in _headers)
        {
            request.Headers.TryAddWithoutValidation(header.Key, string.Join(NextLine, header));
        }

        if (_headers.Any(header => header.Skip(1).Any()))
        {
            request.Version = HttpVersion.Version11;
        }
    }

    private sealed class Lines(string header) : Encoding
    {
        public override int GetByteCount(char[] chars, int index, int count) => UTF8.GetByteCount(Written(chars, index, count));

        public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) => UTF8.GetBytes(Written(chars, charIndex, charCount), bytes.AsSpan(byteIndex));

        public override int GetMaxByteCount(int charCount) => UTF8.GetMaxByteCount(charCount * (header.Length + 4));

        public override int GetCharCount(byte[] bytes, int index, int count) => UTF8.GetCharCount(bytes, index, count);

        public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) => UTF8.GetChars(bytes, byteIndex, byteCount, chars, charIndex);

        public override int GetMaxCharCount(int byteCount) => UTF8.GetMaxCharCount(byteCount);

        private string Written(char[] chars, int index, int count) => new string(chars, index, count).Replace(NextLine.ToString(), $"\r\n{header}: ", StringComparison.Ordinal);
    }
}
