using System.Net;
using System.Text;
using CapiWorkshop.Kubernetes.Http;
using CapiWorkshop.Operations;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CapiWorkshop.Kubernetes.Configuration;

/// <summary>
/// One kubeconfig, merged from all its files by kubectl's rules: the first file that names a cluster, user, context or the current context wins, and
/// relative paths are relative to the file they stand in. Read, never written.
/// </summary>
public sealed class KubeConfig
{
    private readonly Dictionary<string, Entry> _clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Entry> _contexts = new(StringComparer.Ordinal);

    private KubeConfig(IReadOnlyList<string> files) => Files = files;

    /// <summary>The files it was read from; of one that is no file, its name.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>The context that is used where none is named; null where there is none.</summary>
    public string? CurrentContext { get; private set; }

    /// <summary>The names of all contexts, in the order of the files.</summary>
    public IEnumerable<string> Contexts => _contexts.Keys;

    /// <summary>
    /// Where a kubeconfig is looked for: the file that is named; else those of <c>$KUBECONFIG</c>; else <c>~/.kube/config</c>. Of <c>$KUBECONFIG</c>'s
    /// files those that do not exist are passed over.
    /// </summary>
    /// <param name="path">The file that is named; null for none.</param>
    /// <exception cref="CapiProblemException"><c>KubeConfigNotFound</c>.</exception>
    public static IReadOnlyList<string> FindFiles(string? path)
    {
        if (!string.IsNullOrEmpty(path))
        {
            return File.Exists(path) ? [Path.GetFullPath(path)] : throw NotFound($"The kubeconfig '{path}' {(Directory.Exists(path) ? "is a folder" : "does not exist")}.", path);
        }

        string? variable = Environment.GetEnvironmentVariable("KUBECONFIG");
        string[] candidates = string.IsNullOrWhiteSpace(variable)
            ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config")]
            : variable.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] files = [.. candidates.Where(File.Exists).Select(Path.GetFullPath).Distinct()];
        return files.Length > 0 ? files : throw NotFound(
            string.IsNullOrWhiteSpace(variable) ? $"There is no kubeconfig: '{candidates[0]}' does not exist." : $"There is no kubeconfig: no file of $env:KUBECONFIG ('{variable}') exists.", candidates is [string first, ..] ? first : "KUBECONFIG");
    }

    /// <summary>Reads and merges a kubeconfig's files.</summary>
    /// <param name="files">The files, the most important first.</param>
    /// <exception cref="CapiProblemException"><c>KubeConfigNotFound</c> where one cannot be opened, <c>KubeConfigInvalid</c> where one cannot be understood.</exception>
    public static KubeConfig Read(IReadOnlyList<string> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        KubeConfig config = new([.. files.Select(Path.GetFullPath)]);
        foreach (string file in config.Files)
        {
            try
            {
                config.Add(file, File.ReadAllText(file), Path.GetDirectoryName(file));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new CapiProblem(ProblemId.KubeConfigNotFound, CapiProblemCategory.PermissionDenied, $"The kubeconfig '{file}' cannot be read: {e.Message}", "Check the file's permissions.", file).ToException(e);
            }
        }

        return config;
    }

    /// <summary>Reads a kubeconfig that came over a network, such as that of a workload cluster's secret: it may not name files of this machine.</summary>
    /// <param name="name">What it is called in messages.</param>
    /// <param name="yaml">The kubeconfig, UTF-8.</param>
    /// <exception cref="CapiProblemException"><c>KubeConfigInvalid</c> where it cannot be understood.</exception>
    public static KubeConfig Parse(string name, ReadOnlyMemory<byte> yaml)
    {
        KubeConfig config = new([name]);
        config.Add(name, Encoding.UTF8.GetString(yaml.Span), null);
        return config;
    }

    /// <summary>What a context says.</summary>
    /// <param name="context">The context's name; null for the current one.</param>
    /// <exception cref="CapiProblemException"><c>ContextNotFound</c>, <c>KubeConfigInvalid</c> or <c>CredentialNotSupported</c>.</exception>
    public KubeTarget Resolve(string? context)
    {
        string name = context ?? CurrentContext ?? throw new CapiProblem(ProblemId.ContextNotFound, CapiProblemCategory.ObjectNotFound,
            $"The kubeconfig {Show(Files)} has no current context.", $"Name one with -Context: {Choices()}.", Files is [string first, ..] ? first : null).ToException();
        if (!_contexts.TryGetValue(name, out Entry? entry))
        {
            throw new CapiProblem(ProblemId.ContextNotFound, CapiProblemCategory.ObjectNotFound,
                $"The kubeconfig {Show(Files)} has no context '{name}'.", $"Name one of: {Choices()}.", name).ToException();
        }

        Entry cluster = Lookup(_clusters, entry, "cluster", name);
        Entry? user = entry.Text("user") is null ? null : Lookup(_users, entry, "user", name);
        string server = cluster.Text("server") ?? throw cluster.Invalid("server", "is missing");
        if (!Uri.TryCreate(server, UriKind.Absolute, out Uri? address) || address.Scheme is not ("https" or "http"))
        {
            throw cluster.Invalid("server", "is not an http or https address");
        }

        if (cluster.Text("tls-server-name") is not null)
        {
            throw cluster.Unsupported("tls-server-name", "Use an address that the certificate names.");
        }

        user?.RefuseUnsupported();
        (Uri? proxy, NetworkCredential? proxyCredentials) = cluster.Proxy("proxy-url");
        (string? certificate, string? key) = (user?.Pem("client-certificate"), user?.Pem("client-key"));
        if (certificate is null != key is null)
        {
            throw user!.Invalid(certificate is null ? "client-certificate" : "client-key", "is missing: a certificate and its key go together");
        }

        return new(WithoutUserInfo(address), name, entry.Text("namespace") ?? "default", entry.Text("user"))
        {
            CertificateAuthority = cluster.Bytes("certificate-authority"),
            InsecureSkipTlsVerify = cluster.Flag("insecure-skip-tls-verify"),
            Proxy = proxy,
            ProxyCredentials = proxyCredentials,
            DisableCompression = cluster.Flag("disable-compression"),
            ClientCertificate = certificate,
            ClientKey = key,
            Token = user?.Token("token"),
            TokenFile = user?.PathOf("tokenFile"),
        };
    }

    /// <summary>An address as it may be shown.</summary>
    private static Uri WithoutUserInfo(Uri address) => address.UserInfo.Length == 0 ? address : new UriBuilder(address) { UserName = "", Password = "" }.Uri;

    private static CapiProblemException NotFound(string message, string target) =>
        new CapiProblem(ProblemId.KubeConfigNotFound, CapiProblemCategory.ObjectNotFound, message,
            "Name a kubeconfig with -KubeConfig or $env:KUBECONFIG; a kind cluster's is written with: kind get kubeconfig --name <cluster>", target).ToException();

    private static string Show(IReadOnlyList<string> files) => string.Join(", ", files.Select(file => $"'{file}'"));

    private string Choices() => _contexts.Count == 0 ? "it has none at all" : string.Join(", ", _contexts.Keys);

    private static Entry Lookup(Dictionary<string, Entry> entries, Entry context, string kind, string contextName)
    {
        string name = context.Text(kind) ?? throw context.Invalid(kind, $"is missing in context '{contextName}'");
        return entries.TryGetValue(name, out Entry? entry) ? entry : throw context.Invalid(kind, $"names the {kind} '{name}', which is not there");
    }

    private void Add(string file, string text, string? folder)
    {
        YamlMappingNode root;
        try
        {
            using StringReader reader = new(text);
            YamlStream yaml = [];
            yaml.Load(reader);
            if (yaml.Documents.Count == 0)
            {
                return; // kubectl, too, takes an empty file for an empty kubeconfig
            }

            root = yaml.Documents[0].RootNode as YamlMappingNode ?? throw Invalid(file, yaml.Documents[0].RootNode.Start.Line, "the document", "is not a mapping");
        }
        catch (Exception e) when (e is YamlException or InvalidOperationException or ArgumentException)
        {
            // The parser's own words quote the file, and with it perhaps a secret: neither they nor the exception leave this place.
            throw LineIndentedByTab(text) is long line
                ? Invalid(file, line, "the document", "is indented by a tab, which YAML does not allow")
                : Invalid(file, (e as YamlException)?.End.Line ?? 1, "the document", "is not YAML");
        }

        Collect(file, folder, root, "clusters", "cluster", _clusters);
        Collect(file, folder, root, "users", "user", _users);
        Collect(file, folder, root, "contexts", "context", _contexts);
        if (Find(root, "current-context") is YamlScalarNode { Value: { Length: > 0 } current })
        {
            CurrentContext ??= current;
        }
    }

    /// <summary>The most frequent fault of all, and one whose place the parser does not tell.</summary>
    private static long? LineIndentedByTab(string text)
    {
        int index = Array.FindIndex(text.Split('\n'), line => line.AsSpan()[..(line.Length - line.AsSpan().TrimStart().Length)].Contains('\t') && line.AsSpan().Trim().Length > 0);
        return index < 0 ? null : index + 1;
    }

    private static void Collect(string file, string? folder, YamlMappingNode root, string plural, string singular, Dictionary<string, Entry> entries)
    {
        YamlNode? list = Find(root, plural);
        if (list is null)
        {
            return;
        }

        foreach (YamlNode item in list as YamlSequenceNode ?? throw Invalid(file, list.Start.Line, plural, "is not a list"))
        {
            if (item is not YamlMappingNode mapping || Find(mapping, "name") is not YamlScalarNode { Value: { Length: > 0 } name })
            {
                throw Invalid(file, item.Start.Line, plural, "has an entry without a name");
            }

            YamlMappingNode body = Find(mapping, singular) switch
            {
                YamlMappingNode found => found,
                null => [],
                YamlNode other => throw Invalid(file, other.Start.Line, $"{plural}[{name}].{singular}", "is not a mapping"),
            };
            entries.TryAdd(name, new(file, folder, $"{plural}[{name}].{singular}", body));
        }
    }

    /// <summary>What a mapping says of a key; null, too, where it says nothing in YAML's many ways.</summary>
    private static YamlNode? Find(YamlMappingNode mapping, string key) =>
        mapping.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? value)
        && value is not YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" }
            ? value
            : null;

    private static CapiProblemException Invalid(string file, long line, string field, string what) =>
        new CapiProblem(ProblemId.KubeConfigInvalid, CapiProblemCategory.InvalidData, $"The kubeconfig '{file}' cannot be understood: line {line}: {field} {what.TrimEnd('.')}.",
            "Correct that line; kubectl config view shows what kubectl makes of the file.", file).ToException();

    /// <summary>One cluster, user or context, and where it stands. Secrets are only ever returned, never shown.</summary>
    private sealed class Entry(string file, string? folder, string path, YamlMappingNode body)
    {
        public string? Text(string field) => Find(body, field) switch
        {
            null => null,
            YamlScalarNode scalar => string.IsNullOrEmpty(scalar.Value) ? null : scalar.Value,
            _ => throw Invalid(field, "is not a text"),
        };

        public bool Flag(string field) => Text(field) switch
        {
            null or "false" => false,
            "true" => true,
            _ => throw Invalid(field, "is neither true nor false"),
        };

        /// <summary>The content of <c>field-data</c> (base64), else of the file that <c>field</c> names; data wins, as with kubectl.</summary>
        public byte[]? Bytes(string field)
        {
            if (Text(field + "-data") is string data)
            {
                try
                {
                    return Convert.FromBase64String(data);
                }
                catch (FormatException)
                {
                    throw Invalid(field + "-data", "is not base64");
                }
            }

            if (PathOf(field) is not string source)
            {
                return null;
            }

            try
            {
                return File.ReadAllBytes(source);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Invalid(field, $"names '{source}', which cannot be read");
            }
        }

        public string? Pem(string field) => Bytes(field) is byte[] bytes ? Encoding.ASCII.GetString(bytes) : null;

        public string? PathOf(string field) => Text(field) switch
        {
            null => null,
            _ when folder is null => throw Invalid(field, "names a file, which only a kubeconfig that is a file itself may do"),
            string relative => Path.GetFullPath(relative, folder),
        };

        public string? Token(string field) => Text(field)?.Trim() switch
        {
            null => null,
            string token => BearerToken.IsToken(token) ? token : throw Invalid(field, "is not a token"),
        };

        /// <summary>A proxy's address, and the credentials that may stand in it.</summary>
        public (Uri? Address, NetworkCredential? Credentials) Proxy(string field)
        {
            if (Text(field) is not string text)
            {
                return (null, null);
            }

            if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? address))
            {
                throw Invalid(field, "is not an address");
            }

            string[] user = address.UserInfo.Split(':', 2);
            return (WithoutUserInfo(address), address.UserInfo.Length == 0 ? null : new(Uri.UnescapeDataString(user[0]), user.Length > 1 ? Uri.UnescapeDataString(user[1]) : ""));
        }

        /// <summary>What would silently make another user of one, or none, is refused.</summary>
        public void RefuseUnsupported()
        {
            foreach (string field in (ReadOnlySpan<string>)["exec", "auth-provider", "as", "as-uid", "as-groups", "as-user-extra", "username", "password"])
            {
                if (Find(body, field) is YamlNode and not (YamlScalarNode { Value: null or "" } or YamlSequenceNode { Children.Count: 0 } or YamlMappingNode { Children.Count: 0 }))
                {
                    throw Unsupported(field, field switch
                    {
                        "auth-provider" => "Replace it by the exec plugin of your provider, or use a client certificate or a token.",
                        "username" or "password" => "Servers since 1.19 accept no passwords: use a client certificate or a token.",
                        _ => "Use a client certificate or a token, for example from: kubectl create token <serviceaccount>",
                    });
                }
            }
        }

        public CapiProblemException Unsupported(string field, string action) =>
            new CapiProblem(ProblemId.CredentialNotSupported, CapiProblemCategory.AuthenticationError,
                $"The kubeconfig '{file}' asks for {path}.{field}, which this version cannot do yet.", action, file).ToException();

        public CapiProblemException Invalid(string field, string what) =>
            KubeConfig.Invalid(file, (Find(body, field) ?? body).Start.Line, $"{path}.{field}", what);
    }
}
