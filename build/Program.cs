using CapiWorkshop.Build;

Dictionary<string, Func<int>> tasks = new(StringComparer.OrdinalIgnoreCase)
{
    ["Build"] = ModuleBuild.Run,
    ["Test"] = TestRun.Run,
    ["Demo"] = Demo.Run,
    ["Lint"] = Lint.Run,
    ["Bench"] = Bench.Run,
    ["Docs"] = Docs.Run,
    ["Package"] = Package.Run,
    ["Clean"] = Clean.Run,
};

if (args.Length > 1 || !tasks.TryGetValue(args.FirstOrDefault("Build"), out Func<int>? task))
{
    Console.Error.WriteLine($"Usage: build <task>, where task is one of {string.Join(", ", tasks.Keys)}.");
    return 2;
}

foreach ((string name, string value) in Tool.QuietEnvironment)
{
    Environment.SetEnvironmentVariable(name, value);
}

try
{
    return task();
}
catch (BuildFailure failure)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}
