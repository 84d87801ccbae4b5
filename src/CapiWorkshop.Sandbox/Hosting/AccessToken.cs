using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace CapiWorkshop.Sandbox.Hosting;

/// <summary>The secret of one API. It is compared in constant time and shows nowhere but in a kubeconfig.</summary>
internal sealed class AccessToken
{
    private const string Scheme = "Bearer ";
    private readonly byte[] _expected;

    private AccessToken(string value)
    {
        Value = value;
        _expected = Encoding.UTF8.GetBytes(value);
    }

    public string Value { get; }

    public static AccessToken Create() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    public bool Admits(HttpRequest request)
    {
        string header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(header[Scheme.Length..].Trim()), _expected);
    }

    public override string ToString() => "(secret)";
}
