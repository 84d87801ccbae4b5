using System.Net.Http.Headers;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>A bearer token, or a file that holds one and is read again whenever it changes, as a projected service account token does.</summary>
internal sealed class BearerToken(string? token, string? file)
{
    private (DateTime Written, AuthenticationHeaderValue Header)? _read;

    public AuthenticationHeaderValue? Header
    {
        get
        {
            // kubectl prefers the file, which may be newer
            if (file is null)
            {
                return token is null ? null : new("Bearer", token);
            }

            DateTime written = File.GetLastWriteTimeUtc(file);
            if (_read is not { } read || read.Written != written)
            {
                _read = read = (written, new("Bearer", File.ReadAllText(file).Trim()));
            }

            return read.Header;
        }
    }
}
