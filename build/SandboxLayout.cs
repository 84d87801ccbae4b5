using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace CapiWorkshop.Build;

/// <summary>
/// Lays out the sandbox: its assembly, and beside it the part of ASP.NET Core that it uses, since PowerShell brings .NET along but not that. Those
/// assemblies are compiled for one platform and load on no other, so they lie in a folder named after it.
/// </summary>
internal static class SandboxLayout
{
    private const string Assembly = "CapiWorkshop.Sandbox.dll";

    private static string Platform
    {
        get
        {
            string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
            return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        }
    }

    public static void Write()
    {
        string folder = Path.Combine(Repository.Module, "sandbox", Platform);
        string sandbox = Path.Combine(Repository.BuiltBy(Repository.At("src", "CapiWorkshop.Sandbox")), Assembly);
        foreach (string file in WithReferences(sandbox, FindAspNetCore()))
        {
            ModuleLayout.Copy(file, folder);
        }
    }

    /// <summary>The shared framework of the version that this program runs on.</summary>
    private static string FindAspNetCore()
    {
        DirectoryInfo runtime = new(Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory()));
        string folder = Path.Combine(runtime.Parent!.Parent!.FullName, "Microsoft.AspNetCore.App", runtime.Name);
        return Directory.Exists(folder) ? folder : throw new BuildFailure($"The sandbox needs ASP.NET Core {runtime.Name}, which is not in this .NET SDK.");
    }

    /// <summary>An assembly and all that it refers to in a folder, directly or not.</summary>
    private static HashSet<string> WithReferences(string assembly, string folder)
    {
        HashSet<string> found = [assembly];
        Queue<string> unread = new(found);
        while (unread.TryDequeue(out string? file))
        {
            using PEReader image = new(File.OpenRead(file));
            MetadataReader metadata = image.GetMetadataReader();
            foreach (AssemblyReferenceHandle handle in metadata.AssemblyReferences)
            {
                string reference = Path.Combine(folder, metadata.GetString(metadata.GetAssemblyReference(handle).Name) + ".dll");
                if (File.Exists(reference) && found.Add(reference))
                {
                    unread.Enqueue(reference);
                }
            }
        }

        return found;
    }
}
