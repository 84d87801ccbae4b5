using System.Globalization;
using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Writes events beside the objects they are about. One that happens again is counted, not repeated.</summary>
internal sealed class EventRecorder(ClusterApi api)
{
    private readonly Dictionary<(string Uid, string Type, string Reason, string Message), (string Namespace, string Name)> _seen = [];
    private long _recorded;

    public void Record(StoredObject about, string component, string type, string reason, string message)
    {
        string @namespace = about.Namespace ?? "default";
        string now = api.Time.GetUtcNow().ToKubernetesTime();
        (string, string, string, string) same = (about.Uid, type, reason, message);
        if (_seen.TryGetValue(same, out (string Namespace, string Name) earlier) && api.Store.Find(Kinds.Event, earlier.Namespace, earlier.Name) is not null)
        {
            api.Store.Update(Kinds.Event, earlier.Namespace, earlier.Name, content =>
            {
                content["count"] = (content.Number("count") ?? 1) + 1;
                content["lastTimestamp"] = now;
            }, WriteScope.Everything);
            return;
        }

        long nanoseconds = (api.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
        string name = $"{about.Name}.{nanoseconds + _recorded++:x}";
        api.Store.Create(Kinds.Event, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace },
            ["involvedObject"] = new JsonObject
            {
                ["kind"] = about.Resource.Kind,
                ["namespace"] = about.Namespace,
                ["name"] = about.Name,
                ["uid"] = about.Uid,
                ["apiVersion"] = about.Resource.StorageApiVersion,
                ["resourceVersion"] = about.Version.ToString(CultureInfo.InvariantCulture),
            },
            ["reason"] = reason,
            ["message"] = message,
            ["source"] = new JsonObject { ["component"] = component },
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["count"] = 1,
            ["type"] = type,
            ["eventTime"] = null,
            ["reportingComponent"] = component,
            ["reportingInstance"] = "",
        }, WriteScope.Everything);
        _seen[same] = (@namespace, name);
    }

    /// <summary>Nothing more will happen to an object that is gone.</summary>
    public void Forget(StoredObject gone)
    {
        foreach ((string Uid, string, string, string) key in _seen.Keys.Where(key => key.Uid == gone.Uid).ToList())
            _seen.Remove(key);
    }
}
