namespace CapiWorkshop.Operations;

/// <summary>What a request was about, for the sentence that tells how it failed.</summary>
/// <param name="Verb">Kubernetes' verb: get, list, watch, patch, delete.</param>
/// <param name="Resource">The plural, with its group where it has one: <c>machines.cluster.x-k8s.io</c>.</param>
/// <param name="Kind">The kind as it is spelled in manifests: <c>Machine</c>.</param>
/// <param name="Namespace">The namespace; null for all, or for cluster-scoped things.</param>
/// <param name="Name">The object's name; null for lists.</param>
/// <param name="Server">The server's address.</param>
/// <param name="Context">The kubeconfig context that was used; null where none was.</param>
public sealed record RequestSubject(string Verb, string Resource, string Kind, string? Namespace, string? Name, Uri Server, string? Context)
{
    /// <summary><c>namespace/name</c>, or as much of it as there is.</summary>
    public string Target => Name is null ? Resource : Namespace is null ? Name : $"{Namespace}/{Name}";

    /// <summary>What must not be shown of the bodies: see <see cref="Ports.ResourceType.ConfidentialField"/>.</summary>
    public string? ConfidentialField { get; init; }

    /// <summary>The options that lead kubectl to the same place: <see cref="Ports.KubernetesEndpoint.KubectlOptions"/>.</summary>
    public string KubectlOptions { get; init; } = Context is null ? "" : $" --context {Context}";

    /// <summary>Whether the request was to be carried out only on an object that passes its tests.</summary>
    public bool HasTests { get; init; }
}

/// <summary>The <c>details</c> of Kubernetes' Status object, as far as they tell problems apart.</summary>
/// <param name="Kind">The kind, or the plural, of what it is about, which may be another thing than was asked for; null where it does not say.</param>
/// <param name="Name">The name of that.</param>
/// <param name="Cause">The reason of the first of its causes.</param>
public readonly record struct StatusDetails(string? Kind, string? Name, string? Cause);

/// <summary>The one table from what a server (or the way to it) answers to a problem with an id, a category and a way out.</summary>
public static class ProblemTable
{
    /// <summary>The problem that an HTTP answer means.</summary>
    /// <param name="status">The HTTP status code.</param>
    /// <param name="reason">The <c>reason</c> of Kubernetes' Status object; null where the body was none.</param>
    /// <param name="message">The <c>message</c> of Kubernetes' Status object; null where the body was none.</param>
    /// <param name="subject">What was asked.</param>
    /// <param name="details">The <c>details</c> of Kubernetes' Status object.</param>
    public static CapiProblem FromStatus(int status, string? reason, string? message, RequestSubject subject, StatusDetails details = default)
    {
        ArgumentNullException.ThrowIfNull(subject);
        string said = string.IsNullOrWhiteSpace(message) ? "" : $" The server says: {message.TrimEnd('.')}.";
        string where = subject.Namespace is null ? "" : $" -n {subject.Namespace}";
        CapiProblem problem = (status, reason) switch
        {
            (401, _) => new(ProblemId.ApiUnauthorized, CapiProblemCategory.AuthenticationError,
                $"The server {Show(subject.Server)} did not accept the credentials{OfContext(subject)}.",
                $"Renew the credentials{OfContext(subject)}, then check them with: kubectl auth whoami{subject.KubectlOptions}", subject.Target),
            (403, _) => new(ProblemId.ApiForbidden, CapiProblemCategory.PermissionDenied,
                $"You may not {subject.Verb} {subject.Resource}{In(subject)}.{said}",
                $"Ask for that right, or check it with: kubectl auth can-i {subject.Verb} {Resource(subject)}{where}{subject.KubectlOptions}", subject.Target),
            (404, _) when details.Kind == "namespaces" && subject.Kind != "Namespace" => NotFound("Namespace", details.Name ?? subject.Namespace ?? "", null),
            (404, not null) when subject.Name is not null => NotFound(subject.Kind, subject.Name, subject.Namespace),
            (404, _) => new(ProblemId.NotFound(subject.Kind), CapiProblemCategory.ObjectNotFound,
                $"The server {Show(subject.Server)} does not serve {subject.Resource}.{said}",
                $"See what it serves with: kubectl api-resources{subject.KubectlOptions}", subject.Target),
            (409, "AlreadyExists") => new(ProblemId.ApiConflict, CapiProblemCategory.ResourceBusy,
                $"A {subject.Kind} of that name exists already{In(subject)}.{said}", "Choose another name, or remove the one that is there.", subject.Target),
            (409, _) when details.Cause == "FieldManagerConflict" => new(ProblemId.ApiConflict, CapiProblemCategory.ResourceBusy,
                $"Fields of {subject.Kind} {subject.Target} belong to somebody else.{said}",
                "Leave those fields to whom the server names, or take them over by force.", subject.Target),
            (422, _) when subject.HasTests && details.Kind is null => new(ProblemId.ApiConflict, CapiProblemCategory.ResourceBusy,
                $"{subject.Kind} {subject.Target} is not in the state that the patch asks for, so nothing of it was done.{said}",
                "Look at it as it is now, and ask anew.", subject.Target),
            (409, _) => new(ProblemId.ApiConflict, CapiProblemCategory.ResourceBusy,
                $"{subject.Kind} {subject.Target} was changed by somebody else at the same time.{said}",
                "Run the command again: it starts from the new state.", subject.Target),
            (429, _) => new(ProblemId.ApiTooManyRequests, CapiProblemCategory.LimitsExceeded,
                $"The server {Show(subject.Server)} asks for fewer requests.{said}", "Wait a moment, then run the command again.", subject.Target),
            (504, _) or (_, "Timeout") => new(ProblemId.ApiTimeout, CapiProblemCategory.OperationTimeout,
                $"The server {Show(subject.Server)} did not finish the request in time.{said}", "Run the command again; ask for less with -Namespace or -LabelSelector.", subject.Target),
            ( >= 500, _) => new(ProblemId.ApiUnavailable, CapiProblemCategory.ResourceUnavailable,
                $"The server {Show(subject.Server)} cannot answer now (HTTP {status}).{said}",
                $"Check its health with: kubectl get --raw /readyz?verbose{subject.KubectlOptions}", subject.Target),
            _ => new(ProblemId.ApiInvalid, CapiProblemCategory.InvalidArgument,
                $"The server {Show(subject.Server)} refused to {subject.Verb} {(subject.Name is null ? "" : subject.Kind + " ")}{subject.Target} (HTTP {status}).{said}",
                "Correct what the server names and run the command again.", subject.Target),
        };
        return problem with { HttpStatus = status, IsUnserved = status == 404 && reason is null };
    }

