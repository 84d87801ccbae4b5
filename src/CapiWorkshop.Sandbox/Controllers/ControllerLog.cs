using System.Globalization;
using CapiWorkshop.Sandbox.Api;
using CapiWorkshop.Sandbox.Definitions;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Writes what controllers do into the logs of the pods they are said to run in, in the form that klog gives it.</summary>
internal sealed class ControllerLog(ClusterApi api)
{
    private const string Container = "manager";

    private readonly Dictionary<ControllerIdentity, StoredObject> _pods = [];

    public void Write(ControllerIdentity controller, StoredObject about, string message)
    {
        if (PodOf(controller) is not { } pod)
            return;
        DateTimeOffset now = api.Time.GetUtcNow();
        ResourceDefinition kind = about.Resource;
        string stamp = now.UtcDateTime.ToString("MMdd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
        string file = controller.Component.Replace('-', '_');
        api.Logs.Of(pod.Namespace!, pod.Name, Container).Write(now,
            $"I{stamp}       1 {file}.go] \"{message.Replace("\"", "\\\"", StringComparison.Ordinal)}\" controller=\"{controller.Name}\" controllerGroup=\"{kind.Group}\" "
            + $"controllerKind=\"{kind.Kind}\" {kind.Kind}=\"{about.Key}\" namespace=\"{about.Namespace}\" name=\"{about.Name}\"");
    }

    private StoredObject? PodOf(ControllerIdentity controller)
    {
        if (_pods.TryGetValue(controller, out StoredObject? known) && api.Store.Find(Kinds.Pod, known.Namespace, known.Name)?.Uid == known.Uid)
            return known;
        List<(string, string)> labels = [(CapiNames.ProviderLabel, controller.Provider)];
        if (controller.Part is { } part)
            labels.Add(("k0smotron-provider", part));
        foreach (StoredObject pod in api.Store.List(Kinds.Pod).Items)
        {
            if (labels.TrueForAll(label => pod.Labels.GetValueOrDefault(label.Item1) == label.Item2))
                return _pods[controller] = pod;
        }

        return null;
    }
}
