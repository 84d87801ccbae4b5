namespace CapiWorkshop.Operations;

/// <summary>How far one Cluster of a plan is gone, with all that goes with it. Kept true change by change: fleets are large. Not thread-safe.</summary>
/// <param name="item">The Cluster's item.</param>
/// <param name="applications">The names of the HelmChartProxies whose releases leave it.</param>
/// <param name="now">When the removal begins.</param>
internal sealed class ClusterRemoval(CapiRemovalItem item, IReadOnlySet<string> applications, DateTimeOffset now)
{
    private readonly Dictionary<string, CapiResource> _planned = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CapiResource> _adopted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CapiRemovalStage> _stages = new(StringComparer.Ordinal);
    private readonly SortedDictionary<CapiRemovalStage, StageCount> _counts = [];
    private readonly SortedDictionary<string, int> _removed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _successors = new(StringComparer.Ordinal);

    /// <summary>The Cluster's item.</summary>
    public CapiRemovalItem Item => item;

    /// <summary>When its deletion was asked for here; null before, and where that was not needed.</summary>
    public DateTimeOffset? AskedAt { get; set; }

    /// <summary>Whether there is nothing more to ask for: it was asked for, here or before, or it was refused.</summary>
    public bool IsAsked { get; set; }

    /// <summary>Why its deletion was refused; null where it was not.</summary>
    public CapiProblem? Refusal { get; set; }

    /// <summary>When something of it last went, or its deletion made a step.</summary>
    public DateTimeOffset ProgressAt { get; set; } = now;

    /// <summary>Why it does not go on; empty while it does.</summary>
    public IReadOnlyList<CapiStuckReason> StuckReasons { get; private set; } = [];

    /// <summary>What was asked about it when it did not go on; null while it does.</summary>
    public StuckFacts? Facts { get; private set; }

    /// <summary>What is left. Where another Cluster has taken the name, only what the plan names is its own.</summary>
    public IEnumerable<CapiResource> Left => _successors.Count > 0 ? _planned.Values : _planned.Values.Concat(_adopted.Values);

    public bool IsGone => _planned.Count == 0 && (_successors.Count > 0 || _adopted.Count == 0);

    public IReadOnlyDictionary<string, int> Removed => _removed;

    /// <summary>Remembers that something is expected to go with it.</summary>
    public void Expect(CapiRemovalItem part) => _stages[part.Uid] = part.Stage;

    /// <summary>How many objects of a kind are left.</summary>
    public int Count<T>()
        where T : CapiResource => Left.OfType<T>().Count();

    /// <summary>An object of it has a new state, or is gone.</summary>
    public void Take(CapiResource resource, bool isGone, bool isPlanned, DateTimeOffset time)
    {
        if (resource is CapiCluster && resource.Uid != item.Uid)
        {
            _ = isGone ? _successors.Remove(resource.Uid) : _successors.Add(resource.Uid);
            return;
        }

        if (!isPlanned && resource is CapiHelmReleaseProxy release && !applications.Contains(release.HelmChartProxy ?? ""))
        {
            return; // an application that stays: its release is not waited for
        }

        Dictionary<string, CapiResource> home = isPlanned ? _planned : _adopted;
        CapiResource? before = home.GetValueOrDefault(resource.Uid);
        StageCount count = CountOf(resource);
        if (isGone)
        {
            if (home.Remove(resource.Uid))
            {
                count.Left--;
                count.LastAt = time;
                string kind = CapiNames.Distinct(resource.Kind, resource.ApiVersion);
                _removed[kind] = _removed.GetValueOrDefault(kind) + 1;
                Go(time);
            }

            return;
        }

        home[resource.Uid] = resource;
        if (before is null)
        {
            count.Left++;
        }
        else if (IsStep(before, resource))
        {
            Go(time);
        }

        Explain();
    }

    /// <summary>It does not go on: remembers what was asked about it, and tells why from now on.</summary>
    public void Stick(StuckFacts facts)
    {
        Facts = facts;
        Explain();
    }

    /// <summary>How long each stage took that has begun.</summary>
    public IReadOnlyList<CapiRemovalStageTime> Times(DateTimeOffset started)
    {
        List<CapiRemovalStageTime> times = [];
        DateTimeOffset begin = started;
        foreach ((CapiRemovalStage stage, StageCount count) in _counts)
        {
            if (stage > CapiRemovalStage.Applications)
            {
                if (AskedAt is null && count.LastAt is null)
                {
                    break; // it has not begun
                }

                begin = AskedAt > begin ? AskedAt.Value : begin;
            }

            DateTimeOffset end = count.LastAt > begin ? count.LastAt.Value : begin;
            times.Add(new(stage, begin, count.Left > 0 ? null : end));
            begin = end;
        }

        return times.AsReadOnly();
    }

    private void Go(DateTimeOffset time)
    {
        ProgressAt = time;
        Facts = null;
        StuckReasons = [];
    }

    private void Explain()
    {
        if (Facts is not null)
        {
            StuckReasons = StuckExplanation.Explain([.. Left], Facts);
        }
    }

    /// <summary>Whether a deletion made a step: it was asked for, somebody let go, or its controller has come to another point.</summary>
    private static bool IsStep(CapiResource before, CapiResource after) =>
        (before.DeletionRequestedAt is null) != (after.DeletionRequestedAt is null)
        || before.Finalizers.Count != after.Finalizers.Count
        || before.GetCondition("Deleting")?.Reason != after.GetCondition("Deleting")?.Reason;

    private StageCount CountOf(CapiResource resource)
    {
        if (!_stages.TryGetValue(resource.Uid, out CapiRemovalStage stage))
        {
            _stages[resource.Uid] = stage = resource switch
            {
                CapiHelmReleaseProxy => CapiRemovalStage.Applications,
                CapiMachine { IsControlPlane: true } => CapiRemovalStage.ControlPlane,
                _ => resource.Owners.Where(owner => _stages.ContainsKey(owner.Uid)).Select(owner => _stages[owner.Uid]).FirstOrDefault(stage => stage < CapiRemovalStage.Cluster, CapiRemovalStage.Workers),
            };
        }

        if (!_counts.TryGetValue(stage, out StageCount? count))
        {
            _counts[stage] = count = new();
        }

        return count;
    }

    private sealed class StageCount
    {
        public int Left { get; set; }

        public DateTimeOffset? LastAt { get; set; }
    }
}
