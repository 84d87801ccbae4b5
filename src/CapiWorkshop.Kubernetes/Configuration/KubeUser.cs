using System.Net;
using System.Text;
using System.Text.Json;
using CapiWorkshop.Operations;

namespace CapiWorkshop.Kubernetes.Configuration;

/// <summary>Reads what a kubeconfig says of a user. What cannot be used is refused: left out, it would make another user of one, or nobody.</summary>
internal static class KubeUser
{
    private const string Group = "client.authentication.k8s.io/";

    /// <summary>Refuses what kubectl refuses, too: ways to sign in that exclude each other, and those that are gone.</summary>
    public static void Check(KubeConfigEntry user)
    {
        if (user.Mapping("auth-provider") is KubeConfigEntry provider)
        {
            string instead = provider.Text("name") switch
            {
                "gcp" => "Use the exec plugin gke-gcloud-auth-plugin instead: gcloud container clusters get-credentials <cluster> writes it into the kubeconfig.",
                "azure" => "Use the exec plugin kubelogin instead: kubelogin convert-kubeconfig writes it into the kubeconfig.",
                "oidc" => "Use the exec plugin kubectl oidc-login (kubelogin) instead: kubectl oidc-login setup tells how.",
                _ => "Use the exec plugin of your provider instead, or a client certificate or a token.",
            };
            throw user.Unsupported("auth-provider", "which Kubernetes has removed", instead);
        }

        if (user.Has("username") || user.Has("password"))
        {
            if (!user.Has("username"))
            {
                throw user.Invalid("password", "stands without a username");
            }

            if (user.Has("token") || user.Has("tokenFile"))
            {
                throw user.Invalid("username", "stands beside a token: only one of them is allowed");
            }
        }
    }

    public static NetworkCredential? Basic(KubeConfigEntry user) => user.Text("username") is not string name ? null
        : name.Contains(':', StringComparison.Ordinal) ? throw user.Invalid("username", "holds a colon, which ends a user's name")
        : new(name, user.Text("password") ?? "");

    /// <summary>The headers that ask the server to take one for somebody else.</summary>
    public static IReadOnlyList<(string Name, string Value)> Impersonation(KubeConfigEntry user)
    {
        KubeConfigEntry? extra = user.Mapping("as-user-extra");
        if (user.HeaderText("as") is not string name)
        {
            foreach (string field in (ReadOnlySpan<string>)["as-uid", "as-groups", "as-user-extra"])
            {
                if (user.Has(field))
                {
                    throw user.Invalid(field, "stands without as: it says nothing of whom to impersonate");
                }
            }

            return [];
        }

        List<(string, string)> headers = [("Impersonate-User", name)];
        if (user.HeaderText("as-uid") is string uid)
        {
            headers.Add(("Impersonate-Uid", uid));
        }

        headers.AddRange(user.Texts("as-groups").Select(group => ("Impersonate-Group", user.HeaderText("as-groups", group))));
        headers.AddRange(extra?.Keys.SelectMany(key => extra.Texts(key).Select(value => ("Impersonate-Extra-" + Escape(key), extra.HeaderText(key, value)))) ?? []);
        return headers;
    }

    /// <summary>The program that gets the credentials; null where the kubeconfig names none.</summary>
    /// <param name="user">The user.</param>
    /// <param name="name">The user's name.</param>
    /// <param name="cluster">The cluster, of which the program may be told.</param>
    public static ExecPlugin? Exec(KubeConfigEntry user, string name, KubeConfigEntry cluster)
    {
        if (user.Mapping("exec") is not KubeConfigEntry exec)
        {
            return null;
        }

        if (!user.IsLocal)
        {
            throw user.Unsupported("exec", "which only a kubeconfig that is a file of this machine may do: it would run a program", "Put the kubeconfig into a file, and look at what it runs.");
        }

        string version = exec.Text("apiVersion") ?? throw exec.Invalid("apiVersion", "is missing");
        if (version is not (Group + "v1" or Group + "v1beta1"))
        {
            throw exec.Unsupported("apiVersion", $"and {Shown(version)} is no version that is spoken here",
                $"Renew the plugin and the kubeconfig: {Group}v1 and {Group}v1beta1 are understood, as by kubectl.");
        }

        string command = exec.Text("command") ?? throw exec.Invalid("command", "is missing");
        bool isPath = command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) || command.Contains(Path.AltDirectorySeparatorChar, StringComparison.Ordinal);
        return new()
        {
            ApiVersion = version,
            Command = isPath ? exec.PathOf("command")! : command,
            User = name,
            Arguments = exec.Texts("args"),
            Environment = [.. exec.Mappings("env").Select(variable => (variable.Text("name") ?? throw variable.Invalid("name", "is missing"), variable.Text("value") ?? ""))],
            InstallHint = exec.Text("installHint"),
            Interaction = exec.Text("interactiveMode") switch
            {
                "Never" => ExecInteraction.Never,
                "IfAvailable" => ExecInteraction.IfAvailable,
                "Always" => ExecInteraction.Always,
                null => version == Group + "v1beta1" ? ExecInteraction.IfAvailable : throw exec.Invalid("interactiveMode", "is missing: it is Never, IfAvailable or Always"),
                _ => throw exec.Invalid("interactiveMode", "is none of Never, IfAvailable and Always"),
            },
            Cluster = exec.Flag("provideClusterInfo") ? Describe(cluster) : null,
        };
    }

    /// <summary>The cluster as the protocol spells it: what a plugin that is meant for many clusters goes by.</summary>
    private static string Describe(KubeConfigEntry cluster)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            foreach (string field in (ReadOnlySpan<string>)["server", "tls-server-name", "proxy-url"])
            {
                if (cluster.Text(field) is string text)
                {
                    json.WriteString(field, text);
                }
            }

            foreach (string field in (ReadOnlySpan<string>)["insecure-skip-tls-verify", "disable-compression"])
            {
                if (cluster.Flag(field))
                {
                    json.WriteBoolean(field, true);
                }
            }

            if (cluster.Bytes("certificate-authority") is byte[] authority)
            {
                json.WriteBase64String("certificate-authority-data", authority);
            }

            if (cluster.Mappings("extensions").FirstOrDefault(extension => extension.Text("name") == Group + "exec")?.Node("extension") is { } config)
            {
                json.WritePropertyName("config");
                KubeYaml.Write(json, config);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>A version as it may be shown: a field that is no version could be anything.</summary>
    private static string Shown(string version) => version.StartsWith(Group, StringComparison.Ordinal) && version.Length < 64 ? $"'{version}'" : "what stands there";

    /// <summary>A key as a header's name can carry it: in lower case, and what no name may hold as the percent escapes of its UTF-8.</summary>
    private static string Escape(string key)
    {
        StringBuilder escaped = new();
        foreach (byte b in Encoding.UTF8.GetBytes(key.ToLowerInvariant()))
        {
            _ = char.IsAsciiLetterOrDigit((char)b) || "!#$&'*+-.^_`|~".Contains((char)b, StringComparison.Ordinal) ? escaped.Append((char)b) : escaped.Append('%').Append(b.ToString("x2"));
        }

        return escaped.ToString();
    }
}
