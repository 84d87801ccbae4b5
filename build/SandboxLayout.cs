using System.Reflection;
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
    private const string Program = "CapiWorkshop.Sandbox.dll";

    private static string OperatingSystemName => OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";

    private static string Processor => RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    public static void Write()
    {
        string folder = Path.Combine(Repository.Module, "sandbox", $"{OperatingSystemName}-{Processor}");
        string sandbox = Path.Combine(Repository.BuiltBy(Repository.At("src", "CapiWorkshop.Sandbox")), Program);
        string aspNetCore = FindAspNetCore();
        foreach (string file in WithReferences(sandbox, aspNetCore))
        {
            ModuleLayout.Copy(file, folder);
        }

        CompileAhead(sandbox, Path.Combine(folder, Program), aspNetCore);
    }

    /// <summary>Compiles the sandbox as the framework beside it is compiled: it has to be there at once, and the JIT would take its time.</summary>
    private static void CompileAhead(string assembly, string compiled, string aspNetCore)
    {
        string compiler = typeof(SandboxLayout).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "Crossgen").Value!;
        int exitCode = Tool.Run(compiler + (OperatingSystem.IsWindows() ? ".exe" : ""),
        [
            assembly, "--out", compiled, "-O",
            "--targetos", OperatingSystem.IsWindows() ? "windows" : OperatingSystemName, "--targetarch", Processor,
            "--reference", Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "*.dll"), "--reference", Path.Combine(aspNetCore, "*.dll"),
        ]);
        if (exitCode != 0)
        {
            throw new BuildFailure($"The sandbox could not be compiled ahead of time: {Path.GetFileName(compiler)} ended with exit code {exitCode}.");
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
