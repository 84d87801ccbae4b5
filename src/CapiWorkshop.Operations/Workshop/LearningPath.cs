namespace CapiWorkshop.Operations;

/// <summary>The way through the workshop: its modules and what each is good for.</summary>
internal static class LearningPath
{
    public static IReadOnlyList<CapiWorkshopModule> Modules { get; } =
    [
        new("00", "Foundations", 10,
        [
            "Cluster API manages Kubernetes clusters by Kubernetes' own means",
            "The management cluster holds the objects, workload clusters run the work",
            "Controllers bring what is closer to what is asked for, over and over",
        ]),
        new("01", "First cluster", 15,
        [
            "Seven objects describe one cluster, each with a task of its own",
            "A Cluster goes from Pending over Provisioning to Provisioned",
            "A Machine lives in the management cluster, its Node in the workload cluster",
        ]),
        new("02", "Networking", 15,
        [
            "Pods reach each other only once a network plugin runs",
            "ClusterResourceSets bring add-ons to new clusters by themselves",
            "Labels decide which cluster gets what",
        ]),
        new("03", "Hosted control planes", 15,
        [
            "k0smotron runs a control plane as Pods instead of machines",
            "Fewer machines and a faster start: Compare-CapiFootprint says how much here",
            "Fits development, build pipelines and many small tenants",
        ]),
        new("04", "Applications with Helm", 20,
        [
            "A HelmChartProxy is one description of an application for many clusters",
            "Every cluster that its selector matches gets a release",
            "One commit changes them all",
        ]),
        new("07", "Operations and cleanup", 15,
        [
            "A MachineDeployment is scaled as a Deployment is",
            "All clusters are watched from one place",
            "Applications go first, then clusters; the management cluster stays",
        ]),
    ];

    public static IReadOnlyList<string> Skills { get; } =
    [
        "Read and change Cluster API's core objects",
        "Work with two providers: Docker and k0smotron",
        "Give clusters their add-ons by label",
        "Deploy one application to many clusters with Helm",
        "Weigh hosted control planes against machines of their own",
        "Scale, monitor and remove clusters",
    ];
}
