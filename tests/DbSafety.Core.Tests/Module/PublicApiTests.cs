using System.Reflection;
using System.Runtime.CompilerServices;
using PublicApiGenerator;

namespace DbSafety.Core.Tests.Module;

/// <summary>The public types of the assemblies that scripts and other programs use change only on purpose.</summary>
public sealed class PublicApiTests
{
    /// <summary>Without what the compiler adds about the bodies of methods.</summary>
    private static readonly ApiGeneratorOptions Options = new() { IncludeAssemblyAttributes = false, ExcludeAttributes = [typeof(AsyncIteratorStateMachineAttribute).FullName!, typeof(IteratorStateMachineAttribute).FullName!] };

    [Theory]
    [InlineData("DbSafety.Analysis")]
    [InlineData("DbSafety.Core")]
    [InlineData("DbSafety.PowerShell")]
    public void The_public_types_and_cmdlets_are_those_of_the_approved_file(string assembly)
    {
        var approved = Repository.Folder($"tests/DbSafety.Core.Tests/Module/PublicApi/{assembly}.txt");
        var current = Describe(assembly);

        var text = File.Exists(approved) ? File.ReadAllText(approved) : "";
        if (current == text)
            return;
        var file = Path.Combine(AppContext.BaseDirectory, $"{assembly}.txt");
        File.WriteAllText(file, current);
        var (was, isNow) = (text.Split('\n'), current.Split('\n'));
        var differences = was.Except(isNow, StringComparer.Ordinal).Select(l => "- " + l.Trim()).Concat(isNow.Except(was, StringComparer.Ordinal).Select(l => "+ " + l.Trim()));
        Assert.Fail($"the public types of {assembly} differ from those that were approved\n{string.Join('\n', differences)}\nIf this is intended, add it to CHANGELOG.md and run: cp '{file}' '{approved}'");
    }

    /// <summary>The assembly is read, not loaded to run: the module is compiled against an empty stub of PowerShell, which is put beside it.</summary>
    private static string Describe(string assembly)
    {
        var folder = Directory.CreateTempSubdirectory("dbsafety-api-").FullName;
        try
        {
            var file = $"{assembly}.dll";
            var copy = Path.Combine(folder, file);
            File.Copy(new[] { "bin", "bin/core" }.Select(f => Path.Combine(Repository.Folder(f), file)).First(File.Exists), copy);
            File.Copy(Path.Combine(CmdletMetadata.PowerShellStandard, "System.Management.Automation.dll"), Path.Combine(folder, "System.Management.Automation.dll"));
            using var context = new MetadataLoadContext(new PathAssemblyResolver([typeof(object).Assembly.Location]), typeof(object).Assembly.GetName().Name);
            return context.LoadFromAssemblyPath(copy).GeneratePublicApi(Options).ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
