namespace CapiWorkshop.Sandbox.Engine;

/// <summary>Something that happened to a container, in the engine's word for it.</summary>
/// <param name="Container">As it was when it happened.</param>
/// <param name="Detail">What this kind of event tells besides: a signal, an exit code.</param>
internal sealed record ContainerEvent(string Action, SandboxContainer Container, DateTimeOffset Time, (string Key, string Value)? Detail = null);
