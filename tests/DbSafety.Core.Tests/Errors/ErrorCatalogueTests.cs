using System.Globalization;
using System.Text.RegularExpressions;
using DbSafety.Errors;
using Mono.Cecil;

namespace DbSafety.Core.Tests.Errors;

public sealed partial class ErrorCatalogueTests
{
    [Fact]
    public void Error_codes_are_unique_and_have_the_same_format() =>
        Assert.All(ErrorCatalogue.All.GroupBy(e => e.Code), g => Assert.True(g.Count() == 1 && CodePattern().IsMatch(g.Key), g.Key));

    [Fact]
    public void Every_error_contains_its_target_and_has_a_hint() => Assert.All(ErrorCatalogue.All, e =>
    {
        object?[] arguments = ["TARGET", "one", "two", "three"];
        Assert.Contains("{0}", e.Message + e.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        var error = e.For("TARGET", arguments[1..]);
        Assert.False(string.IsNullOrWhiteSpace(error.Hint));
        Assert.Equal((int)e.Kind, error.ExitCode);
    });

    [Fact]
    public void Every_error_is_raised_somewhere()
    {
        var code = string.Concat(Directory.EnumerateFiles(Repository.Folder("src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.EndsWith("ErrorCatalogue.cs", StringComparison.Ordinal))
            .Select(File.ReadAllText));
        Assert.All(
            typeof(ErrorCatalogue).GetFields().Where(f => f.FieldType == typeof(ErrorDefinition)),
            f => Assert.Matches($@"ErrorCatalogue\.{f.Name}\b", code));
    }

    [Fact]
    public void Every_call_has_as_many_arguments_as_the_message_and_the_hint_have_places()
    {
        var all = Directory.EnumerateFiles(Repository.Folder("src"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal)).SelectMany(SourceCall.In).ToList();
        var calls = all.Where(c => c.Method is "For" or "Because")
            .Select(c => (Call: c, Errors: CatalogueName().Matches(Definitions(c, all)).Select(m => m.Groups[1].Value).ToList()))
            .Where(c => c.Errors.Count > 0).ToList();
        Assert.Equal("", string.Join('\n', calls.SelectMany(c => c.Errors.Where(e => typeof(ErrorCatalogue).GetField(e)?.GetValue(null) is not ErrorDefinition).Select(e => $"{c.Call}: {e}"))));
        Assert.Equal(CompiledCalls(), calls.Count);
        Assert.Equal("", string.Join('\n', calls.Where(c => c.Call.Arguments.Any(a => a.StartsWith('[') || a.StartsWith("new object", StringComparison.Ordinal))).Select(c => $"{c.Call} passes a list")));
        var wrong =
            from call in calls
            let count = call.Call.Arguments.Count - (call.Call.Method == "Because" ? 1 : 0)
            from name in call.Errors
            let error = (ErrorDefinition)typeof(ErrorCatalogue).GetField(name)!.GetValue(null)!
            let places = Place().Matches(error.Message + error.Hint).Max(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)) + 1
            where count != places
            select $"{call.Call} has {count} arguments; {name} has {places} places";
        Assert.Equal("", string.Join('\n', wrong));
    }

    /// <summary>What can be the receiver of the call: a definition that a type keeps is one of those that it is created with.</summary>
    private static string Definitions(SourceCall call, IEnumerable<SourceCall> all) => call.Receiver != "definition"
        ? call.Receiver
        : string.Join(' ', all.Where(c => c.Method == Path.GetFileNameWithoutExtension(call.File)).Select(c => c.Arguments[0]));

    /// <summary>The number of calls in the assemblies, so that none is overlooked in the sources.</summary>
    private static int CompiledCalls()
    {
        string[] files = [typeof(ErrorDefinition).Assembly.Location, Path.Combine(AppContext.BaseDirectory, "dbsafety.dll"), Repository.Folder("bin/DbSafety.PowerShell.dll")];
        return files.Sum(file =>
        {
            using var module = ModuleDefinition.ReadModule(file);
            return module.GetTypes().Where(t => t.FullName != typeof(ErrorDefinition).FullName).SelectMany(t => t.Methods).Where(m => m.HasBody)
                .Sum(m => m.Body.Instructions.Count(i => i.Operand is MethodReference { Name: "For" or "Because" } used && used.DeclaringType.FullName == typeof(ErrorDefinition).FullName));
        });
    }

    [GeneratedRegex(@"\bErrorCatalogue\.(\w+)")]
    private static partial Regex CatalogueName();

    [GeneratedRegex(@"\{(\d+)\b")]
    private static partial Regex Place();

    [GeneratedRegex(@"^DBS\d{3}$")]
    private static partial Regex CodePattern();
}
