using System.Reflection;
using System.Runtime.InteropServices;

namespace DbSafety.Core.Tests.Module;

/// <summary>A cmdlet as its attributes describe it.</summary>
/// <param name="Parameters">Its own and its base classes', without those that PowerShell adds.</param>
/// <param name="Outputs">The full names of the types it says it emits.</param>
internal sealed record CmdletMetadata(string Name, IReadOnlyList<ParameterMetadata> Parameters, IReadOnlyList<string> Outputs, bool AsksFirst)
{
    private const string Automation = "System.Management.Automation.";

    /// <summary>The folder of the assembly that the module is compiled against.</summary>
    public static string PowerShellStandard { get; } = typeof(CmdletMetadata).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "PowerShellStandard").Value!;

    /// <summary>Every cmdlet of the module, read without running any of it.</summary>
    public static IReadOnlyList<CmdletMetadata> All { get; } = Read();

    private static List<CmdletMetadata> Read()
    {
        string[] folders = [Repository.Folder("bin"), Repository.Folder("bin/core"), PowerShellStandard, RuntimeEnvironment.GetRuntimeDirectory()];
        var files = folders.SelectMany(f => Directory.GetFiles(f, "*.dll")).DistinctBy(Path.GetFileName);
        using var context = new MetadataLoadContext(new PathAssemblyResolver(files));
        return
        [
            .. context.LoadFromAssemblyPath(Repository.Folder("bin/DbSafety.PowerShell.dll")).GetTypes()
                .Select(t => (Type: t, Cmdlet: Attribute(t, "CmdletAttribute")))
                .Where(t => t.Cmdlet is not null)
                .Select(t => Read(t.Type, t.Cmdlet!))
                .OrderBy(c => c.Name, StringComparer.Ordinal),
        ];
    }

    private static CmdletMetadata Read(Type type, CustomAttributeData cmdlet)
    {
        var asks = cmdlet.NamedArguments.Any(a => a is { MemberName: "SupportsShouldProcess", TypedValue.Value: true });
        var outputs = type.GetCustomAttributesData().Where(a => a.AttributeType.Name == "OutputTypeAttribute")
            .SelectMany(a => (IEnumerable<CustomAttributeTypedArgument>)a.ConstructorArguments[0].Value!).Select(v => ((Type)v.Value!).FullName!);
        // A property that is overridden stands in its class and in its base: the nearest one counts.
        var parameters = type.GetProperties().Where(p => p.GetCustomAttributesData().Any(a => a.AttributeType.FullName == Automation + "ParameterAttribute"))
            .GroupBy(p => p.Name).Select(p => ParameterMetadata.Of(p.First())).OrderBy(p => p.Name, StringComparer.Ordinal);
        return new CmdletMetadata($"{cmdlet.ConstructorArguments[0].Value}-{cmdlet.ConstructorArguments[1].Value}", [.. parameters], [.. outputs], asks);
    }

    private static CustomAttributeData? Attribute(MemberInfo member, string name) => member.GetCustomAttributesData().FirstOrDefault(a => a.AttributeType.FullName == Automation + name);
}

/// <summary>A parameter as its attributes describe it.</summary>
internal sealed record ParameterMetadata(string Name, IReadOnlyList<string> Aliases)
{
    public static ParameterMetadata Of(PropertyInfo property) => new(
        property.Name,
        [
            .. property.GetCustomAttributesData().Where(a => a.AttributeType.Name == "AliasAttribute")
                .SelectMany(a => (IEnumerable<CustomAttributeTypedArgument>)a.ConstructorArguments[0].Value!).Select(v => (string)v.Value!),
        ]);
}
