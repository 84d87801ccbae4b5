using System.Text.Json.Nodes;
using CapiWorkshop.Sandbox.Storage;

namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>The counters and conditions that everything has that owns machines: a control plane, a MachineSet, a MachineDeployment.</summary>
internal static class ScalingStatus
{
    public static void Count(JsonObject content, long replicas, long ready, long available, long upToDate)
    {
        JsonObject status = content.Ensure("status");
        status["replicas"] = replicas;
        status["readyReplicas"] = ready;
        status["availableReplicas"] = available;
        status["upToDateReplicas"] = upToDate;
    }

    public static void Count(JsonObject content, IReadOnlyCollection<MachineFacts> machines) => Count(content, machines.Count,
        machines.Count(machine => machine.IsReady), machines.Count(machine => machine.IsAvailable), machines.Count(machine => machine.IsUpToDate));

    /// <summary>What the counters say, as conditions.</summary>
    public static void Describe(JsonObject content, DateTimeOffset now, bool deleting)
    {
        JsonNode? status = content["status"];
        long desired = content.Number("spec", "replicas") ?? 0;
        long current = status.Number("replicas") ?? 0;
        SetMachines(content, now, "MachinesReady", current, current - (status.Number("readyReplicas") ?? 0), "Ready", "not ready");
        SetMachines(content, now, "MachinesUpToDate", current, current - (status.Number("upToDateReplicas") ?? 0), "UpToDate", "not up-to-date");
        long goal = deleting ? 0 : desired;
        Conditions.SetFlag(content, now, "ScalingUp", current < goal, current < goal ? $"Scaling up from {current} to {goal} replicas" : "");
        Conditions.SetFlag(content, now, "ScalingDown", current > goal, current > goal ? $"Scaling down from {current} to {goal} replicas" : "");
        Conditions.SetFlag(content, now, "Remediating", false);
    }

    private static void SetMachines(JsonObject content, DateTimeOffset now, string type, long all, long missing, string reason, string what)
    {
        if (all == 0)
            Conditions.Set(content, now, type, Conditions.True, "NoReplicas");
        else
            Conditions.SetFlag(content, now, type, missing <= 0, missing <= 0 ? "" : $"* {missing} of {all} Machines are {what}", reason, "Not" + reason);
    }
}
