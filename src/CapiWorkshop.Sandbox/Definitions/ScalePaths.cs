namespace CapiWorkshop.Sandbox.Definitions;

/// <summary>Where the <c>scale</c> subresource reads and writes; the paths are the same for every kind that CAPI scales.</summary>
/// <param name="HasSelector">Whether <c>.status.selector</c> is offered: MachinePool has none.</param>
internal sealed record ScalePaths(bool HasSelector = true);
