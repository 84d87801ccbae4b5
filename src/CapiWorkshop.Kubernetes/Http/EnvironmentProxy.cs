using System.Globalization;
using System.Net;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>
/// The proxy that the usual variables name, by Go's rules, which are kubectl's: an address of this machine itself needs none, and <c>NO_PROXY</c> takes
/// address ranges and ports, neither of which .NET's own reading does. <c>ALL_PROXY</c> is .NET's; Go does not know it.
/// </summary>
internal static class EnvironmentProxy
{
    /// <summary>The proxy for a server; null where it is reached without one.</summary>
    /// <exception cref="CapiProblemException"><c>KubeConfigInvalid</c> where a variable holds no address.</exception>
    public static ProxyAddress? Find(Uri server)
    {
        (string Name, string Value)? variable = (server.Scheme == Uri.UriSchemeHttps ? Variable("HTTPS_PROXY") : Variable("HTTP_PROXY")) ?? Variable("ALL_PROXY");
        if (variable is not (string name, string value) || server.IsLoopback || (Variable("NO_PROXY")?.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Any(rule => Exempts(rule, server)) ?? false))
        {
            return null;
        }

        return ProxyAddress.Parse(value.Contains("://", StringComparison.Ordinal) ? value : "http://" + value)
            ?? throw new CapiProblem(ProblemId.KubeConfigInvalid, CapiProblemCategory.InvalidData, $"The variable {name} holds no address of an http, https or socks5 proxy.",
                $"Correct $env:{name}, or name the proxy as proxy-url in the kubeconfig.", name).ToException();
    }

    private static (string Name, string Value)? Variable(string name) =>
        ((string[])[name, name.ToLowerInvariant()]).Select(spelled => (spelled, Environment.GetEnvironmentVariable(spelled)))
            .Where(variable => !string.IsNullOrWhiteSpace(variable.Item2)).Select(variable => ((string, string)?)(variable.spelled, variable.Item2!.Trim())).FirstOrDefault();

    /// <summary>Whether a rule of <c>NO_PROXY</c> exempts a server: <c>*</c>, an address, a range of addresses, or a domain with all below it; each may end in a port.</summary>
    private static bool Exempts(string rule, Uri server)
    {
        if (rule == "*")
        {
            return true;
        }

        string host = server.IdnHost;
        if (IPNetwork.TryParse(rule, out IPNetwork range))
        {
            return IPAddress.TryParse(host, out IPAddress? inRange) && range.Contains(inRange);
        }

        if (IPEndPoint.TryParse(rule, out IPEndPoint? end) && IPAddress.TryParse(host, out IPAddress? address))
        {
            return end.Address.Equals(address) && (end.Port == 0 || end.Port == server.Port);
        }

        if (rule.Split(':') is [string name, string port])
        {
            if (port != server.Port.ToString(CultureInfo.InvariantCulture))
            {
                return false;
            }

            rule = name;
        }

        rule = rule.TrimStart('*');
        return host.EndsWith(rule.StartsWith('.') ? rule : "." + rule, StringComparison.OrdinalIgnoreCase) || host.Equals(rule, StringComparison.OrdinalIgnoreCase);
    }
}
