namespace CapiWorkshop.Operations;

/// <summary>Why an object whose deletion was asked for is still there.</summary>
/// <param name="Id">A constant word to find it by, see <see cref="StuckReasonId"/>.</param>
/// <param name="Subject">The object, such as <c>Machine default/dev-md-0-x7k2p</c>.</param>
/// <param name="Message">One sentence that says what it waits for.</param>
/// <param name="WayOut">What one can do about it.</param>
public sealed record CapiStuckReason(string Id, string Subject, string Message, string WayOut)
{
    /// <summary>Message and way out.</summary>
    public override string ToString() => $"{Message} {WayOut}";
}

/// <summary>The words by which reasons of a deletion that does not go on are found. They are part of the public interface: scripts compare with them.</summary>
public static class StuckReasonId
{
#pragma warning disable CS1591 // Each name says what it is; the messages and the docs say the rest.
    public const string Paused = nameof(Paused);
    public const string DeletionHook = nameof(DeletionHook);
    public const string Draining = nameof(Draining);
    public const string VolumesAttached = nameof(VolumesAttached);
    public const string WorkloadUnreachable = nameof(WorkloadUnreachable);
    public const string KubeConfigMissing = nameof(KubeConfigMissing);
    public const string ControllerUnavailable = nameof(ControllerUnavailable);
    public const string ForeignFinalizer = nameof(ForeignFinalizer);
    public const string WaitingForController = nameof(WaitingForController);
#pragma warning restore CS1591
}
