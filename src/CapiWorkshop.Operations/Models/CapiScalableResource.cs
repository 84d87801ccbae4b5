namespace CapiWorkshop.Operations;

/// <summary>What ready and available mean in a count.</summary>
public enum CapiCounterSemantics
{
    /// <summary>v1beta2: the conditions Ready, Available and UpToDate of Machines.</summary>
    MachineConditions,

    /// <summary>v1beta1: the readiness of Nodes, and the newest MachineSet for up to date.</summary>
    NodeReadiness,
}

/// <summary>What the objects have in common that ask for a number of machines.</summary>
public abstract record CapiScalableResource : CapiResource
{
    /// <summary>As many machines as are asked for.</summary>
    public int? DesiredReplicas { get; internal init; }

    /// <summary>As many as exist, whatever their state; those being deleted count too.</summary>
    public int? Replicas { get; internal init; }

    /// <summary>As many as are ready; see <see cref="CounterSemantics"/>.</summary>
    public int? ReadyReplicas { get; internal init; }

    /// <summary>As many as have been ready for long enough; see <see cref="CounterSemantics"/>.</summary>
    public int? AvailableReplicas { get; internal init; }

    /// <summary>As many as have the newest specification; see <see cref="CounterSemantics"/>.</summary>
    public int? UpToDateReplicas { get; internal init; }

    /// <summary>What the counts mean.</summary>
    public CapiCounterSemantics CounterSemantics { get; internal init; }

    /// <summary>The Kubernetes version its machines are to have.</summary>
    public string? Version { get; internal init; }

    /// <summary>Whether the controller has seen the newest specification, so that the counts speak of it.</summary>
    public bool IsObserved => Generation is null || ObservedGeneration >= Generation;
}
