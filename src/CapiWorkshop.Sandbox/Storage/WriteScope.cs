namespace CapiWorkshop.Sandbox.Storage;

/// <summary>Which half of an object a write may touch.</summary>
internal enum WriteScope
{
    /// <summary>Everything but <c>status</c>, as clients write. A kind without a status subresource has no such border.</summary>
    Spec,

    /// <summary>Nothing but <c>status</c>.</summary>
    Status,

    /// <summary>Both at once: for the makers of worlds, never for a client.</summary>
    Everything,
}
