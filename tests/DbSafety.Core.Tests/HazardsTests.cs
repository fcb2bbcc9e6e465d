using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace DbSafety.Core.Tests;

/// <summary>The tables of hazards and guarantees name the tests that exist, which have the row as an attribute (xUnit) or a tag (Pester).</summary>
public sealed partial class HazardsTests
{
    private static readonly IReadOnlyList<NamedTest> Tests = [.. Xunit(), .. Pester()];

    private sealed record NamedTest(string Name, IReadOnlyList<string> Rows);

    [Fact]
    public void Every_row_of_the_hazards_names_the_tests_that_have_its_attribute_and_no_others()
    {
        var rows = File.ReadLines(Repository.Folder("docs/hazards.md")).Select(l => HazardRow().Match(l)).Where(m => m.Success).ToList();
        var named = rows.SelectMany(m => Quoted().Matches(m.Groups[2].Value).Select(n => $"{m.Groups[1].Value}: {n.Groups[1].Value}"));
        var written = Tests.SelectMany(t => t.Rows.Select(r => $"{r}: {t.Name}"));
        Assert.Equal(written.Distinct().Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(1, rows.Count).Select(n => $"H{n}"), rows.Select(m => m.Groups[1].Value));
    }

    [Fact]
    public void Every_test_that_the_guarantees_name_exists()
    {
        var names = Tests.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var rows = File.ReadLines(Repository.Folder("docs/guarantees.md")).Select(l => GuaranteeRow().Match(l)).Where(m => m.Success).ToList();
        var named = rows.SelectMany(m => Quoted().Matches(m.Groups[1].Value)).Select(m => m.Groups[1].Value).ToList();
        Assert.NotEmpty(named);
        Assert.Equal([], named.Where(n => !names.Contains(n) && !File.Exists(Repository.Folder(Path.Combine("tests/DbSafety.PowerShell.Tests", n)))));
        Assert.Equal([], rows.Where(m => !Quoted().IsMatch(m.Groups[1].Value)).Select(m => m.Value));
    }

    /// <summary>The tests of both projects, read without running any of them.</summary>
    private static List<NamedTest> Xunit()
    {
        var own = typeof(HazardsTests).Assembly.GetName().Name!;
        var folder = AppContext.BaseDirectory.Replace(own, "DbSafety.Integration.Tests", StringComparison.Ordinal);
        var files = Directory.GetFiles(folder, "*.dll").Concat(Directory.GetFiles(AppContext.BaseDirectory, "*.dll")).Concat(Directory.GetFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*.dll")).DistinctBy(Path.GetFileName);
        using var context = new MetadataLoadContext(new PathAssemblyResolver(files));
        return
        [
            .. new[] { own, "DbSafety.Integration.Tests" }.SelectMany(name => context.LoadFromAssemblyName(name).GetTypes()).SelectMany(t => t.GetMethods()).Where(IsTest)
                .Select(m => new NamedTest(m.Name, [.. m.GetCustomAttributesData().Where(a => a.AttributeType.FullName == typeof(HazardAttribute).FullName).Select(a => (string)a.ConstructorArguments[0].Value!)])),
        ];
    }

    private static bool IsTest(MethodInfo method) => method.GetCustomAttributesData().Any(a => Bases(a.AttributeType).Any(t => t.FullName == typeof(FactAttribute).FullName));

    private static IEnumerable<Type> Bases(Type type)
    {
        for (var next = type; next is not null; next = next.BaseType)
            yield return next;
    }

    private static List<NamedTest> Pester()
    {
        var texts = Directory.GetFiles(Repository.Folder("tests/DbSafety.PowerShell.Tests"), "*.Tests.ps1").Select(File.ReadAllText).ToList();
        var tests = texts.SelectMany(t => PesterTest().Matches(t))
            .Select(m => new NamedTest(m.Groups[1].Value.Replace("''", "'", StringComparison.Ordinal), [.. m.Groups["row"].Captures.Select(c => c.Value)])).ToList();
        Assert.Equal(texts.Sum(t => AnyTag().Count(t)), tests.Count(t => t.Rows.Count > 0));
        return tests;
    }

    [GeneratedRegex(@"^\| (H\d+) \|.*\|([^|]*)\|$")]
    private static partial Regex HazardRow();

    [GeneratedRegex(@"^\| (?!guarantee \||---).*\|([^|]*)\|$")]
    private static partial Regex GuaranteeRow();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^ *(?:It|Context|Describe) '((?:[^'\n]|'')+)'(?: -Tag '(?<row>H\d+)'(?:, '(?<row>H\d+)')*)?", RegexOptions.Multiline)]
    private static partial Regex PesterTest();

    [GeneratedRegex(@"-Tag\b")]
    private static partial Regex AnyTag();
}
