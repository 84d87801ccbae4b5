namespace CapiWorkshop.Sandbox.Controllers;

/// <summary>Which machine of a set goes first. Equals go in the order of their names, which is all that is random about the policy Random.</summary>
internal static class DeletionOrder
{
    private const double Leaving = 100;
    private const double Chosen = 80;
    private const double Unhealthy = 50;
    private const double Equal = 20;
    private static readonly TimeSpan Constant = TimeSpan.FromDays(10);

    public static IOrderedEnumerable<MachineFacts> Sort(IEnumerable<MachineFacts> machines, string policy, DateTimeOffset now) =>
        machines.OrderByDescending(machine => Priority(machine, policy, now)).ThenBy(machine => machine.Name, StringComparer.Ordinal);

    private static double Priority(MachineFacts machine, string policy, DateTimeOffset now)
    {
        if (machine.IsDeleting)
            return Leaving;
        if (machine.IsChosen)
            return Chosen;
        if (machine.IsUnhealthy)
            return Unhealthy;
        // Grows with age towards what an unhealthy machine has, and never gets there.
        double byAge = Unhealthy * (1 - Math.Exp(-((now - machine.CreatedAt) / Constant)));
        return policy switch
        {
            "Oldest" => byAge,
            "Newest" => Unhealthy - byAge,
            _ => Equal,
        };
    }
}
