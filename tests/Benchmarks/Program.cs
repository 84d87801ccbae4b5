using System.Globalization;
using CapiWorkshop.Benchmarks;
using CapiWorkshop.Tests.Integration.Harness;

// The same program is also what it measures, each time as a process of its own.
switch (args)
{
    case ["idle"]:
        Subjects.Idle();
        return;
    case ["list", string kubeConfig, string ns]:
        await Subjects.ListAsync(kubeConfig, ns);
        return;
    case ["hold", string kubeConfig, string ns]:
        await Subjects.HoldAsync(kubeConfig, ns);
        return;
    case ["removal", string count]:
        await RemovalBenchmark.RunAsync(int.Parse(count, CultureInfo.InvariantCulture));
        return;
    case ["write", string server, string pki, string ns, string count]:
        await Subjects.WriteAsync(new(server), pki, ns, int.Parse(count, CultureInfo.InvariantCulture));
        return;
}

// How many rounds, and how many Machines a list has that is compared with one of 5,000 (50,000 take some GB of the server's memory).
int Argument(int position, int otherwise) => args.Length > position ? int.Parse(args[position], CultureInfo.InvariantCulture) : otherwise;
int rounds = Argument(0, 9), large = Argument(1, 0);
try
{
    await RemovalBenchmark.RunAsync((rounds + 1) / 2); // of seconds each
    await using ApiServer server = await ApiServer.StartAsync();
    await RealParts.RunScriptAsync("load-crds.sh", [server.Admin, "core"], TimeSpan.FromMinutes(3));
    Fleet fleet = new(server);
    string five = await fleet.CreateAsync(5_000);
    Console.WriteLine($"A Machine is {await fleet.SizeAsync(five):N0} bytes on the wire.");
    Console.WriteLine();

    ListBenchmark.PrintHead();
    await ListBenchmark.RunAsync(server, five, 5_000, rounds, compressed: false);
    await ListBenchmark.RunAsync(server, five, 5_000, rounds, compressed: true);
    await WatchBenchmark.RunLatencyAsync(server, five);
    await fleet.CreateAsync(5_000);
    await WatchBenchmark.RunMemoryAsync(server, Fleet.Everywhere);
    if (large > 0)
    {
        string rest = await fleet.CreateAsync(large);
        ListBenchmark.PrintHead();
        await ListBenchmark.RunAsync(server, rest, large, rounds, compressed: false);
    }
}
catch (PartMissingException e)
{
    Console.WriteLine($"Left out: the Kubernetes client against a real server ({e.Message})");
}
catch (InvalidOperationException e)
{
    // Caught, so that the server is ended: what nobody catches ends this process at once.
    await Console.Error.WriteLineAsync(e.Message);
    Environment.ExitCode = 1;
}
