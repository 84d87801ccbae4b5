using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CapiWorkshop.Operations;

/// <summary>A <see cref="CapiWorkshopState"/> as a file: JSON of a versioned schema, UTF-8 without a byte order mark.</summary>
public static class WorkshopStateFile
{
    /// <summary>Writes a state. The file is either whole or as it was before.</summary>
    /// <param name="path">The file.</param>
    /// <param name="state">The state.</param>
    /// <param name="replace">Whether a file that exists is replaced.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <exception cref="CapiProblemException"><c>StateExists</c> where it exists and is not to be replaced, <c>StateNotWritten</c> where it cannot be written.</exception>
    public static async Task WriteAsync(string path, CapiWorkshopState state, bool replace = true, CancellationToken cancellationToken = default)
    {
        string draft = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            FileStream file = new(draft, FileMode.CreateNew, FileAccess.Write);
            await using (file.ConfigureAwait(false))
            {
                await JsonSerializer.SerializeAsync(file, state, WorkshopStateJson.Default.CapiWorkshopState, cancellationToken).ConfigureAwait(false);
                await file.WriteAsync("\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
            }

            File.Move(draft, path, replace);
        }
        catch (IOException e) when (!replace && File.Exists(path))
        {
            throw new CapiProblem(ProblemId.StateExists, CapiProblemCategory.InvalidOperation, $"The file '{path}' exists.", "Name another one, or leave -NoClobber out.", path).ToException(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CapiProblem(ProblemId.StateNotWritten, CapiProblemCategory.PermissionDenied, $"The state cannot be written to '{path}': {e.Message.Replace(draft, path, StringComparison.Ordinal)}", "Name a file in a folder that exists and that you may write to.", path).ToException(e);
        }
        finally
        {
            if (File.Exists(draft))
            {
                File.Delete(draft);
            }
        }
    }

    /// <summary>Reads a state.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CapiProblemException"><c>StateNotFound</c> where it cannot be read, <c>StateInvalid</c> where it is none, or one of a newer version.</exception>
    public static async Task<CapiWorkshopState> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false));

            // A newer version may have another shape, and that would be the less useful thing to say.
            if (document.RootElement is not { ValueKind: JsonValueKind.Object } root || !root.TryGetProperty("schemaVersion", out JsonElement version) || !version.TryGetInt32(out int number))
            {
                throw Invalid(path, "it has no schemaVersion");
            }

            if (number > CapiWorkshopState.CurrentSchemaVersion)
            {
                throw new CapiProblem(ProblemId.StateInvalid, CapiProblemCategory.InvalidData,
                    string.Create(CultureInfo.InvariantCulture, $"The file '{path}' was saved by a newer version of the module: its schemaVersion is {number}, and this version reads 1 to {CapiWorkshopState.CurrentSchemaVersion}."),
                    "Read it with the version of the module that wrote it, or a newer one.", path).ToException();
            }

            // Each version only adds what may be null.
            return number > 0
                ? document.Deserialize(WorkshopStateJson.Default.CapiWorkshopState)!
                : throw Invalid(path, string.Create(CultureInfo.InvariantCulture, $"its schemaVersion is {number}"));
        }
        catch (JsonException e)
        {
            throw Invalid(path, e.LineNumber is long line ? $"line {line + 1}{(string.IsNullOrEmpty(e.Path) ? "" : $", {e.Path}")}" : "it is not such a document", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CapiProblem(ProblemId.StateNotFound, CapiProblemCategory.ObjectNotFound, $"The state file '{path}' cannot be read: {e.Message}",
                "Write one with: Export-CapiWorkshopState -Path <file>", path).ToException(e);
        }
    }

    private static CapiProblemException Invalid(string path, string why, Exception? inner = null) =>
        new CapiProblem(ProblemId.StateInvalid, CapiProblemCategory.InvalidData, $"The file '{path}' is not the saved state of a workshop: {why}.",
            "Write one with: Export-CapiWorkshopState -Path <file>", path).ToException(inner);
}

/// <summary>How a state becomes JSON. What is null is written too: it says that nobody knew.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CapiWorkshopState))]
internal sealed partial class WorkshopStateJson : JsonSerializerContext;
