namespace CapiWorkshop.Operations;

/// <summary>The words that problems are caught by. They are part of the public interface: scripts compare with them.</summary>
public static class ProblemId
{
#pragma warning disable CS1591 // Each name says what it is; the messages and the docs say the rest.
    public const string ApiUnauthorized = nameof(ApiUnauthorized);
    public const string ApiForbidden = nameof(ApiForbidden);
    public const string ApiConflict = nameof(ApiConflict);
    public const string ApiInvalid = nameof(ApiInvalid);
    public const string ApiTooManyRequests = nameof(ApiTooManyRequests);
    public const string ApiUnavailable = nameof(ApiUnavailable);
    public const string ApiTimeout = nameof(ApiTimeout);
    public const string ApiAnswerInvalid = nameof(ApiAnswerInvalid);
    public const string ConnectionRefused = nameof(ConnectionRefused);
    public const string ConnectionLost = nameof(ConnectionLost);
    public const string HostNotFound = nameof(HostNotFound);
    public const string CertificateNotTrusted = nameof(CertificateNotTrusted);
    public const string KubeConfigNotFound = nameof(KubeConfigNotFound);
    public const string KubeConfigInvalid = nameof(KubeConfigInvalid);
    public const string ContextNotFound = nameof(ContextNotFound);
    public const string CredentialNotSupported = nameof(CredentialNotSupported);
    public const string ExecPluginFailed = nameof(ExecPluginFailed);
    public const string EngineNotFound = nameof(EngineNotFound);
    public const string EngineForbidden = nameof(EngineForbidden);
    public const string EngineUnavailable = nameof(EngineUnavailable);
    public const string EngineTimeout = nameof(EngineTimeout);
    public const string EngineConfigInvalid = nameof(EngineConfigInvalid);
    public const string EngineVersionNotSupported = nameof(EngineVersionNotSupported);
    public const string ContainersNotFound = nameof(ContainersNotFound);
    public const string NotConnected = nameof(NotConnected);
    public const string WrongManagementCluster = nameof(WrongManagementCluster);
    public const string CapiNotInstalled = nameof(CapiNotInstalled);
    public const string ScaleOverridden = nameof(ScaleOverridden);
    public const string InvalidPattern = nameof(InvalidPattern);
    public const string InvalidReplicas = nameof(InvalidReplicas);
    public const string ConfirmationRequired = nameof(ConfirmationRequired);
    public const string RemovalBlocked = nameof(RemovalBlocked);
    public const string RemovalTimeout = nameof(RemovalTimeout);
    public const string PlanOutdated = nameof(PlanOutdated);
    public const string NotBeingDeleted = nameof(NotBeingDeleted);
    public const string FinalizerNotNamed = nameof(FinalizerNotNamed);
    public const string FinalizerNotFound = nameof(FinalizerNotFound);
    public const string StateNotFound = nameof(StateNotFound);
    public const string StateExists = nameof(StateExists);
    public const string StateNotWritten = nameof(StateNotWritten);
    public const string StateInvalid = nameof(StateInvalid);
    public const string AuditFailed = nameof(AuditFailed);
    public const string AmbiguousScope = nameof(AmbiguousScope);
    public const string AmbiguousGoal = nameof(AmbiguousGoal);
    public const string AmbiguousConnection = nameof(AmbiguousConnection);
    public const string SandboxAlreadyRunning = nameof(SandboxAlreadyRunning);
    public const string SandboxPortInUse = nameof(SandboxPortInUse);
    public const string SandboxFolderNotUsable = nameof(SandboxFolderNotUsable);
    public const string SandboxNotSupported = nameof(SandboxNotSupported);
    public const string SandboxEnded = nameof(SandboxEnded);
    public const string SandboxFailed = nameof(SandboxFailed);
#pragma warning restore CS1591

    /// <summary>The id for a thing of this kind that is not there, such as <c>MachineDeploymentNotFound</c>.</summary>
    /// <param name="kind">The kind as CAPI spells it.</param>
    public static string NotFound(string kind) => kind + "NotFound";

    /// <summary>The id for waiting on a thing of this kind for too long, such as <c>MachineDeploymentTimeout</c>.</summary>
    /// <param name="kind">The kind as CAPI spells it.</param>
    public static string Timeout(string kind) => kind + "Timeout";

    /// <summary>The id for a thing of this kind that vanished while it was waited for, such as <c>MachineDeploymentDeleted</c>.</summary>
    /// <param name="kind">The kind as CAPI spells it.</param>
    public static string Deleted(string kind) => kind + "Deleted";
}
