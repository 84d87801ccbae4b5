using System.Management.Automation;
using CapiWorkshop.Operations;
using CapiWorkshop.PowerShell.Pipeline;

namespace CapiWorkshop.PowerShell.Commands;

/// <summary>Reads saved states from their files.</summary>
[Cmdlet(VerbsData.Import, "CapiWorkshopState", DefaultParameterSetName = "Path")]
[OutputType(typeof(CapiWorkshopState))]
public sealed class ImportCapiWorkshopStateCommand : CapiCmdlet
{
    /// <summary>The files; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Path")]
    [Alias("FilePath")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>The files by their very names: no character is a wildcard.</summary>
    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    private protected override void Process()
    {
        foreach (string file in ParameterSetName == nameof(LiteralPath) ? LiteralPath.Select(GetUnresolvedProviderPathFromPSPath) : Path.SelectMany(Expand))
        {
            Start(async (output, token) => await output.WriteAsync((object)await WorkshopStateFile.ReadAsync(file, token).ConfigureAwait(false)).ConfigureAwait(false));
        }
    }

    /// <summary>A pattern that matches nothing names no file; a name is a file's, and reading says what is wrong with it.</summary>
    private IEnumerable<string> Expand(string path) =>
        WildcardPattern.ContainsWildcardCharacters(path) ? GetResolvedProviderPathFromPSPath(path, out _) : [GetUnresolvedProviderPathFromPSPath(path)];
}