    /// <summary>The problem of an object that is not there.</summary>
    /// <param name="kind">The kind as it is spelled in manifests.</param>
    /// <param name="name">The name that was asked for.</param>
    /// <param name="ns">The namespace that was looked in; null for all of them.</param>
    public static CapiProblem NotFound(string kind, string name, string? ns) =>
        new(ProblemId.NotFound(kind), CapiProblemCategory.ObjectNotFound,
            ns is null ? $"There is no {kind} '{name}'." : $"There is no {kind} '{name}' in namespace '{ns}'.",
            ns is null ? $"List what there is with: {GetCommand(kind)}" : $"List what there is with: {GetCommand(kind)} -Namespace {ns}, or look everywhere with -AllNamespaces.",
            ns is null ? name : $"{ns}/{name}");

    /// <summary>The problem of a connection that could not be made, or broke.</summary>
    /// <param name="id">One of the connection ids of <see cref="ProblemId"/>.</param>
    /// <param name="server">The server's address.</param>
    /// <param name="context">The kubeconfig context that was used; null where none was.</param>
    /// <param name="detail">What the network said.</param>
    /// <param name="proxy">The proxy, where it is what could not be reached, or would not lead to the server; null otherwise.</param>
    public static CapiProblem Connection(string id, Uri server, string? context, string detail, Uri? proxy = null)
    {
        string address = Show(server);
        if (proxy is not null)
        {
            string what = id switch
            {
                ProblemId.ConnectionRefused => "does not listen (connection refused)",
                ProblemId.HostNotFound => "is on a host that is not known",
                ProblemId.ApiTimeout => $"did not answer in time ({detail.TrimEnd('.')})",
                _ => $"does not lead there: {detail.TrimEnd('.')}",
            };
            return new(id, id == ProblemId.ApiTimeout ? CapiProblemCategory.OperationTimeout : CapiProblemCategory.ConnectionError,
                $"The proxy {proxy.GetLeftPart(UriPartial.Authority)}, through which {address} is reached, {what}.",
                $"Start the proxy, or correct proxy-url{(context is null ? "" : $" of context '{context}'")} in the kubeconfig, or where that names none $env:HTTPS_PROXY; $env:NO_PROXY exempts a server.", address);
        }

        string of = context is null ? "" : $" of context '{context}'";
        return id switch
        {
            ProblemId.ConnectionRefused => new(id, CapiProblemCategory.ConnectionError, $"Nothing listens at {address} (connection refused).",
                $"Start the management cluster, or correct the server address{of} in the kubeconfig.", address),
            ProblemId.HostNotFound => new(id, CapiProblemCategory.ConnectionError, $"The host of {address} is not known.",
                $"Check the network and the server address{of} in the kubeconfig.", address),
            ProblemId.CertificateNotTrusted => new(id, CapiProblemCategory.SecurityError, $"The certificate of {address} is not trusted: {detail.TrimEnd('.')}.",
                $"Put the authority that issued it into certificate-authority-data{of}, or correct the server's name there: its address, or tls-server-name.", address),
            ProblemId.ApiAnswerInvalid => new(id, CapiProblemCategory.InvalidData, $"{address} sent an answer that cannot be understood: {detail.TrimEnd('.')}.",
                "Check that the address is that of a Kubernetes API, and that no proxy stands in between.", address),
            ProblemId.ApiTimeout => new(id, CapiProblemCategory.OperationTimeout, $"{address} did not answer in time ({detail.TrimEnd('.')}).",
                "Check the network to the server, then run the command again.", address),
            _ => new(id, CapiProblemCategory.ConnectionError, $"The connection to {address} broke: {detail.TrimEnd('.')}.",
                "Check the network to the server, then run the command again.", address),
        };
    }

    /// <summary>As kubectl auth can-i takes it: a subresource is an option of its own.</summary>
    private static string Resource(RequestSubject subject) => subject.Resource.Split('/', 2) is [string resource, string sub] ? $"{resource} --subresource={sub}" : subject.Resource;

    /// <summary>An address as it may be shown: without a user and a password.</summary>
    internal static string Show(Uri server) => server.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/');

    private static string GetCommand(string kind) => kind switch
    {
        "Cluster" or "Machine" or "MachineDeployment" or "MachineSet" or "MachinePool" or "MachineHealthCheck" or "ClusterClass" or "ControlPlane" or "Provider"
            or "HelmChartProxy" or "HelmReleaseProxy" or "Sandbox" => "Get-Capi" + kind,
        _ => "kubectl get " + kind.ToLowerInvariant(),
    };

    private static string In(RequestSubject subject) => subject.Namespace is null ? "" : $" in namespace '{subject.Namespace}'";

    private static string OfContext(RequestSubject subject) => subject.Context is null ? "" : $" of context '{subject.Context}'";
}
