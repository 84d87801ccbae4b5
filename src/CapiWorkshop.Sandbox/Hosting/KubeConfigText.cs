using System.Text;

namespace CapiWorkshop.Sandbox.Hosting;

/// <summary>Writes kubeconfigs.</summary>
internal static class KubeConfigText
{
    public static string Write(string name, Uri server, string authorityPem, AccessToken token) => $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: {name}
          cluster:
            server: {server.AbsoluteUri.TrimEnd('/')}
            certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes(authorityPem))}
        users:
        - name: {name}-admin
          user:
            token: {token.Value}
        contexts:
        - name: {name}
          context:
            cluster: {name}
            user: {name}-admin
            namespace: default
        current-context: {name}

        """;
}
