namespace CapiWorkshop.Operations;

/// <summary>What a problem is about. The names are those of PowerShell's ErrorCategory, so that the cmdlets map them one to one.</summary>
public enum CapiProblemCategory
{
    /// <summary>Nothing more is known.</summary>
    NotSpecified,

    /// <summary>The server or its network could not be reached.</summary>
    ConnectionError,

    /// <summary>The credentials were not accepted.</summary>
    AuthenticationError,

    /// <summary>The identity is known, but may not do this.</summary>
    PermissionDenied,

    /// <summary>The thing is not there.</summary>
    ObjectNotFound,

    /// <summary>Somebody else changed the thing at the same time.</summary>
    ResourceBusy,

    /// <summary>The server exists, but cannot answer now.</summary>
    ResourceUnavailable,

    /// <summary>It took longer than allowed.</summary>
    OperationTimeout,

    /// <summary>The server asks for fewer requests.</summary>
    LimitsExceeded,

    /// <summary>A value is not acceptable.</summary>
    InvalidArgument,

    /// <summary>The thing is in a state in which this cannot be done.</summary>
    InvalidOperation,

    /// <summary>A file or an answer cannot be understood.</summary>
    InvalidData,

    /// <summary>The other side does not have this feature.</summary>
    NotInstalled,

    /// <summary>The certificate or the signature is not trusted.</summary>
    SecurityError,
}

/// <summary>Something that went wrong, as a value: what, with which thing, and what one can do about it. Never holds a secret.</summary>
public sealed record CapiProblem
{
    /// <summary>Creates a problem.</summary>
    /// <param name="id">A constant PascalCase word, such as <c>ApiForbidden</c>; see <see cref="ProblemId"/>.</param>
    /// <param name="category">What kind of problem it is.</param>
    /// <param name="message">One sentence that says what happened.</param>
    /// <param name="action">What to do next, as a sentence or a command.</param>
    /// <param name="target">The thing it happened to, <c>namespace/name</c> where it has one.</param>
    public CapiProblem(string id, CapiProblemCategory category, string message, string action, string? target = null)
    {
        Id = id;
        Category = category;
        Message = message;
        Action = action;
        Target = target;
    }

    /// <summary>A constant PascalCase word to catch by.</summary>
    public string Id { get; }

    /// <summary>What kind of problem it is.</summary>
    public CapiProblemCategory Category { get; }

    /// <summary>One sentence that says what happened.</summary>
    public string Message { get; }

    /// <summary>The way out: a sentence or a command.</summary>
    public string Action { get; }

    /// <summary>The thing it happened to; null where it is about none.</summary>
    public string? Target { get; }

    /// <summary>The HTTP status of the answer; null where there was no answer.</summary>
    public int? HttpStatus { get; internal init; }

    /// <summary>Whether the server knows nothing at all at the address that was asked: a 404 that is about no object, such as of a version that is not served any more.</summary>
    internal bool IsUnserved { get; init; }

    /// <summary>Whether it is worth trying again by itself: the connection or the server is down, not the request wrong.</summary>
    public bool IsPassing => Category
        is CapiProblemCategory.ConnectionError or CapiProblemCategory.ResourceUnavailable or CapiProblemCategory.OperationTimeout or CapiProblemCategory.LimitsExceeded;

    /// <summary>The message is what people read first.</summary>
    public override string ToString() => $"{Id}: {Message}";

    /// <summary>The problem as an exception.</summary>
    /// <param name="inner">What caused it, if an exception did. One that quotes what was read is left out: it may be a secret.</param>
    public CapiProblemException ToException(Exception? inner = null)
    {
        for (Exception? cause = inner; cause is not null; cause = cause.InnerException)
        {
            if (QuotesWhatItRead(cause))
            {
                return new(this, null);
            }
        }

        return new(this, inner);
    }

    /// <summary>Whether an exception is one of the JSON reader's own, whose words quote the document; those of this library's readers do not.</summary>
    internal static bool QuotesWhatItRead(Exception exception) => exception is System.Text.Json.JsonException && exception.GetType() != typeof(System.Text.Json.JsonException);
}

/// <summary>The one exception of this library: it carries a <see cref="CapiProblem"/>, and nobody has to guess from its text.</summary>
public sealed class CapiProblemException : Exception
{
    /// <summary>Creates the exception of a problem.</summary>
    /// <param name="problem">What happened.</param>
    /// <param name="inner">What caused it, if an exception did.</param>
    public CapiProblemException(CapiProblem problem, Exception? inner = null)
        : base(problem.Message, inner) => Problem = problem;

    /// <summary>What happened.</summary>
    public CapiProblem Problem { get; }
}
