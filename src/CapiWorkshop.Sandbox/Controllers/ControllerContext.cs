using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Engine;
using CapiWorkshop.Sandbox.Storage;
using CapiWorkshop.Sandbox.World;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>What all controllers share.</summary>
internal sealed record ControllerContext
{
    public required ClusterApi Management { get; init; }

    public required EventLoop Loop { get; init; }

    public required ObjectIndex Index { get; init; }

    /// <summary>Only the loop draws from it: the order of the steps is the order of the numbers.</summary>
    public required Random Random { get; init; }

    public required ContainerHost Containers { get; init; }

    public required WorkloadClusters Workloads { get; init; }

    public required EventRecorder Events { get; init; }

    public required ControllerLog Log { get; init; }

    /// <summary>Asks for a step of the controller of a kind.</summary>
    public required Action<ResourceDefinition, ObjectKey> Wake { get; init; }

    public ObjectStore Store => Management.Store;

    public DateTimeOffset Now => Management.Time.GetUtcNow();

    /// <summary>The object that a reference of any API version points at; null where there is none.</summary>
    public StoredObject? Follow(JsonNode? reference, string? @namespace) =>
        KindOf(reference) is { } kind && reference.Text("name") is { } name ? Store.Find(kind, @namespace, name) : null;

    public ResourceDefinition? KindOf(JsonNode? reference)
    {
        string? group = reference.Text("apiGroup") ?? reference.Text("apiVersion")?.Split('/')[0];
        string? kind = reference.Text("kind");
        foreach (ResourceDefinition resource in Management.Catalog.Resources)
        {
            if (resource.Kind == kind && resource.Group == group)
                return resource;
        }

        return null;
    }
}
