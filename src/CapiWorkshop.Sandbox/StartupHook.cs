using System.Runtime.Loader;
using CapiWorkshop.Sandbox;

/// <summary>
/// Hosts the sandbox in a PowerShell that never becomes one. .NET looks for this name, outside of any namespace, in the assembly that
/// <c>DOTNET_STARTUP_HOOKS</c> names, and calls it before the program's own <c>Main</c>. The arguments are those after <c>--</c>.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        // PowerShell knows nothing of Kestrel: it lies beside this assembly.
        string folder = Path.GetDirectoryName(typeof(StartupHook).Assembly.Location)!;
        AssemblyLoadContext.Default.Resolving += (context, name) =>
        {
            string path = Path.Combine(folder, name.Name + ".dll");
            return File.Exists(path) ? context.LoadFromAssemblyPath(path) : null;
        };
        string[] arguments = Environment.GetCommandLineArgs();
        Environment.Exit(Program.Main(arguments[(Array.IndexOf(arguments, "--") + 1)..]).GetAwaiter().GetResult());
    }
}
