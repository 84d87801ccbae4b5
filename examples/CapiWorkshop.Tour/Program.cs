// The workshop's module "Operations & Cleanup", all twelve actions, without PowerShell. Ends with 1 if anything is not as it should be.
using System.Globalization;
using CapiWorkshop.Containers;
using CapiWorkshop.Containers.Configuration;
using CapiWorkshop.Kubernetes;
using CapiWorkshop.Kubernetes.Configuration;
using CapiWorkshop.Operations;
using CapiWorkshop.Operations.Ports;
using CapiWorkshop.Tour;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
ResourceFilter everything = new();
Report report = new();

await using SandboxProcess sandbox = await SandboxProcess.StartAsync(timeScale: 10);

// A management cluster is an API, a clock, and a way to open the APIs of its workload clusters. Any kubeconfig will do.
using ManagementCluster cluster = new(
    new KubernetesApi(KubeConfig.Read([sandbox.KubeConfig]).Resolve(context: null)),
    open: (name, yaml) => new KubernetesApi(KubeConfig.Parse(name, yaml).Resolve(context: null)));
using DockerEngine engine = new(sandbox.Engine is string address ? EngineTarget.At(address) : EngineTarget.Find());

try
{
    CapiManagementCluster before = await cluster.DescribeAsync();

    Report.Begin("1. How many workers are there?");
    List<CapiMachineDeployment> deployments = await cluster.ListAllAsync(CapiKinds.MachineDeployment, everything);
    Report.Show(deployments.Select(deployment => $"{deployment}: {deployment.ReadyReplicas}/{deployment.DesiredReplicas} ready, {deployment.Phase}"));
    report.Check("both clusters begin with two workers", deployments.Count == 2 && deployments.TrueForAll(deployment => deployment.ReadyReplicas == 2));

    Report.Begin("2. Scale dev-cluster to four workers");
    MachineDeploymentScalePlan plan = await cluster.PlanScaleAsync(deployments.First(deployment => deployment.Cluster == "dev-cluster"), 4);
    Report.Show([plan.Action]);
    await cluster.ScaleAsync(plan);

    Report.Begin("3. Watch the new machines come up");
    HashSet<string> ready = [];
    using (CancellationTokenSource patience = new(TimeSpan.FromMinutes(3)))
    {
        await foreach (CapiMachineChange change in cluster.WatchMachinesAsync(new() { Cluster = "dev-cluster" }, cancellationToken: patience.Token))
        {
            Report.Show([$"{change.Type}: {change.Name} {change.PreviousPhase} -> {change.Phase}{(change.Machine.Ready == true ? ", ready" : "")}"]);
            if (change.Machine.Ready == true && ready.Add(change.Name) && ready.Count == 5)
            {
                break; // one control plane machine and four workers
            }
        }
    }

    report.Check("five machines are ready", ready.Count == 5);

    Report.Begin("4. Scale k0s-demo-cluster to three, and wait");
    MachineDeploymentScalePlan second = await cluster.PlanScaleAsync(deployments.First(deployment => deployment.Cluster == "k0s-demo-cluster"), 3);
    await using (MachineDeploymentWaits waits = cluster.CreateMachineDeploymentWaits())
    {
        await cluster.ScaleAsync(second);
        MachineDeploymentWaitResult result = await waits.WaitForScaleAsync(
            second.Deployment.Namespace!, second.Deployment.Name, second.Replicas, TimeSpan.FromMinutes(3), progress => Report.Show([progress.Status]), CancellationToken.None);
        report.Check("k0s-demo-cluster has three workers that are ready", result.Problem is null && result.Deployment?.ReadyReplicas == 3);
    }

    Report.Begin("5. What does every cluster use?");
    ResourceMeter meter = cluster.CreateMeter(() => engine);
    List<CapiResourceUsage> usage = [];
    await foreach (Outcome<CapiResourceUsage> row in meter.ReadAsync(new()))
    {
        usage.Add(row.Value ?? throw row.Problem!.ToException());
    }

    Report.Show(usage.Select(row => $"{row}: {row.Nodes} nodes, {row.Pods} pods, {row.Containers} containers, {row.CpuPercent:0.0} % of a core, {row.MemoryBytes / 1024 / 1024} MiB"));
    report.Check("three clusters were measured, whole", usage.Count == 3 && usage.TrueForAll(row => row.IsComplete));

    Report.Begin("6. What does a hosted control plane save?");
    await foreach (Outcome<CapiFootprint> row in new FootprintComparison(cluster, meter).RunAsync(new() { Names = ["dev-cluster"] }, [new() { Names = ["k0s-demo-cluster"] }]))
    {
        Report.Show([row.Value?.Arithmetic ?? row.Problem?.Message ?? "not known"]);
        report.Check("five containers against three", row.Value is { ReferenceContainers: 5, DifferenceContainers: 3 });
    }

    Report.Begin("7. What was learned, and what was built");
    CapiWorkshopSummary summary = await cluster.SummarizeAsync(everything);
    Report.Show(summary.Modules.Select(module => $"{module} ({module.Minutes} min)").Append(summary.ToString()));
    report.Check("eight nodes and two applications are there", summary is { Nodes: 8, Applications.Count: 2 });

    Report.Begin("8. Keep the state");
    string path = Path.Combine(Path.GetDirectoryName(sandbox.KubeConfig)!, "state.json");
    await WorkshopStateFile.WriteAsync(path, await cluster.TakeStateAsync(everything, () => engine));
    CapiWorkshopState state = await WorkshopStateFile.ReadAsync(path);
    Report.Show([state.ToString()]);
    report.Check("eight machines are in the saved state", state.Machines.Count == 8);

    Report.Begin("9. Remove it, in the right order");
    CapiRemovalPlan removal = await cluster.PlanRemovalAsync(new() { Scope = everything });
    Report.Show(removal.Items.Select(item => $"{(item.IsRequested ? "remove" : "goes with it")}: {item}"));
    List<CapiRemovalResult> removed = [];
    await foreach (Outcome<CapiRemovalResult> row in cluster.CreateRemoval(removal, () => engine).RunAsync(TimeSpan.FromMinutes(5)))
    {
        removed.Add(row.Value ?? throw row.Problem!.ToException());
        Report.Show([$"{row.Value}: {(row.Value.Subject == CapiRemovalSubject.Cluster ? $"removed {row.Value.IsRemoved}" : $"intact {row.Value.IsIntact}")} after {row.Value.Duration.TotalSeconds:0.0} s"]);
    }

    report.Check("both clusters are gone and the management cluster is intact", removed is [{ IsRemoved: true }, { IsRemoved: true }, { IsIntact: true }]);

    Report.Begin("10. Is anything left?");
    int left = (await cluster.ListAllAsync(CapiKinds.Cluster, everything)).Count + (await cluster.ListAllAsync(CapiKinds.Machine, everything)).Count
        + (await cluster.ListAllAsync(CapiKinds.HelmChartProxy, everything)).Count + (await cluster.ListAllAsync(CapiKinds.HelmReleaseProxy, everything)).Count;
    Report.Show([$"{left} objects"]);
    report.Check("nothing is left", left == 0);

    Report.Begin("11. Is the management cluster as it was?");
    CapiManagementCluster after = await cluster.DescribeAsync();
    Report.Show(after.Providers!.Select(provider => $"{provider}: available {provider.Available}"));
    report.Check("it is ready and has the providers it had", after.Ready == true && after.Providers!.Select(provider => provider.ToString()).SequenceEqual(before.Providers!.Select(provider => provider.ToString())));

    Report.Begin("12. Check everything");
    await foreach (CapiCheckResult result in cluster.CreateChecks(() => engine).RunAsync(new() { State = state }))
    {
        Report.Show([$"{result}: {result.Message}"]);
        report.Check(result.Title, result.Status == CapiCheckStatus.Passed);
    }
}
catch (CapiProblemException e)
{
    // Every problem has an id to catch by, a sentence that says what happened, and a way out.
    report.Check($"{e.Problem} {e.Problem.Action}", false);
}

return report.End();
