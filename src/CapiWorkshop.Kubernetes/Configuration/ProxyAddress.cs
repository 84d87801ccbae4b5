using System.Net;

namespace CapiWorkshop.Kubernetes.Configuration;

/// <summary>A proxy, and the credentials that may stand in its address. They are kept apart, so that no message about the address shows them.</summary>
internal sealed class ProxyAddress
{
    private ProxyAddress(Uri address, NetworkCredential? credentials)
    {
        Address = address;
        Credentials = credentials;
    }

    /// <summary>The address, without credentials.</summary>
    public Uri Address { get; }

    public NetworkCredential? Credentials { get; }

    /// <summary>Reads an address; null where it is none, or that of another kind of proxy than HTTP, HTTPS and SOCKS 5.</summary>
    public static ProxyAddress? Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? address) || address.Host.Length == 0 || address.Scheme is not ("http" or "https" or "socks5" or "socks5h"))
        {
            return null;
        }

        string[] user = address.UserInfo.Split(':', 2);
        NetworkCredential? credentials = address.UserInfo.Length == 0 ? null : new(Uri.UnescapeDataString(user[0]), user.Length > 1 ? Uri.UnescapeDataString(user[1]) : "");

        // .NET knows socks5 only, and leaves names to the proxy: what curl calls socks5h.
        int port = address.Port < 0 ? 1080 : address.Port;
        return new(new UriBuilder(address) { Scheme = address.Scheme is "socks5h" ? "socks5" : address.Scheme, Port = port, UserName = "", Password = "" }.Uri, credentials);
    }

    public IWebProxy ToWebProxy() => new WebProxy(Address) { Credentials = Credentials };
}
