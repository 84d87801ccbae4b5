namespace CapiWorkshop.Build;

/// <summary>What a cmdlet class says of itself.</summary>
/// <param name="Verb">The verb.</param>
/// <param name="Noun">The noun.</param>
/// <param name="Sets">The parameter sets, the default one first.</param>
/// <param name="Parameters">The parameters in the order in which they are declared.</param>
internal sealed record Cmdlet(string Verb, string Noun, IReadOnlyList<string> Sets, IReadOnlyList<Parameter> Parameters)
{
    public string Name => $"{Verb}-{Noun}";

    /// <summary>The parameters of one set as PowerShell orders them: by position, then what must be given, then the rest.</summary>
    public IEnumerable<(Parameter Parameter, Binding Binding)> ParametersOf(string set) =>
        from parameter in Parameters
        let binding = parameter.BindingIn(set)
        where binding is not null
        orderby binding.Position ?? int.MaxValue, binding.Mandatory ? 0 : 1
        select (parameter, binding);
}

/// <summary>A parameter of a cmdlet.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Aliases">Other names of it.</param>
/// <param name="Choices">The only values that it takes, if they are a fixed few.</param>
/// <param name="Wildcards">Whether it takes wildcards.</param>
/// <param name="IsStandard">Whether PowerShell adds it, not the class.</param>
/// <param name="Bindings">How it binds in each of its parameter sets.</param>
internal sealed record Parameter(
    string Name,
    Type Type,
    IReadOnlyList<string> Aliases,
    IReadOnlyList<string> Choices,
    bool Wildcards,
    bool IsStandard,
    IReadOnlyList<Binding> Bindings)
{
    public bool IsSwitch => Type.Name == "SwitchParameter";

    /// <summary>The type as PowerShell's own syntax lines call it.</summary>
    public string TypeName => FriendlyName(Type);

    public Binding? BindingIn(string set) => Bindings.FirstOrDefault(binding => binding.Set == set || binding.Set == Binding.EverySet);

    /// <summary>Types that PowerShell calls by a short name in lower case, beside the primitive ones.</summary>
    private static readonly HashSet<string> Accelerated =
        ["TimeSpan", "DateTime", "Guid", "Uri", "Version", "Hashtable", "ScriptBlock", "PSObject", "PSCredential"];

    private static string FriendlyName(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        { IsArray: true } array => FriendlyName(array.GetElementType()!) + "[]",
        { IsEnum: true } choice => choice.Name,
        { Name: var name } when Accelerated.Contains(name) => name.ToLowerInvariant(),
        var plain => Type.GetTypeCode(plain) switch
        {
            TypeCode.Int32 => "int",
            TypeCode.Int64 => "long",
            TypeCode.Boolean => "bool",
            TypeCode.Object when plain != typeof(object) => plain.Name,
            _ => plain.Name.ToLowerInvariant(),
        },
    };
}

/// <summary>How a parameter binds in a parameter set.</summary>
/// <param name="Set">The set, or <see cref="EverySet"/>.</param>
/// <param name="Mandatory">Whether it must be given.</param>
/// <param name="Position">Its place, if it binds without its name.</param>
/// <param name="ByValue">Whether objects of the pipeline bind to it.</param>
/// <param name="ByPropertyName">Whether properties of such objects do.</param>
internal sealed record Binding(string Set, bool Mandatory, int? Position, bool ByValue, bool ByPropertyName)
{
    /// <summary>PowerShell's own name for a parameter that is in every set.</summary>
    public const string EverySet = "__AllParameterSets";
}
