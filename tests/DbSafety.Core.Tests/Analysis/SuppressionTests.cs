using DbSafety.Analysis.Findings;
using DbSafety.Errors;
using DbSafety.Migrations;
using DbSafety.Operations;

namespace DbSafety.Core.Tests.Analysis;

/// <summary>What lets findings pass: comments in the SQL, and what was asked for.</summary>
public sealed class SuppressionTests
{
    private readonly List<string> warnings = [];

    [Theory]
    [InlineData("-- dbsafety: allow drop-column users.legacy because nobody writes it\nALTER TABLE users DROP COLUMN legacy;")]
    [InlineData("ALTER TABLE users DROP COLUMN legacy; /* DbSafety: allow drop-column users.legacy because nobody writes it */")]
    [InlineData("ALTER TABLE users\n  -- dbsafety: allow drop-column because nobody writes it\n  DROP COLUMN legacy;\n")]
    [InlineData("-- dbsafety: allow drop-column because nobody writes it\nALTER TABLE users DROP COLUMN legacy;\r\n")]
    [InlineData("-- dbsafety: allow drop-column Users.Legacy because nobody writes it\nALTER TABLE \"Users\" DROP COLUMN \"Legacy\";")]
    public async Task A_comment_with_a_reason_suppresses_a_finding(string sql)
    {
        var finding = Assert.Single(await FindAsync(sql), f => f.Rule == "drop-column");
        Assert.Equal((FindingSeverity.Info, "nobody writes it", false), (finding.Severity, finding.AllowedBecause, finding.Refuses));
        Assert.Contains("because nobody writes it", finding.Message, StringComparison.Ordinal);
        Assert.Empty(warnings);
    }

    [Theory]
    [InlineData("-- dbsafety: allow drop-column users.legacy\nALTER TABLE users DROP COLUMN legacy;", "line 1: 'allow drop-column users.legacy' has no reason")]
    [InlineData("-- dbsafety: allow drop-column users.legacy because\nALTER TABLE users DROP COLUMN legacy;", "has no reason")]
    [InlineData("SELECT 1;\n-- dbsafety: allow drop-column users.other because x\nALTER TABLE users DROP COLUMN legacy;", "line 2: 'allow drop-column users.other' allows nothing: this script has no such finding")]
    [InlineData("-- dbsafety: allow drop-colum users.legacy because x\nALTER TABLE users DROP COLUMN legacy;", "there is no such rule (similar rules: drop-column")]
    [InlineData("SELECT '-- dbsafety: allow drop-column users.legacy because x';\nALTER TABLE users DROP COLUMN legacy;", null)]
    public async Task A_comment_without_a_reason_or_matching_finding_suppresses_nothing_and_raises_a_warning(string sql, string? reported)
    {
        var finding = Assert.Single(await FindAsync(sql), f => f.Rule == "drop-column");

        Assert.True(finding.Refuses);
        if (reported is null)
            Assert.Empty(warnings);
        else
            Assert.Contains(reported, Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_suppression_comment_applies_only_to_its_own_script()
    {
        var folder = Directory.CreateTempSubdirectory("dbsafety-suppression-").FullName;
        File.WriteAllText(Path.Combine(folder, "1.sql"), "-- dbsafety: allow drop-table a because x\nDROP TABLE a;");
        File.WriteAllText(Path.Combine(folder, "2.sql"), "DROP TABLE a;");
        var findings = await new AnalyseMigrations().RunAsync(new MigrationTestRequest(folder, All: true), OperationEvents.None, CancellationToken.None);
        Assert.Equal([false, true], findings.Where(f => f.Rule == "drop-table").Select(f => f.Refuses));
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("-- dbsafety: allow delete-without-where because x\nSELECT f();", true)]
    [InlineData("-- dbsafety: allow delete-without-where orders because x\nSELECT f();", false)]
    public async Task A_finding_from_a_routine_of_another_script_is_suppressed_only_by_object_name(string call, bool refuses)
    {
        var folder = Directory.CreateTempSubdirectory("dbsafety-suppression-").FullName;
        File.WriteAllText(Path.Combine(folder, "1.sql"), "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ DELETE FROM orders $$;");
        File.WriteAllText(Path.Combine(folder, "2.sql"), call);
        var findings = await new AnalyseMigrations().RunAsync(new MigrationTestRequest(folder), OperationEvents.None, CancellationToken.None);
        Assert.Equal(refuses, findings.Any(f => f.Refuses));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Severity_rule_and_excluded_rule_filter_the_listed_findings()
    {
        const string Sql = "CREATE TABLE a (id int); DROP TABLE b; CREATE INDEX i ON b (id);";
        Assert.Equal(["drop-table", "missing-lock-timeout", "create-index-blocking"], await RulesAsync(new MigrationTestRequest("x") { Script = Sql }));
        Assert.Equal(["create-table", "drop-table", "missing-lock-timeout", "create-index-blocking"], await RulesAsync(new MigrationTestRequest("x", All: true) { Script = Sql }));
        Assert.Equal(["missing-lock-timeout", "create-index-blocking"], await RulesAsync(new MigrationTestRequest("x") { Script = Sql, Severities = [FindingSeverity.Blocking] }));
        Assert.Equal(["create-table"], await RulesAsync(new MigrationTestRequest("x") { Script = Sql, Severities = [FindingSeverity.Info] }));
        Assert.Equal(["create-table", "drop-table"], await RulesAsync(new MigrationTestRequest("x") { Script = Sql, Rules = ["drop-table", "create-table"] }));
        Assert.Equal(["missing-lock-timeout", "create-index-blocking"], await RulesAsync(new MigrationTestRequest("x") { Script = Sql, ExcludedRules = ["drop-table"] }));
    }

    [Theory]
    [InlineData("drop-colum", "drop-column")]
    [InlineData("index", "drop-index")]
    [InlineData("DROP-TABLE", "drop-table")]
    [InlineData("foreign-key", "add-foreign-key")]
    public async Task An_unknown_rule_is_an_error_and_the_hint_lists_similar_rules(string rule, string near)
    {
        var failure = await Assert.ThrowsAsync<DbSafetyException>(() => RulesAsync(new MigrationTestRequest("x") { Script = "SELECT 1", Rules = [rule] }));
        Assert.Equal(("DBS520", 2), (failure.Code, failure.ExitCode));
        Assert.Contains(near, failure.Hint, StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<string>> RulesAsync(MigrationTestRequest request) =>
        (await new AnalyseMigrations().RunAsync(request, OperationEvents.None, CancellationToken.None)).Select(f => f.Rule);

    private Task<IReadOnlyList<MigrationFinding>> FindAsync(string sql) =>
        new AnalyseMigrations().RunAsync(new MigrationTestRequest("1.sql", All: true) { Script = sql }, new Listener(warnings), CancellationToken.None);

    private sealed class Listener(List<string> warnings) : IOperationEvents
    {
        public void Raise(OperationEvent operationEvent)
        {
            if (operationEvent is MessageEvent { Level: MessageLevel.Warning } message)
                warnings.Add(message.Text);
        }
    }
}
