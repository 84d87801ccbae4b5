using System.Net.Http.Headers;
using CapiWorkshop.Operations;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>A bearer token, or a file that holds one. The file is read for each request: it is small, and a service account's is replaced while it is used.</summary>
internal sealed class BearerToken(string? token, string? file)
{
    /// <summary>The header; null where there is no token.</summary>
    /// <exception cref="CapiProblemException"><c>KubeConfigInvalid</c> where the file cannot be read or holds no token.</exception>
    public AuthenticationHeaderValue? CreateHeader()
    {
        // kubectl, too, prefers the file, which may be newer.
        if (file is null)
        {
            return token is null ? null : new("Bearer", token);
        }

        string read;
        try
        {
            read = File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable("cannot be read");
        }

        return IsToken(read) ? new("Bearer", read) : throw Unusable("holds no token");
    }

    /// <summary>Whether a text can stand in a header: one line without blanks.</summary>
    public static bool IsToken(string text) => text.Length > 0 && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c > 126);

    private CapiProblemException Unusable(string why) =>
        new CapiProblem(ProblemId.KubeConfigInvalid, CapiProblemCategory.AuthenticationError, $"The token file '{file}' {why}.", "Check the file that tokenFile in the kubeconfig names.", file).ToException();
}
