using System.Collections.Frozen;
using CapiWorkshop.Operations;

namespace CapiWorkshop.Kubernetes.Http;

/// <summary>Which fields of a type of resource may hold credentials: known from what was asked for, never guessed from how a value looks.</summary>
internal static class ConfidentialFields
{
    /// <summary>
    /// What is shown of a type that exists to hold credentials: what says which object it is, and what a server says when it refuses. All else is hidden, so that a body
    /// whose field names came damaged hides more, not less.
    /// </summary>
    private static readonly FrozenSet<string> Harmless = FrozenSet.Create(
        StringComparer.Ordinal,
        "apiVersion", "kind", "items", "object", "metadata", "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "ownerReferences", "finalizers", "continue",
        "type", "immutable", "spec", "audiences", "expirationSeconds", "status", "authenticated", "expirationTimestamp", "message", "reason", "details", "code");

    private static readonly Predicate<string> OfCredentials = static name => !Harmless.Contains(name);

    /// <summary>Whether nothing may be shown of what stands below a field of some name; null for most types, of which all is shown.</summary>
    public static Predicate<string>? Of(RequestSubject subject) => subject switch
    {
        { Resource: "secrets" or "serviceaccounts/token" or "tokenreviews.authentication.k8s.io" } => OfCredentials,

        // what was applied last is kept in annotations, and what a JSON patch writes in its value: copies of that field may stand there
        { ConfidentialField: string field } => name => name == field || name is "annotations" or "value",
        _ => null,
    };
}
