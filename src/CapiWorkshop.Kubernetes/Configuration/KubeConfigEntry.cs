using System.Text;
using CapiWorkshop.Kubernetes.Http;
using CapiWorkshop.Operations;
using YamlDotNet.RepresentationModel;

namespace CapiWorkshop.Kubernetes.Configuration;

/// <summary>One cluster, user or context of a kubeconfig, or a mapping inside it, and where it stands. Secrets are only ever returned, never shown.</summary>
/// <param name="file">The kubeconfig; of one that is no file, its name.</param>
/// <param name="folder">The folder that relative paths start from; null where the kubeconfig came over a network.</param>
/// <param name="path">Where it stands in the kubeconfig, such as <c>users[me].user</c>.</param>
/// <param name="body">What it says.</param>
internal sealed class KubeConfigEntry(string file, string? folder, string path, YamlMappingNode body)
{
    /// <summary>Whether the kubeconfig is a file of this machine, and so may name others.</summary>
    public bool IsLocal => folder is not null;

    /// <summary>Whether it says anything of a field.</summary>
    public bool Has(string field) =>
        KubeYaml.Find(body, field) is YamlNode and not (YamlScalarNode { Value: null or "" } or YamlSequenceNode { Children.Count: 0 } or YamlMappingNode { Children.Count: 0 });

    public string? Text(string field) => KubeYaml.Find(body, field) switch
    {
        null => null,
        YamlScalarNode scalar => string.IsNullOrEmpty(scalar.Value) ? null : Text(field, scalar),
        _ => throw Invalid(field, "is not a text"),
    };

    public IReadOnlyList<string> Texts(string field) => [.. Items(field).Select(item => item is YamlScalarNode scalar ? Text(field, scalar) : throw Invalid(field, "is not a list of texts"))];

    public bool Flag(string field) => KubeYaml.Find(body, field) switch
    {
        null => false,
        YamlScalarNode scalar when KubeYaml.Truth(scalar) is bool flag => flag,
        _ => throw Invalid(field, "is neither true nor false"),
    };

    /// <summary>A mapping inside this one; null where there is none.</summary>
    public KubeConfigEntry? Mapping(string field) => KubeYaml.Find(body, field) switch
    {
        null => null,
        YamlMappingNode mapping => new(file, folder, $"{path}.{field}", mapping),
        _ => throw Invalid(field, "is not a mapping"),
    };

    /// <summary>The mappings of a list.</summary>
    public IReadOnlyList<KubeConfigEntry> Mappings(string field) =>
        [.. Items(field).Select((item, i) => item is YamlMappingNode mapping ? new KubeConfigEntry(file, folder, $"{path}.{field}[{i}]", mapping) : throw Invalid(field, "is not a list of mappings"))];

    /// <summary>The keys of this mapping.</summary>
    public IEnumerable<string> Keys => body.Children.Keys.OfType<YamlScalarNode>().Select(key => key.Value ?? "");

    /// <summary>What a field says, whatever it is; null where it says nothing.</summary>
    public YamlNode? Node(string field) => KubeYaml.Find(body, field);

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
        string token => GivenCredentials.IsToken(token) ? token : throw Invalid(field, "is not a token"),
    };

    /// <summary>A text that a header can carry.</summary>
    public string? HeaderText(string field) => Text(field) is string text ? HeaderText(field, text) : null;

    public string HeaderText(string field, string text) => text.Any(char.IsControl) ? throw Invalid(field, "holds a line break or another control character, which no header can carry") : text;

    public ProxyAddress? Proxy(string field) => Text(field) is string text ? ProxyAddress.Parse(text) ?? throw Invalid(field, "is not an http, https, socks5 or socks5h address") : null;

    public CapiProblemException Unsupported(string field, string why, string action) =>
        new CapiProblem(ProblemId.CredentialNotSupported, CapiProblemCategory.AuthenticationError, $"The kubeconfig '{file}' asks for {path}.{field}, {why}.", action, file).ToException();

    /// <summary>The problem of what <see cref="Bytes"/> gave, where that is not the PEM that was expected.</summary>
    public CapiProblemException UnusablePem(string field, string why)
    {
        string what = $"cannot be used: {why}. A PEM is expected there, which begins with: -----BEGIN CERTIFICATE-----";
        return Text(field + "-data") is not null ? Invalid(field + "-data", what) : Invalid(field, $"names '{PathOf(field)}', which {what}");
    }

    public CapiProblemException Invalid(string field, string what) =>
        KubeConfig.Invalid(file, (KubeYaml.Find(body, field) ?? body).Start.Line, $"{path}.{field}", what);

    private string Text(string field, YamlScalarNode scalar) =>
        KubeYaml.IsText(scalar) ? scalar.Value ?? "" : throw Invalid(field, "is a number or a truth value to YAML, and no text: put it into quotes");

    private YamlSequenceNode Items(string field) => KubeYaml.Find(body, field) switch
    {
        null => [],
        YamlSequenceNode list => list,
        _ => throw Invalid(field, "is not a list"),
    };
}
