namespace CapiWorkshop.Sandbox.Definitions;

/// <summary>What the API knows about one kind. Compared by reference: each kind is defined once.</summary>
internal sealed class ResourceDefinition
{
    public required string Group { get; init; }

    public required string Kind { get; init; }

    public required string Plural { get; init; }

    public string Singular { get => field ?? Kind.ToLowerInvariant(); init; }

    public string ListKind => Kind + "List";

    public IReadOnlyList<string> ShortNames { get; init; } = [];

    public IReadOnlyList<string> Categories { get; init; } = [];

    public bool Namespaced { get; init; } = true;

    /// <summary>The served versions, preferred first; the first is also the one objects are stored in.</summary>
    public required IReadOnlyList<ResourceVersion> Versions { get; init; }

    public ResourceVersion Storage => Versions[0];

    /// <summary>Built-in kinds differ from custom ones in small ways: describe, patches, which fields count generations.</summary>
    public bool Custom { get; init; } = true;

    /// <summary>Whether <c>metadata.generation</c> is kept.</summary>
    public bool TracksGeneration { get => field || Custom; init; }

    public IReadOnlyList<string> Verbs { get; init; } = AllVerbs;

    /// <summary>Whether tables start with the object's name; events bring their own order.</summary>
    public bool HasNameColumn { get; init; } = true;

    /// <summary>Dotted paths that field selectors may name, besides <c>metadata.name</c> and <c>metadata.namespace</c>.</summary>
    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    /// <summary>Extra subresources, such as <c>log</c> of pods.</summary>
    public IReadOnlyList<string> Subresources { get; init; } = [];

    /// <summary>What the schema fills in where a client says nothing, as JSON by dotted path. A path counts only where what it leads through is there.</summary>
    public IReadOnlyList<(string Path, string Json)> Defaults { get; init; } = [];

    /// <summary>Labels of the definition object itself: CAPI publishes there which contract a provider's version follows.</summary>
    public IReadOnlyDictionary<string, string> DefinitionLabels { get; init; } = new Dictionary<string, string>();

    /// <summary><c>machines.cluster.x-k8s.io</c>, or <c>pods</c> in the core group.</summary>
    public string QualifiedName => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    public ResourceVersion? Version(string name) => Versions.FirstOrDefault(version => version.Name == name);

    public string ApiVersion(ResourceVersion version) => Group.Length == 0 ? version.Name : $"{Group}/{version.Name}";

    public string StorageApiVersion => ApiVersion(Storage);

    public override string ToString() => QualifiedName;

    public static readonly IReadOnlyList<string> AllVerbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

    public static readonly IReadOnlyList<string> ReadVerbs = ["get", "list"];
}
