using System.Reflection;
using System.Runtime.Loader;

namespace CapiWorkshop.PowerShell.Loading;

/// <summary>
/// Holds the assemblies of <c>deps/</c>: ours that touch third-party packages, and those packages. Another module may bring other versions of them; neither
/// sees the other's. What is not in <c>deps/</c> (our models, the framework) comes from the default context, so that types agree on both sides.
/// </summary>
internal sealed class DependencyLoadContext : AssemblyLoadContext
{
    private readonly string _folder;

    private DependencyLoadContext(string folder)
        : base("CapiWorkshop dependencies") => _folder = folder;

    /// <summary>From now on, the default context finds our own assemblies of <c>deps/</c> here, on first use.</summary>
    public static void Attach(Assembly module)
    {
        string folder = Path.Combine(Path.GetDirectoryName(module.Location)!, "deps");
        DependencyLoadContext dependencies = new(folder);
        Default.Resolving += (_, name) =>
            name.Name!.StartsWith("CapiWorkshop.", StringComparison.Ordinal) && File.Exists(dependencies.PathOf(name)) ? dependencies.LoadFromAssemblyName(name) : null;
    }

    protected override Assembly? Load(AssemblyName assemblyName) => File.Exists(PathOf(assemblyName)) ? LoadFromAssemblyPath(PathOf(assemblyName)) : null;

    private string PathOf(AssemblyName name) => Path.Combine(_folder, name.Name + ".dll");
}
