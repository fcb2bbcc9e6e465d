using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;

namespace DbSafety.Core.Tests.Migrations;

public sealed class GateTests : IOperationEvents, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("dbsafety-gate-").FullName;
    private readonly List<string> warnings = [];

    public GateTests() => File.WriteAllText(Path.Combine(folder, "1.sql"), "SELECT 1;");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    void IOperationEvents.Raise(OperationEvent operationEvent)
    {
        if (operationEvent is MessageEvent { Level: MessageLevel.Warning } warning)
            warnings.Add(warning.Text);
    }

    [Fact]
    public async Task A_migration_without_losses_passes()
    {
        var (run, evidence) = await PassAsync([], Found("add-column", "t.a", FindingSeverity.Info), Found("blocking", "t", FindingSeverity.Blocking));
        Assert.Equal("no data would be lost", evidence);
        Assert.Equal((false, 0, 0), (run.Allowed.All, run.Allowed.Findings.Count, run.Allowed.Harmless.Count));
        Assert.Empty(warnings);
    }

    [Fact]
    public async Task Each_loss_that_is_not_allowed_is_refused_and_listed_once()
    {
        var error = await RefusedAsync("DBS403", [], Found("drop-column", "t.a"), Found("drop-table", "u"), Found("drop-table", "u") with { Line = 9 }, Found("rename", "v", FindingSeverity.Breaking), Found("not-null", "w.b", FindingSeverity.MayFail) with { WouldFail = true });
        Assert.Equal(ErrorKind.Refused, error.Kind);
        Assert.Contains("1.sql line 3 drop-column of t.a; 1.sql line 3 drop-table of u; 1.sql line 9 drop-table of u; statements that would fail: 1.sql line 3 not-null of w.b", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("rename", error.Message, StringComparison.Ordinal);
        Assert.Contains("shop", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("To continue, fix the statements that would fail, and allow each loss: --allow 'drop-column:t.a' --allow 'drop-table:u'", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_loss_must_be_allowed_separately()
    {
        var error = await RefusedAsync("DBS403", ["drop-column:t.a"], Found("drop-column", "t.a"), Found("drop-column", "t.b"));
        Assert.DoesNotContain("t.a", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("shop would lose data: 1.sql line 3 drop-column of t.b", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("To continue, allow each loss: --allow 'drop-column:t.b'", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("drop-column:t.a")]
    [InlineData("  drop-column:t.a ")]
    [InlineData("drop-column:public.t.a")]
    [InlineData("drop-column:\"t\".a")]
    public async Task An_allowed_loss_can_include_spaces_the_schema_or_quotes(string allowance)
    {
        var (run, evidence) = await PassAsync([allowance], Found("drop-column", "t.a"));
        Assert.Equal("allowed: drop-column of t.a", evidence);
        Assert.Equal("drop-column:t.a", Assert.Single(run.Allowed.Findings).AllowAs);
        Assert.False(run.Allowed.All);
    }

    [Fact]
    public async Task Quotes_in_an_allowed_name_are_optional()
    {
        var (run, _) = await PassAsync(["drop-table:Order"], Found("drop-table", "\"Order\""));
        Assert.Single(run.Allowed.Findings);
        await RefusedAsync("DBS407", ["no-rule:order"], Found("drop-table", "\"Order\""));
    }

    [Fact]
    public async Task All_allows_every_loss_but_not_a_certain_failure()
    {
        var (run, evidence) = await PassAsync(["all"], Found("drop-table", "t"), Found("drop-column", "u.a"));
        Assert.True(run.Allowed.All);
        Assert.Equal(2, run.Allowed.Findings.Count);
        Assert.Equal("everything is allowed: drop-table of t; drop-column of u.a", evidence);

        var error = await RefusedAsync("DBS412", ["all"], Found("drop-table", "t"), Failing("u.a"), Failing("u.b"));
        Assert.Contains("1.sql line 3 not-null of u.a; 1.sql line 3 not-null of u.b", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("drop-table", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Nothing was changed. Fill it in.", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_allowance_that_matches_no_loss_is_refused_and_the_hint_lists_the_losses()
    {
        var error = await RefusedAsync("DBS407", ["no-rule:t"], Found("drop-table", "u"), Found("drop-table", "u"), Found("rename", "v", FindingSeverity.Breaking));
        Assert.EndsWith("What can be allowed: drop-table:u", error.Hint, StringComparison.Ordinal);
        Assert.Equal(ErrorKind.Usage, error.Kind);
        Assert.EndsWith("no pending migration would lose data", (await RefusedAsync("DBS407", ["no-rule:t"])).Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_allowance_covers_the_same_data_loss_by_another_statement()
    {
        var values = new LiveQuestion(LiveFactKind.Values, new RelationName("public", "t")) { Column = "a" };
        await PassAsync(["drop-column:t.a"], Found("drop-column", "t.a") with { Question = values }, Found("drop-and-recreate", "t.a") with { Question = values });
        await RefusedAsync("DBS403", ["drop-column:t.a"], Found("drop-column", "t.a") with { Question = values }, Found("drop-and-recreate", "t.b") with { Question = values with { Column = "b" } });
        // Without a question two findings have nothing in common.
        await RefusedAsync("DBS403", ["drop-type:a"], Found("drop-type", "a"), Found("drop-type", "b"));
    }

    [Theory]
    [InlineData("truncate", "t", true)]
    [InlineData("drop-table", "t", true)]
    [InlineData("delete-without-where", "t", true)]
    [InlineData("drop-column", "t", false)]
    [InlineData("truncate", "u", false)]
    public async Task An_allowance_for_the_loss_of_all_rows_of_a_table_covers_the_loss_of_some_rows(string rule, string table, bool passes)
    {
        MigrationFinding[] findings = [Found(rule, table), Found("delete-rows", "t")];
        if (passes)
            await PassAsync([$"{rule}:{table}"], findings);
        else
            await RefusedAsync("DBS403", [$"{rule}:{table}"], findings);
        // Not the other way round.
        await RefusedAsync("DBS403", ["delete-rows:t"], findings);
    }

    [Fact]
    public async Task Each_opaque_finding_is_a_warning()
    {
        await PassAsync([], Found("dynamic-sql", "f", FindingSeverity.Opaque), Found("rename", "t", FindingSeverity.Breaking), Found("do-block", "g", FindingSeverity.Opaque));
        Assert.Equal(["1.sql line 3 dynamic-sql of f", "1.sql line 3 do-block of g"], warnings);
    }

    /// <summary>It is locked and counted again before the statement runs, unless it was allowed anyway.</summary>
    [Fact]
    public async Task Lowered_findings_with_a_live_question_are_passed_on_as_harmless_unless_they_are_allowed()
    {
        var rows = new LiveQuestion(LiveFactKind.Rows, new RelationName("public", "t"));
        var lowered = Found("drop-table", "t", FindingSeverity.Info) with { LoweredFrom = Found("drop-table", "t"), Question = rows };
        MigrationFinding[] findings = [lowered, lowered, lowered with { Statement = 2 }, lowered with { LoweredFrom = null }, lowered with { Question = null }];
        var (run, _) = await PassAsync([], findings);
        Assert.Equal([lowered, lowered with { Statement = 2 }], run.Allowed.Harmless);
        Assert.Empty(run.Allowed.Findings);

        (run, _) = await PassAsync(["drop-table:t"], findings);
        Assert.Empty(run.Allowed.Harmless);
        Assert.NotEmpty(run.Allowed.Findings);
    }

    [Fact]
    public async Task A_finding_that_needs_no_count_can_be_allowed_when_no_analysed_statement_reports_it()
    {
        var (run, _) = await PassAsync(["drop-attribute:address.street"], Found("dynamic-sql", "f", FindingSeverity.Opaque));
        Assert.Equal("drop-attribute:address.street", Assert.Single(run.Allowed.Findings).AllowAs);
    }

    [Fact]
    public async Task Unreadable_scripts_are_not_reported_as_lossless()
    {
        var (_, evidence) = await PassAsync([], isUnknown: true, skipRehearsal: false);
        Assert.Equal("the scripts could not be analysed; the rehearsal compares the data row by row", evidence);
        (_, evidence) = await PassAsync([], isUnknown: true, skipRehearsal: true);
        Assert.StartsWith("the scripts could not be analysed; rows, values and large objects are counted before and after", evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Losses_of_a_migration_command_cannot_be_counted_again()
    {
        await using var run = Run(["all"], false, false, []);
        Assert.Null(Gate.Unprovable(run)("1.sql"));
        await using var command = new SafeMigrationRun(run.Request with { Command = new MigrationCommand(["npm", "run", "migrate"]) }, run.Project, this);
        Assert.Contains("cannot be counted again", Gate.Unprovable(command)("1.sql"), StringComparison.Ordinal);
    }

    private static MigrationFinding Failing(string thing) => Found("not-null", thing, FindingSeverity.MayFail) with { WouldFail = true, Remedy = "Fill it in." };

    private static MigrationFinding Found(string rule, string thing, FindingSeverity severity = FindingSeverity.Destructive) => new()
    {
        Rule = rule,
        Severity = severity,
        File = "1.sql",
        Line = 3,
        Statement = 1,
        Object = thing,
        Message = $"{rule} of {thing}",
        Remedy = "",
    };

    private async Task<DbSafetyException> RefusedAsync(string code, string[] allow, params MigrationFinding[] findings)
    {
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => PassAsync(allow, findings));
        Assert.Equal(code, error.Code);
        return error;
    }

    private Task<(SafeMigrationRun Run, string Evidence)> PassAsync(string[] allow, params MigrationFinding[] findings) => PassAsync(allow, false, false, findings);

    private async Task<(SafeMigrationRun Run, string Evidence)> PassAsync(string[] allow, bool isUnknown, bool skipRehearsal, params MigrationFinding[] findings)
    {
        await using var run = Run(allow, isUnknown, skipRehearsal, findings);
        return (run, await Gate.PassAsync(run, CancellationToken.None));
    }

    private SafeMigrationRun Run(string[] allow, bool isUnknown, bool skipRehearsal, MigrationFinding[] findings)
    {
        var target = DatabaseTargets.Parse("postgresql://app@127.0.0.1:1/shop");
        var project = MigrationProject.Open(folder, target, source: MigrationSource.Sql);
        if (isUnknown)
            project = new MigrationProject(project.Folder with { Source = MigrationSource.Other }, new UnknownHistory(), "public");
        var request = new SafeMigrationRequest(folder, target) { Allow = allow is ["all"] ? [] : allow, AllowAll = allow is ["all"], SkipRehearsal = skipRehearsal };
        return new SafeMigrationRun(request, project, this) { Findings = findings };
    }
}
