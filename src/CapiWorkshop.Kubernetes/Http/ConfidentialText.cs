using System.Text.RegularExpressions;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>
/// Hides what looks like a credential in the words of another program. Unlike in a body of the API's, nobody knows what stands where: what bears the name of a
/// secret goes, and what looks like a token does. What people must read to sign in, such as an address with its parameters or a short code, stays.
/// </summary>
internal static partial class ConfidentialText
{
    private const string Hidden = "(hidden)";

    public static string Hide(string text)
    {
        text = UserInfo().Replace(text, Hidden + "@");
        text = JsonWebToken().Replace(text, Hidden);
        text = Header().Replace(text, "${scheme} " + Hidden);
        text = Password().Replace(text, "${name}" + Hidden);
        text = NamedToken().Replace(text, "${name}" + Hidden);
        return Opaque().Replace(text, Hidden);
    }

    [GeneratedRegex(@"(?<=://)[^/\s@]+@")]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"\beyJ[\w-]+(\.[\w-]*)*")]
    private static partial Regex JsonWebToken();

    /// <summary>What follows <c>Bearer</c> is often only a word of a sentence.</summary>
    [GeneratedRegex(@"\b(?<scheme>Bearer|Basic)[:\s]+(?=\S*[\d=]|\S{20})\S{8,}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Header();

    [GeneratedRegex(@"(?<name>(password|passwd|passphrase|pwd|secret)\w*[""']?\s*[:=]\s*|--[\w-]*(password|secret|token)[\w-]*\s+(?!-))(""[^""]*""?|'[^']*'?|[^\s,;&]+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Password();

    /// <summary>Behind <c>token:</c> an error's cause stands more often than a token.</summary>
    [GeneratedRegex(@"(?<name>(token|key|credential|authorization|cookie|assertion)\w*[""']?\s*(=\s*|:\s*(?=[""']|(?=\S*\d)\S{12})))(""[^""]*""?|'[^']*'?|[^\s,;&(]+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NamedToken();

    /// <summary>A long word of large and small letters and digits, which stands by itself: a part of an address or a path is none.</summary>
    [GeneratedRegex(@"(?<![^\s""'(])(?=\S*[a-z])(?=\S*[A-Z])(?=\S*\d)[A-Za-z0-9][A-Za-z0-9_+/.~-]{31,}=*(?![^\s""'),.;])")]
    private static partial Regex Opaque();
}
