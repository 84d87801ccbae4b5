using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Parameters;

/// <summary>A saved state as a parameter takes it: a CapiWorkshopState, or the file it is in.</summary>
public sealed class CapiStateReference
{
    private CapiStateReference(CapiWorkshopState? state, string? path) => (State, Path) = (state, path);

    /// <summary>The state; null where a file was named.</summary>
    public CapiWorkshopState? State { get; }

    /// <summary>The file as it was named; null where a state was given.</summary>
    public string? Path { get; }

    /// <inheritdoc/>
    public override string ToString() => Path ?? State!.ToString();

    internal static CapiStateReference Of(object? input) => input switch
    {
        PSObject wrapped => Of(wrapped.BaseObject),
        CapiStateReference reference => reference,
        CapiWorkshopState state => new(state, null),
        FileInfo file => new(null, file.FullName),
        string path when !string.IsNullOrWhiteSpace(path) => new(null, path),
        _ => throw new ArgumentTransformationMetadataException($"'{input}' is neither a CapiWorkshopState nor the name of a file that holds one."),
    };

    /// <summary>The state; read where a file was named.</summary>
    /// <param name="resolve">Makes a path of PowerShell one of the file system; is called at once.</param>
    /// <returns>What reads it, on any thread.</returns>
    internal Func<CancellationToken, Task<CapiWorkshopState>> Reader(Func<string, string> resolve)
    {
        string? file = Path is null ? null : resolve(Path);
        return token => file is null ? Task.FromResult(State!) : WorkshopStateFile.ReadAsync(file, token);
    }
}

/// <summary>Turns states and names of files into <see cref="CapiStateReference"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CapiStateReferenceAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => CapiStateReference.Of(inputData);
}
