using System.Text.RegularExpressions;

namespace DbSafety.Core.Tests;

/// <summary>Holds the table of hazards and the tests that reproduce them together.</summary>
public sealed partial class HazardsTests
{
    [Fact]
    public void Every_test_that_the_table_names_is_there_and_every_test_named_after_a_row_is_in_the_table()
    {
        var named = TestName().Matches(File.ReadAllText(Repository.Folder("docs/hazards.md"))).Select(m => m.Groups[1].Value).ToHashSet(StringComparer.Ordinal);
        var written = Directory.EnumerateFiles(Repository.Folder("tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(f => Method().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value))
            .ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(named, n => !written.Contains(n));
        var rows = named.Select(Row).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(written, w => !rows.Contains(Row(w)));
    }

    [Fact]
    public void Every_test_that_the_guarantees_name_is_there()
    {
        var written = Directory.EnumerateFiles(Repository.Folder("tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(f => AnyMethod().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value))
            .ToHashSet(StringComparer.Ordinal);
        var named = AnyTestName().Matches(File.ReadAllText(Repository.Folder("docs/guarantees.md"))).Select(m => m.Groups[1].Value).ToList();
        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, n => !written.Contains(n));
    }

    private static string Row(string test) => test[..test.IndexOf('_', StringComparison.Ordinal)];

    [GeneratedRegex(@"`(H\d+_\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"`(\w+_\w+_\w+)`")]
    private static partial Regex AnyTestName();

    [GeneratedRegex(@"public (?:(?:async )?Task|void) (\w+)\(")]
    private static partial Regex AnyMethod();

    [GeneratedRegex(@"public (?:async Task|void) (H\d+_\w+)\(")]
    private static partial Regex Method();
}
