using System.IO.Compression;
using System.Xml.Linq;

namespace CapiWorkshop.Build;

/// <summary>Packs the module as the PowerShell Gallery takes it.</summary>
internal static class Package
{
    public static int Run()
    {
        ModuleBuild.Run();
        string path = Path.Combine(Repository.Output, $"CapiWorkshop.{Repository.Manifest.Version}.nupkg");
        File.Delete(path);
        using (ZipArchive package = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            Write(package, "CapiWorkshop.nuspec", Specification());
            Write(package, "_rels/.rels", Relationships());
            Write(package, "[Content_Types].xml", ContentTypes());
            foreach (string file in Repository.Files(Repository.Module, "*", SearchOption.AllDirectories))
            {
                package.CreateEntryFromFile(file, Path.GetRelativePath(Repository.Module, file).Replace('\\', '/'));
            }
        }

        Console.WriteLine($"Packed: {Repository.Relative(path)}");
        return 0;
    }

    private static XElement Specification()
    {
        XNamespace nuspec = "http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd";
        Manifest manifest = Repository.Manifest;
        IEnumerable<string> tags = [.. manifest.Values("Tags"), "PSModule", .. manifest.Values("CmdletsToExport").Select(cmdlet => $"PSCmdlet_{cmdlet}")];
        return new(nuspec + "package", new XElement(
            nuspec + "metadata",
            new XElement(nuspec + "id", "CapiWorkshop"),
            new XElement(nuspec + "version", manifest.Version),
            new XElement(nuspec + "authors", manifest.Value("Author")),
            new XElement(nuspec + "owners", manifest.Value("CompanyName")),
            new XElement(nuspec + "requireLicenseAcceptance", false),
            new XElement(nuspec + "licenseUrl", manifest.Value("LicenseUri")),
            new XElement(nuspec + "description", manifest.Value("Description")),
            new XElement(nuspec + "copyright", manifest.Value("Copyright")),
            new XElement(nuspec + "tags", string.Join(' ', tags))));
    }

    private static XElement Relationships()
    {
        XNamespace relationships = "http://schemas.openxmlformats.org/package/2006/relationships";
        return new(relationships + "Relationships", new XElement(
            relationships + "Relationship",
            new XAttribute("Type", "http://schemas.microsoft.com/packaging/2010/07/manifest"),
            new XAttribute("Target", "/CapiWorkshop.nuspec"),
            new XAttribute("Id", "R1")));
    }

    /// <summary>Every file is a stream of bytes to the package format, one entry an extension; one without any needs an entry of its own.</summary>
    private static XElement ContentTypes()
    {
        XNamespace types = "http://schemas.openxmlformats.org/package/2006/content-types";
        string[] files = [.. Repository.Files(Repository.Module, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Repository.Module, file).Replace('\\', '/'))];
        IEnumerable<string> extensions = files.Select(file => Path.GetExtension(file).TrimStart('.')).Append("nuspec").Where(extension => extension.Length > 0).Distinct();
        return new(
            types + "Types",
            new XElement(types + "Default", new XAttribute("Extension", "rels"), new XAttribute("ContentType", "application/vnd.openxmlformats-package.relationships+xml")),
            extensions.Select(extension => new XElement(types + "Default", new XAttribute("Extension", extension), new XAttribute("ContentType", "application/octet"))),
            files.Where(file => !Path.HasExtension(file)).Select(file =>
                new XElement(types + "Override", new XAttribute("PartName", "/" + file), new XAttribute("ContentType", "application/octet"))));
    }

    private static void Write(ZipArchive package, string name, XElement content)
    {
        using Stream stream = package.CreateEntry(name).Open();
        new XDocument(content).Save(stream);
    }
}
