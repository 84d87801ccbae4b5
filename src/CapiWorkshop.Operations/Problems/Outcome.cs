namespace CapiWorkshop.Operations;

/// <summary>One result of a request for several things: a value, or the problem that stands in its place. One bad item never stops the others.</summary>
/// <typeparam name="T">What was asked for.</typeparam>
public readonly record struct Outcome<T>
    where T : class
{
    private Outcome(T? value, CapiProblem? problem)
    {
        Value = value;
        Problem = problem;
    }

    /// <summary>What was asked for; null where there is a problem.</summary>
    public T? Value { get; }

    /// <summary>Why it is not there; null where there is a value.</summary>
    public CapiProblem? Problem { get; }

    /// <summary>A success.</summary>
    public static implicit operator Outcome<T>(T value) => new(value, null);

    /// <summary>A failure.</summary>
    public static implicit operator Outcome<T>(CapiProblem problem) => new(null, problem);
}
