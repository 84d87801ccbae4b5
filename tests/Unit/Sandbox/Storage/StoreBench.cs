using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;
using Microsoft.Extensions.Time.Testing;

namespace CapiWorkshop.Tests.Unit.Sandbox.Storage;

/// <summary>A store on a clock that stands still until it is moved.</summary>
internal sealed class StoreBench(int historyLimit = 1000)
{
    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public ObjectStore Store => field ??= new(Time, new Random(7), historyLimit);

    public static JsonObject Machine(string? name, string phase = "Pending", params string[] finalizers) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = "default",
            ["labels"] = new JsonObject { ["cluster"] = "dev" },
            ["finalizers"] = new JsonArray([.. finalizers.Select(finalizer => JsonValue.Create(finalizer))]),
        },
        ["spec"] = new JsonObject { ["clusterName"] = "dev" },
        ["status"] = new JsonObject { ["phase"] = phase },
    };

    public StoredObject Add(string name, params string[] finalizers) =>
        Store.Create(Kinds.Machine, Machine(name, finalizers: finalizers), WriteScope.Everything);

    public StoredObject Change(string name, Action<JsonObject> change, WriteScope scope = WriteScope.Spec) =>
        Store.Update(Kinds.Machine, "default", name, change, scope);
}
