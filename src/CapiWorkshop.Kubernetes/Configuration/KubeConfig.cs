using System.Text;
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
    private readonly Dictionary<string, KubeConfigEntry> _clusters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KubeConfigEntry> _users = new(StringComparer.Ordinal);
    private readonly Dictionary<string, KubeConfigEntry> _contexts = new(StringComparer.Ordinal);

    private KubeConfig(IReadOnlyList<string> files) => Files = files;

    /// <summary>The files it was read from; of one that is no file, its name.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>The context that is used where none is named; null where there is none.</summary>
    public string? CurrentContext { get; private set; }

    /// <summary>The names of all contexts, in the order of the files.</summary>
    public IEnumerable<string> Contexts => _contexts.Keys;

    /// <summary>
    /// Where a kubeconfig is looked for: the file that is named; else those of <c>$KUBECONFIG</c>; else <c>~/.kube/config</c>. Of <c>$KUBECONFIG</c>'s
    /// files those that do not exist are passed over. In a pod that has a service account none need be there.
    /// </summary>
    /// <param name="path">The file that is named; null for none.</param>
    /// <returns>The files; none where the pod's service account is to be used.</returns>
    /// <exception cref="CapiProblemException"><c>KubeConfigNotFound</c>.</exception>
    public static IReadOnlyList<string> FindFiles(string? path) => FindFiles(path, ServiceAccount.OfThisPod);

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
    /// <param name="context">The context's name; null for the current one, or where there is no kubeconfig for what the pod's service account says.</param>
    /// <exception cref="CapiProblemException"><c>ContextNotFound</c>, <c>KubeConfigInvalid</c> or <c>CredentialNotSupported</c>.</exception>
    public KubeTarget Resolve(string? context) => Resolve(context, ServiceAccount.OfThisPod);

    internal static IReadOnlyList<string> FindFiles(string? path, ServiceAccount account)
    {
        if (!string.IsNullOrEmpty(path))
        {
            return File.Exists(path) ? [Path.GetFullPath(path)] : throw NotFound($"The kubeconfig '{path}' {(Directory.Exists(path) ? "is a folder" : "does not exist")}.", path);
        }

        string? variable = Environment.GetEnvironmentVariable("KUBECONFIG");
        string[] candidates = Candidates(variable), files = ThoseThere(candidates);
        return files.Length > 0 || account.IsThere ? files : throw NotFound(
            string.IsNullOrWhiteSpace(variable) ? $"There is no kubeconfig: '{candidates[0]}' does not exist." : $"There is no kubeconfig: no file of $env:KUBECONFIG ('{variable}') exists.", candidates is [string first, ..] ? first : "KUBECONFIG");
    }

    private static string[] Candidates(string? variable) => string.IsNullOrWhiteSpace(variable)
        ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config")]
        : variable.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string[] ThoseThere(string[] candidates) => [.. candidates.Where(File.Exists).Select(Path.GetFullPath).Distinct()];

    internal KubeTarget Resolve(string? context, ServiceAccount account)
    {
        if (context is null && Files.Count == 0 && account.IsThere)
        {
            return account.ToTarget();
        }

        string name = context ?? CurrentContext ?? throw new CapiProblem(ProblemId.ContextNotFound, CapiProblemCategory.ObjectNotFound,
            $"{Shown()} has no current context.", $"Name one with -Context: {Choices()}.", Files is [string first, ..] ? first : null).ToException();
        if (!_contexts.TryGetValue(name, out KubeConfigEntry? entry))
        {
            throw new CapiProblem(ProblemId.ContextNotFound, CapiProblemCategory.ObjectNotFound,
                $"{Shown()} has no context '{name}'.", $"Name one of: {Choices()}.", name).ToException();
        }

        KubeConfigEntry cluster = Lookup(_clusters, entry, "cluster", name);
        KubeConfigEntry? user = entry.Text("user") is null ? null : Lookup(_users, entry, "user", name);
        string server = cluster.Text("server") ?? throw cluster.Invalid("server", "is missing");
        if (!Uri.TryCreate(server, UriKind.Absolute, out Uri? address) || address.Scheme is not ("https" or "http"))
        {
            throw cluster.Invalid("server", "is not an http or https address");
        }

        byte[]? authority = cluster.Bytes("certificate-authority");
        bool insecure = cluster.Flag("insecure-skip-tls-verify");
        if (insecure && authority is not null)
        {
            throw cluster.Invalid("insecure-skip-tls-verify", "stands beside a certificate-authority: either the certificate is checked or it is not");
        }

        if (user is not null)
        {
            KubeUser.Check(user);
        }

        (string? certificate, string? key) = (user?.Pem("client-certificate"), user?.Pem("client-key"));
        if (certificate is null != key is null)
        {
            throw user!.Invalid(certificate is null ? "client-certificate" : "client-key", "is missing: a certificate and its key go together");
        }

        bool isFound = ThoseThere(Candidates(Environment.GetEnvironmentVariable("KUBECONFIG"))).SequenceEqual(Files);
        return new(Bare(address), name, entry.Text("namespace") ?? "default", entry.Text("user"))
        {
            KubeConfig = entry.IsLocal && !isFound && Files is [string named] ? named : null,
            CertificateAuthority = authority,
            UnusableAuthority = why => cluster.UnusablePem("certificate-authority", why),
            InsecureSkipTlsVerify = insecure,
            TlsServerName = cluster.Text("tls-server-name"),
            Proxy = cluster.Proxy("proxy-url"),
            DisableCompression = cluster.Flag("disable-compression"),
            ClientCertificate = certificate,
            ClientKey = key,
            ClientCertificateFile = user?.Text("client-certificate-data") is null ? user?.PathOf("client-certificate") : null,
            ClientKeyFile = user?.Text("client-key-data") is null ? user?.PathOf("client-key") : null,
            Token = user?.Token("token"),
            TokenFile = user?.PathOf("tokenFile"),
            Basic = user is null ? null : KubeUser.Basic(user),
            Impersonation = user is null ? [] : KubeUser.Impersonation(user),
            Exec = user is null ? null : KubeUser.Exec(user, entry.Text("user")!, cluster),
        };
    }

    /// <summary>An address as it may be shown, and paths may be put behind it: a query goes, as with kubectl.</summary>
    private static Uri Bare(Uri address) =>
        (address.UserInfo + address.Query + address.Fragment).Length == 0 ? address : new UriBuilder(address) { UserName = "", Password = "", Query = "", Fragment = "" }.Uri;

    private static CapiProblemException NotFound(string message, string target) =>
        new CapiProblem(ProblemId.KubeConfigNotFound, CapiProblemCategory.ObjectNotFound, message,
            "Name a kubeconfig with -KubeConfig or $env:KUBECONFIG; a kind cluster's is written with: kind get kubeconfig --name <cluster>. Without any cluster, begin with: Start-CapiSandbox", target).ToException();

    private string Shown() => Files.Count == 0 ? "The pod's service account" : $"The kubeconfig {string.Join(", ", Files.Select(file => $"'{file}'"))}";

    private string Choices() => _contexts.Count == 0 ? "it has none at all" : string.Join(", ", _contexts.Keys);

    private static KubeConfigEntry Lookup(Dictionary<string, KubeConfigEntry> entries, KubeConfigEntry context, string kind, string contextName)
    {
        string name = context.Text(kind) ?? throw context.Invalid(kind, $"is missing in context '{contextName}'");
        return entries.TryGetValue(name, out KubeConfigEntry? entry) ? entry : throw context.Invalid(kind, $"names the {kind} '{name}', which is not there");
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

        foreach ((string field, string expected) in (ReadOnlySpan<(string, string)>)[("kind", "Config"), ("apiVersion", "v1")])
        {
            // kubectl, too, takes a file that does not say for a kubeconfig
            if (KubeYaml.Find(root, field) is YamlNode node and not YamlScalarNode { Value: "" } && (node as YamlScalarNode)?.Value != expected)
            {
                throw Invalid(file, node.Start.Line, field, $"is not {expected}, so this is no kubeconfig");
            }
        }

        Collect(file, folder, root, "clusters", "cluster", _clusters);
        Collect(file, folder, root, "users", "user", _users);
        Collect(file, folder, root, "contexts", "context", _contexts);
        if (KubeYaml.Find(root, "current-context") is YamlScalarNode { Value: { Length: > 0 } current })
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

    private static void Collect(string file, string? folder, YamlMappingNode root, string plural, string singular, Dictionary<string, KubeConfigEntry> entries)
    {
        YamlNode? list = KubeYaml.Find(root, plural);
        if (list is null)
        {
            return;
        }

        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (YamlNode item in list as YamlSequenceNode ?? throw Invalid(file, list.Start.Line, plural, "is not a list"))
        {
            if (item is not YamlMappingNode mapping || KubeYaml.Find(mapping, "name") is not YamlScalarNode { Value: { Length: > 0 } name })
            {
                throw Invalid(file, item.Start.Line, plural, "has an entry without a name");
            }

            if (!names.Add(name))
            {
                throw Invalid(file, item.Start.Line, plural, $"names '{name}' for the second time, and which of them is meant nobody knows");
            }

            YamlMappingNode body = KubeYaml.Find(mapping, singular) switch
            {
                YamlMappingNode found => found,
                null => [],
                YamlNode other => throw Invalid(file, other.Start.Line, $"{plural}[{name}].{singular}", "is not a mapping"),
            };
            entries.TryAdd(name, new(file, folder, $"{plural}[{name}].{singular}", body));
        }
    }

    internal static CapiProblemException Invalid(string file, long line, string field, string what) =>
        new CapiProblem(ProblemId.KubeConfigInvalid, CapiProblemCategory.InvalidData, $"The kubeconfig '{file}' cannot be understood: line {line}: {field} {what.TrimEnd('.')}.",
            "Correct that line; kubectl config view shows what kubectl makes of the file.", file).ToException();
}
