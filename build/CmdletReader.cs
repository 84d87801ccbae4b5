using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;

namespace CapiWorkshop.Build;

/// <summary>
/// Reads the cmdlets of the built module. PowerShell's own assembly is the reference one of PowerShellStandard, whose
/// attributes keep no value once they are constructed: what the classes say is read from their metadata instead.
/// </summary>
internal static class CmdletReader
{
    public static IReadOnlyList<Cmdlet> Read()
    {
        Assembly module = new ModuleContext().LoadFromAssemblyPath(ModuleLayout.CmdletAssembly);
        return [.. from type in module.GetTypes()
                   let attribute = Attribute<CmdletAttribute>(type)
                   where attribute is not null && !type.IsAbstract
                   let cmdlet = Read(type, attribute)
                   orderby cmdlet.Name
                   select cmdlet];
    }

    private static Cmdlet Read(Type type, CustomAttributeData attribute)
    {
        IEnumerable<Parameter> parameters = BaseFirst(type).Reverse().SelectMany(Declared).DistinctBy(parameter => parameter.Name);
        if (Named(attribute, nameof(CmdletAttribute.SupportsShouldProcess), false))
        {
            parameters = [.. parameters, Standard("WhatIf", "wi"), Standard("Confirm", "cf")];
        }

        List<Parameter> all = [.. parameters];
        string? defaultSet = Named<string?>(attribute, nameof(CmdletAttribute.DefaultParameterSetName), null);
        List<string> sets = [.. all.SelectMany(parameter => parameter.Bindings)
            .Select(binding => binding.Set)
            .Where(set => set != Binding.EverySet)
            .Prepend(defaultSet)
            .OfType<string>()
            .Distinct()];
        return new Cmdlet(
            (string)attribute.ConstructorArguments[0].Value!,
            (string)attribute.ConstructorArguments[1].Value!,
            sets is [] ? [Binding.EverySet] : sets,
            all);
    }

    private static IEnumerable<Type> BaseFirst(Type type) =>
        type.BaseType is Type parent && parent.Assembly != typeof(PSCmdlet).Assembly ? BaseFirst(parent).Append(type) : [type];

    private static IEnumerable<Parameter> Declared(Type type) =>
        from property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
        orderby property.MetadataToken
        let bindings = Attributes<ParameterAttribute>(property).ToList()
        where bindings.Count > 0 && !bindings.Any(binding => Named(binding, nameof(ParameterAttribute.DontShow), false))
        select new Parameter(
            property.Name,
            property.PropertyType,
            Texts(Attribute<AliasAttribute>(property)),
            Choices(property),
            Attribute<SupportsWildcardsAttribute>(property) is not null,
            IsStandard: false,
            [.. bindings.Select(Read)]);

    private static Binding Read(CustomAttributeData attribute) => new(
        Named(attribute, nameof(ParameterAttribute.ParameterSetName), Binding.EverySet),
        Named(attribute, nameof(ParameterAttribute.Mandatory), false),
        Named<int?>(attribute, nameof(ParameterAttribute.Position), null),
        Named(attribute, nameof(ParameterAttribute.ValueFromPipeline), false),
        Named(attribute, nameof(ParameterAttribute.ValueFromPipelineByPropertyName), false));

    private static Parameter Standard(string name, string alias) =>
        new(name, typeof(SwitchParameter), [alias], [], Wildcards: false, IsStandard: true, [new Binding(Binding.EverySet, false, null, false, false)]);

    private static IReadOnlyList<string> Choices(PropertyInfo property)
    {
        Type type = property.PropertyType.GetElementType() ?? property.PropertyType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? Enum.GetNames(type) : Texts(Attribute<ValidateSetAttribute>(property));
    }

    private static IReadOnlyList<string> Texts(CustomAttributeData? attribute) =>
        attribute?.ConstructorArguments is [{ Value: IEnumerable<CustomAttributeTypedArgument> texts }, ..] ? [.. texts.Select(text => (string)text.Value!)] : [];

    private static T Named<T>(CustomAttributeData attribute, string name, T otherwise) =>
        attribute.NamedArguments.Where(argument => argument.MemberName == name).Select(argument => (T)argument.TypedValue.Value!).FirstOrDefault(otherwise);

    private static CustomAttributeData? Attribute<T>(MemberInfo member) => Attributes<T>(member).FirstOrDefault();

    private static IEnumerable<CustomAttributeData> Attributes<T>(MemberInfo member) =>
        member.GetCustomAttributesData().Where(attribute => attribute.AttributeType == typeof(T));

    /// <summary>Finds the module's assemblies where the module has them; PowerShell's own one is shared with this program.</summary>
    private sealed class ModuleContext : AssemblyLoadContext
    {
        protected override Assembly? Load(AssemblyName assemblyName) =>
            new[] { Repository.Module, ModuleLayout.Dependencies }
                .Select(folder => Path.Combine(folder, assemblyName.Name + ".dll"))
                .Where(File.Exists)
                .Select(LoadFromAssemblyPath)
                .FirstOrDefault();
    }
}
