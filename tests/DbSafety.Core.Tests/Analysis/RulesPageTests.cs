using System.Text.RegularExpressions;
using DbSafety.Analysis;

namespace DbSafety.Core.Tests.Analysis;

/// <summary>Holds <c>docs/rules/README.md</c> and the rules together.</summary>
public sealed partial class RulesPageTests
{
    private static string Page { get; } = File.ReadAllText(Repository.Folder("docs/rules/README.md")).ReplaceLineEndings("\n");

    [Fact]
    public void The_table_of_rules_lists_every_rule_with_its_severity() =>
        Assert.Equal(
            MigrationAnalyser.Rules.Select(r => (r.Id, r.Severity.ToString())).Order(),
            Row().Matches(Page).Select(m => (m.Groups["id"].Value, m.Groups["severity"].Value)).Order());

    [Fact]
    public void The_rule_mapping_lists_only_existing_rules()
    {
        var named = MapRow().Matches(Page).SelectMany(m => Code().Matches(m.Groups["ours"].Value)).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.True(named.Count > 40);
        Assert.Empty(named.Except(MigrationAnalyser.RuleIds));
    }

    [Fact]
    public void The_page_about_the_tests_of_other_tools_mentions_only_existing_rules()
    {
        var peers = File.ReadAllText(Repository.Folder("docs/rules/peers.md"));
        Assert.Empty(Code().Matches(peers).Select(m => m.Groups[1].Value).Where(c => !c.Contains("DBSAFETY", StringComparison.Ordinal) && c != "peers.txt").Except(MigrationAnalyser.RuleIds));
    }

    [Fact]
    public void A_mapping_row_without_a_counterpart_has_a_reason() =>
        Assert.DoesNotContain(MapRow().Matches(Page), m => m.Groups["ours"].Value.Trim().Length == 0 && m.Groups["why"].Value.Trim().Length == 0);

    [GeneratedRegex(@"^\| \[`(?<id>[a-z-]+)`\]\(\k<id>\.md\) \| (?<severity>\w+) \| .+ \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    /// <summary>A row of a comparison: another tool's rule, ours, and where they differ.</summary>
    [GeneratedRegex(@"^\| (?!\[|-|rule )[^|]+ \|(?<ours>[^|]*)\|(?<why>[^|]*)\|$", RegexOptions.Multiline)]
    private static partial Regex MapRow();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
