namespace CapiWorkshop.Build;

/// <summary>A task cannot go on, for a reason that a reader of the console can act on.</summary>
internal sealed class BuildFailure(string message) : Exception(message);
