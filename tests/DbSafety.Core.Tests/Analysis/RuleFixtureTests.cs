using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Core.Tests.Analysis;

/// <summary>Holds each rule to its page, its fixture folder and the table of all rules.</summary>
public sealed class RuleFixtureTests
{
    private static readonly string[] Files = ["fires.sql", "edge.sql", "new-table.sql", "silent.sql", "versions.sql"];

    private static string Pages => Path.Combine(Repository.Root, "docs", "rules");

    public static TheoryData<string> Rules => [.. MigrationAnalyser.RuleIds];

    [Fact]
    public void Rules_pages_and_fixture_folders_correspond_and_the_table_lists_each_rule()
    {
        var folders = Directory.GetDirectories(RuleFixture.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        var pages = Directory.GetFiles(Pages, "*.md").Select(Path.GetFileNameWithoutExtension).Where(p => p is not ("README" or "peers")).Order(StringComparer.Ordinal);

        var table = File.ReadAllText(Path.Combine(Pages, "README.md"));
        Assert.All(MigrationAnalyser.Rules, r => Assert.Contains($"| [`{r.Id}`]({r.Id}.md) | {r.Severity} |", table, StringComparison.Ordinal));
        Assert.Equal(MigrationAnalyser.RuleIds, folders);
        Assert.Equal(MigrationAnalyser.RuleIds, pages);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void The_page_of_a_rule_has_its_severity_all_sections_and_its_remedy(string rule)
    {
        var page = File.ReadAllText(Path.Combine(Pages, rule + ".md"));
        var severity = MigrationAnalyser.Rules.Single(r => r.Id == rule).Severity;

        Assert.StartsWith($"# {rule}\n\n**{severity}**", page, StringComparison.Ordinal);
        Assert.All(["## What happens", "## Why it hurts", "## What to do instead", "## When it is reported", "## Versions"], heading => Assert.Contains(heading, page, StringComparison.Ordinal));
        var remedy = RuleFixture.Open(rule, "remedy.sql")!;
        Assert.Contains(remedy.Part("migration"), page, StringComparison.Ordinal);
        Assert.Contains(remedy.Part("instead"), page, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Each_rule_yields_the_findings_its_fixtures_expect_on_every_version(string rule)
    {
        foreach (var fixture in Files.Select(f => RuleFixture.Open(rule, f)).OfType<RuleFixture>())
        {
            Assert.Equal(fixture.Expected, fixture.Findings().Select(RuleFixture.Tell));
            for (var major = 12; major <= 18; major++)
                Assert.Equal(fixture.Expected, fixture.Findings(major).Select(RuleFixture.Tell));
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Each_rule_reports_its_firing_fixtures_and_ignores_its_silent_fixture(string rule)
    {
        var severity = MigrationAnalyser.Rules.Single(r => r.Id == rule).Severity;
        Assert.All(Files[..4], file => Assert.NotNull(RuleFixture.Open(rule, file)));

        var fires = RuleFixture.Open(rule, "fires.sql")!.Findings();
        Assert.NotEmpty(fires);
        Assert.All(fires, f => Assert.Equal(severity, f.Severity));
        Assert.Empty(RuleFixture.Open(rule, "silent.sql")!.Findings());
        Assert.NotEmpty(RuleFixture.Open(rule, "edge.sql")!.Findings());
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void The_remedy_of_a_rule_uses_the_names_of_the_migration(string rule)
    {
        var remedy = RuleFixture.Open(rule, "remedy.sql")!;
        var finding = MigrationAnalyser.Analyse([new SqlScript("1.sql", remedy.Part("migration"))], withStyle: true).First(f => f.Rule == rule);

        Assert.Equal(remedy.Part("instead"), finding.RemedySql ?? "");
        Assert.True(finding.Severity == FindingSeverity.Info || finding.Remedy.Length > 0);
    }

    [Fact]
    public void A_remedy_that_the_server_version_does_not_support_is_not_shown()
    {
        var old = RuleFixture.Open("detach-partition-blocking", "fires.sql")!.Findings(13);
        Assert.Null(Assert.Single(old).RemedySql);
    }
}
