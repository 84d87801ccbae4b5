using System.Reflection;
using CapiWorkshop.Operations;

namespace CapiWorkshop.Tests.Unit.Support;

/// <summary>The error table as a user may rely on it, for whoever tests a part of the way from an answer to a problem.</summary>
internal static class ProblemRows
{
    /// <summary>HTTP status and reason of Kubernetes; id (a star stands for the kind) and category; what the way out names; whether the server's words are handed on.</summary>
    public static TheoryData<int, string?, string, CapiProblemCategory, string, bool> Answers => new()
    {
        { 400, "BadRequest", ProblemId.ApiInvalid, CapiProblemCategory.InvalidArgument, "Correct what the server names", true },
        { 401, "Unauthorized", ProblemId.ApiUnauthorized, CapiProblemCategory.AuthenticationError, "kubectl auth whoami", false },
        { 401, null, ProblemId.ApiUnauthorized, CapiProblemCategory.AuthenticationError, "kubectl auth whoami", false },
        { 403, "Forbidden", ProblemId.ApiForbidden, CapiProblemCategory.PermissionDenied, "kubectl auth can-i", true },
        { 403, null, ProblemId.ApiForbidden, CapiProblemCategory.PermissionDenied, "kubectl auth can-i", true },
        { 404, "NotFound", "*NotFound", CapiProblemCategory.ObjectNotFound, "List what there is with", false },
        { 405, "MethodNotAllowed", ProblemId.ApiInvalid, CapiProblemCategory.InvalidArgument, "Correct what the server names", true },
        { 409, "Conflict", ProblemId.ApiConflict, CapiProblemCategory.ResourceBusy, "Run the command again", true },
        { 409, "AlreadyExists", ProblemId.ApiConflict, CapiProblemCategory.ResourceBusy, "Choose another name", true },
        { 410, "Expired", ProblemId.ApiInvalid, CapiProblemCategory.InvalidArgument, "Correct what the server names", true },
        { 413, null, ProblemId.ApiInvalid, CapiProblemCategory.InvalidArgument, "Correct what the server names", true },
        { 415, "UnsupportedMediaType", ProblemId.ApiInvalid, CapiProblemCategory.InvalidArgument, "Correct what the server names", true },
        { 422, "Invalid", ProblemId.ApiInvalid, CapiProblemCategory.InvalidArgument, "Correct what the server names", true },
        { 429, "TooManyRequests", ProblemId.ApiTooManyRequests, CapiProblemCategory.LimitsExceeded, "Wait a moment", true },
        { 500, "InternalError", ProblemId.ApiUnavailable, CapiProblemCategory.ResourceUnavailable, "kubectl get --raw /readyz", true },
        { 500, "Timeout", ProblemId.ApiTimeout, CapiProblemCategory.OperationTimeout, "ask for less", true },
        { 502, null, ProblemId.ApiUnavailable, CapiProblemCategory.ResourceUnavailable, "kubectl get --raw /readyz", true },
        { 503, "ServiceUnavailable", ProblemId.ApiUnavailable, CapiProblemCategory.ResourceUnavailable, "kubectl get --raw /readyz", true },
        { 504, "Timeout", ProblemId.ApiTimeout, CapiProblemCategory.OperationTimeout, "ask for less", true },
        { 504, null, ProblemId.ApiTimeout, CapiProblemCategory.OperationTimeout, "ask for less", true },
    };

    /// <summary>What there is no HTTP status for: id, category, and what the way out names.</summary>
    public static TheoryData<string, CapiProblemCategory, string> Connections => new()
    {
        { ProblemId.ConnectionRefused, CapiProblemCategory.ConnectionError, "Start the management cluster" },
        { ProblemId.HostNotFound, CapiProblemCategory.ConnectionError, "in the kubeconfig" },
        { ProblemId.CertificateNotTrusted, CapiProblemCategory.SecurityError, "certificate-authority-data" },
        { ProblemId.ApiTimeout, CapiProblemCategory.OperationTimeout, "Check the network" },
        { ProblemId.ApiAnswerInvalid, CapiProblemCategory.InvalidData, "no proxy stands in between" },
        { ProblemId.ConnectionLost, CapiProblemCategory.ConnectionError, "Check the network" },
    };

    /// <summary>The ids that no answer of a Kubernetes API and no connection to one brings about.</summary>
    public static IReadOnlyList<string> Elsewhere { get; } =
    [
        .. ((string[])["KubeConfig", "Context", "Credential", "Exec", "Engine", "Containers", "State", "Ambiguous", "Sandbox", "Removal", "Plan", "Finalizer", "Audit"]).SelectMany(IdsThatBeginWith),
        ProblemId.NotConnected, ProblemId.WrongManagementCluster, ProblemId.CapiNotInstalled, ProblemId.ScaleOverridden, ProblemId.InvalidPattern, ProblemId.InvalidReplicas,
        ProblemId.ConfirmationRequired, ProblemId.NotBeingDeleted,
    ];

    public static IEnumerable<string> AllIds => typeof(ProblemId).GetFields(BindingFlags.Public | BindingFlags.Static).Select(constant => (string)constant.GetRawConstantValue()!);

    private static IEnumerable<string> IdsThatBeginWith(string room) => AllIds.Where(id => id.StartsWith(room, StringComparison.Ordinal));
}
