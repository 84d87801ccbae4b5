using System.Management.Automation;
using CapiWorkshop.Operations;

namespace CapiWorkshop.PowerShell.Sandboxes;

/// <summary>The sandboxes that this process can see: those that it started, and the detached ones of this user.</summary>
internal static class SandboxRegistry
{
    private static readonly Lock Gate = new();
    private static readonly List<CapiSandbox> Started = [];

    static SandboxRegistry() => AppDomain.CurrentDomain.ProcessExit += (_, _) => StopAll(static _ => true);

    public static void Add(CapiSandbox sandbox)
    {
        lock (Gate)
        {
            Started.Add(sandbox);
        }
    }

    /// <summary>Those that run, by name.</summary>
    public static IReadOnlyList<CapiSandbox> FindRunning()
    {
        CapiSandbox[] own;
        lock (Gate)
        {
            Started.RemoveAll(sandbox => !sandbox.IsRunning);
            own = [.. Started];
        }

        return [.. own.Concat(SandboxFolders.FindDetached()).DistinctBy(sandbox => sandbox.ProcessId).OrderBy(sandbox => sandbox.Name, StringComparer.Ordinal)];
    }

    /// <summary>Those of some names, which may have wildcards; all where there are none.</summary>
    public static IEnumerable<Outcome<CapiSandbox>> Select(IEnumerable<string>? names)
    {
        IReadOnlyList<CapiSandbox> running = FindRunning();
        foreach (string name in names ?? ["*"])
        {
            WildcardPattern pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
            CapiSandbox[] meant = [.. running.Where(sandbox => pattern.IsMatch(sandbox.Name))];
            if (meant is [] && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                yield return ProblemTable.NotFound("Sandbox", name, null);
            }

            foreach (CapiSandbox sandbox in meant)
            {
                yield return sandbox;
            }
        }
    }

    /// <summary>Stops those that a runspace started and that are not meant to outlive it.</summary>
    public static void StopThoseOf(Guid runspace) => StopAll(sandbox => sandbox.Runspace == runspace);

    private static void StopAll(Func<CapiSandbox, bool> isMeant)
    {
        CapiSandbox[] ending;
        lock (Gate)
        {
            ending = [.. Started.Where(sandbox => !sandbox.IsDetached && isMeant(sandbox))];
        }

        foreach (CapiSandbox sandbox in ending)
        {
            try
            {
                sandbox.Stop();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Its folder cannot be removed; the next start tries again, and the others shall end, too.
            }
        }
    }
}
