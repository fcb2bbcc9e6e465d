using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Migrations;
using DbSafety.Operations;

namespace DbSafety.Core.Tests.Analysis;

/// <summary>Rules that are chosen, and those that speak at the end of a set.</summary>
public sealed class StyleTests
{
    private const string Orders = "CREATE TABLE orders (id serial PRIMARY KEY, at timestamp);";

    [Fact]
    public async Task Style_rules_are_disabled_unless_the_request_selects_style_or_a_style_rule()
    {
        Assert.Empty(await RulesAsync(new MigrationTestRequest("1.sql") { Script = Orders }));
        Assert.DoesNotContain(await RulesAsync(new MigrationTestRequest("1.sql", All: true) { Script = Orders }), RuleCatalogue.IsStyle);
        Assert.Equal(["prefer-bigint", "prefer-identity", "prefer-timestamptz"], await RulesAsync(new MigrationTestRequest("1.sql") { Script = Orders, Style = true }));
        Assert.Equal(["prefer-timestamptz"], await RulesAsync(new MigrationTestRequest("1.sql") { Script = Orders, Rules = ["prefer-timestamptz"] }));
        Assert.Equal(["prefer-bigint", "prefer-timestamptz"], await RulesAsync(new MigrationTestRequest("1.sql") { Script = Orders, Style = true, ExcludedRules = ["prefer-identity"] }));
    }

    [Fact]
    public void Unknown_statements_are_reported_when_style_rules_are_enabled() =>
        Assert.Contains(MigrationAnalyser.Analyse([new SqlScript("1.sql", "MAKE TABLE t")], withStyle: true), f => f.Rule == "unknown-statement");

    [Fact]
    public void An_index_anywhere_in_the_set_covers_a_foreign_key()
    {
        var (key, index) = (new SqlScript("1.sql", "ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users;"), new SqlScript("2.sql", "CREATE INDEX CONCURRENTLY ON orders (user_id);"));
        Assert.Contains(MigrationAnalyser.Analyse([key]), f => f is { Rule: "foreign-key-without-index", Severity: FindingSeverity.Breaking, File: "1.sql", Line: 1 });
        Assert.DoesNotContain(MigrationAnalyser.Analyse([key, index]), f => f.Rule == "foreign-key-without-index");
        Assert.DoesNotContain(MigrationAnalyser.Analyse([index, key]), f => f.Rule == "foreign-key-without-index");
    }

    [Fact]
    public async Task A_comment_suppresses_findings_reported_at_the_end_of_a_script_or_set()
    {
        const string Sql =
            """
            -- dbsafety: allow transaction-not-committed because the tool ends it
            BEGIN;
            -- dbsafety: allow foreign-key-without-index orders.f because users are never deleted
            ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (user_id) REFERENCES users NOT VALID;
            """;
        var found = await new AnalyseMigrations().RunAsync(new MigrationTestRequest("1.sql", All: true) { Script = Sql }, OperationEvents.None, CancellationToken.None);

        Assert.All(["transaction-not-committed", "foreign-key-without-index"], rule =>
        {
            var finding = Assert.Single(found, f => f.Rule == rule);
            Assert.Equal(FindingSeverity.Info, finding.Severity);
            Assert.NotNull(finding.AllowedBecause);
        });
    }

    private static async Task<IEnumerable<string>> RulesAsync(MigrationTestRequest request) =>
        (await new AnalyseMigrations().RunAsync(request, OperationEvents.None, CancellationToken.None)).Select(f => f.Rule);
}
