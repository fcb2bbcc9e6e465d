using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Live;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>Runs the SQL that each rule offers instead.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class RemedyTests(PgServer pg)
{
    public static TheoryData<string> RulesWithSql =>
        [.. MigrationAnalyser.RuleIds.Where(id => RuleFixture.Open(id, "remedy.sql")!.Part("instead").Length > 0)];

    /// <summary>What these advise is a decision, or depends on what the application does, which no SQL can say beforehand.</summary>
    private static readonly string[] InWords =
    [
        "always-fails", "attach-partition", "blocked-by-dependents", "change-owner", "cluster", "copy-program", "create-and-drop", "delete-rows", "delete-without-where", "destructive-function", "disable-row-security", "disable-trigger", "do-block",
        "drop-constraint", "drop-database", "drop-default", "drop-extension", "drop-function", "drop-index", "drop-not-null", "drop-object", "drop-policy", "drop-sequence", "drop-trigger", "drop-type", "drop-view",
        "dynamic-sql", "enable-row-security", "enum-value-removal", "enum-value-used-in-same-transaction", "hidden-rows", "lock-table", "other-server", "outside-database", "primary-key-change", "rejected-writes",
        "rename-column", "rename-object", "rename-type", "restart-sequence", "revoke", "rewrite-table", "rule-deletes", "rule-instead", "server-function", "truncate", "unknown-function", "unknown-statement",
        "update-rows", "update-without-where", "validate-constraint",
    ];

    [Fact]
    public void Each_rule_has_a_remedy_in_SQL_or_is_listed_with_advice_in_words() =>
        Assert.Equal(InWords, MigrationAnalyser.Rules.Where(r => r.Severity != FindingSeverity.Info && RuleFixture.Open(r.Id, "remedy.sql")!.Part("instead").Length == 0).Select(r => r.Id));

    [Theory]
    [MemberData(nameof(RulesWithSql))]
    public async Task PostgreSQL_accepts_the_remedy_and_the_finding_disappears(string rule)
    {
        var remedy = RuleFixture.Open(rule, "remedy.sql")!;
        var target = await pg.CreateDatabaseAsync("remedy", remedy.Part("given") is { Length: > 0 } given ? given : "SELECT 1");

        // As one script; what refuses to run in a transaction statement by statement.
        await using var connection = await target.OpenAsync(CancellationToken.None);
        var instead = SqlSplitter.Split(remedy.Part("instead")).ToList();
        if (instead.Exists(s => ScriptPlan.CannotBeInTransaction(s, connection.PostgreSqlVersion.Major)))
        {
            foreach (var statement in instead)
                await connection.ExecuteAsync(statement.Text, CancellationToken.None);
        }
        else
        {
            await connection.ExecuteAsync(remedy.Part("instead"), CancellationToken.None);
        }

        Assert.True(await connection.ScalarAsync<bool>(remedy.Part("then"), CancellationToken.None), "it does not do what it says");
        var before = MigrationAnalyser.Analyse([new SqlScript("before.sql", remedy.Part("migration"))]);
        Assert.Contains(before, f => f.Rule == rule && f.Severity != FindingSeverity.Info);
        Assert.DoesNotContain(After(remedy, rule), f => f.Rule == rule && f.Severity != FindingSeverity.Info);
    }

    /// <summary>A change of type is judged by its types, and the statement of a migration of its own as if it stood there from the start.</summary>
    public static TheoryData<string> RulesWithSqlOfTheirOwn => [.. MigrationAnalyser.RuleIds.Where(id => RuleFixture.Open(id, "remedy.sql")!.Part("instead").Length > 0 && id is not ("drop-and-recreate" or "work-under-lock"))];

    /// <summary>Beside the limit of the wait, which is advice of its own.</summary>
    [Theory]
    [MemberData(nameof(RulesWithSqlOfTheirOwn))]
    public void The_remedy_has_no_finding_of_a_higher_severity(string rule)
    {
        var remedy = RuleFixture.Open(rule, "remedy.sql")!;
        var severity = MigrationAnalyser.Rules.Single(r => r.Id == rule).Severity;
        Assert.DoesNotContain(After(remedy, rule), f => (f.Severity is FindingSeverity.Blocking or FindingSeverity.Destructive || f.Severity > severity) && f.Rule != "missing-lock-timeout");
    }

    /// <summary>One by one where one of them refuses to run in a transaction: these are migrations of their own.</summary>
    private static List<MigrationFinding> After(RuleFixture remedy, string rule)
    {
        var instead = remedy.Part("instead");
        var statements = SqlSplitter.Split(instead).ToList();
        IEnumerable<SqlScript> scripts = statements.Exists(s => s.Contains("concurrently")) ? statements.Select(s => new SqlScript($"{rule}-{s.Ordinal}.sql", s.Text + ";")) : [new SqlScript("after.sql", instead)];
        return [.. MigrationAnalyser.Analyse(scripts)];
    }

    private const string Partitioned =
        """
        CREATE SCHEMA app;
        CREATE TABLE events (at int NOT NULL, what text) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (2);
        CREATE TABLE app."Events" PARTITION OF events FOR VALUES FROM (2) TO (3);
        CREATE TABLE plain (at int);
        CREATE INDEX events_at ON events (at);
        CREATE TABLE others (at int) PARTITION BY RANGE (at);
        CREATE TABLE others_1 PARTITION OF others FOR VALUES FROM (1) TO (2);
        CREATE TABLE others_rest PARTITION OF others DEFAULT;
        """;

    [Fact]
    public async Task The_remedy_for_an_index_on_a_partitioned_table_builds_it_for_each_partition()
    {
        var target = await pg.CreateDatabaseAsync("parts", Partitioned);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        var finding = Assert.Single(await JudgedAsync(connection, target, "CREATE INDEX events_what ON events USING btree (what) WHERE what IS NOT NULL"), f => f.Rule == "create-index-blocking");

        foreach (var statement in SqlSplitter.Split(finding.RemedySql!))
        {
            Assert.DoesNotContain(await JudgedAsync(connection, target, "SET lock_timeout = '1s';\n" + statement.Text), f => f.Severity == FindingSeverity.Blocking);
            await connection.ExecuteAsync(statement.Text, CancellationToken.None);
        }

        Assert.True(await connection.ScalarAsync<bool>("SELECT bool_and(indisvalid) AND count(*) = 3 FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relname LIKE 'events_what%'", CancellationToken.None));
        Assert.Contains(await JudgedAsync(connection, target, "CREATE INDEX ON ONLY plain (at)"), f => f is { Rule: "create-index-blocking", Severity: FindingSeverity.Blocking });
    }

    [Theory]
    [InlineData("DROP INDEX events_at", "drop-index-blocking")]
    [InlineData("ALTER TABLE events ADD UNIQUE (at)", "add-unique-blocking")]
    [InlineData("ALTER TABLE others DETACH PARTITION others_1", "detach-partition-blocking")]
    public async Task A_remedy_that_PostgreSQL_refuses_on_partitioned_tables_is_not_advised(string sql, string rule)
    {
        var target = await pg.CreateDatabaseAsync("refused", Partitioned);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        var refused = Assert.Single(MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)], serverMajor: 15), f => f.Rule == rule).RemedySql!;
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => RunAsync(connection, refused));

        var finding = Assert.Single(await JudgedAsync(connection, target, sql), f => f.Rule == rule);
        Assert.Null(finding.RemedySql);
        Assert.Contains("partition", finding.Remedy, StringComparison.Ordinal);
    }

    private static async Task RunAsync(Npgsql.NpgsqlConnection connection, string sql)
    {
        foreach (var statement in SqlSplitter.Split(sql))
            await connection.ExecuteAsync(statement.Text, CancellationToken.None);
    }

    private static async Task<List<MigrationFinding>> JudgedAsync(Npgsql.NpgsqlConnection connection, DatabaseTarget target, string sql)
    {
        await using var facts = await LiveFacts.BeginAsync(connection, target, "public", DbSafety.Operations.OperationEvents.None, CancellationToken.None);
        var judged = new List<MigrationFinding>();
        foreach (var finding in MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)], serverMajor: connection.PostgreSqlVersion.Major))
            judged.AddRange(await facts.JudgeAllAsync(finding, CancellationToken.None));
        return judged;
    }

    [Theory]
    [InlineData("add-check", "ALTER TABLE \"user\" ADD CONSTRAINT c CHECK (\n  a > 0\n  AND \"order\" > 0\n)")]
    [InlineData("add-foreign-key", "ALTER TABLE \"user\" ADD FOREIGN KEY (\"order\")\n  REFERENCES \"table\" (id)\n  ON DELETE CASCADE")]
    [InlineData("set-not-null", "ALTER TABLE \"user\" ALTER \"order\" SET NOT NULL")]
    [InlineData("drop-column", "ALTER TABLE \"user\" DROP COLUMN \"order\"")]
    [InlineData("add-unique", "ALTER TABLE public.\"user\" ADD UNIQUE (\"order\")")]
    public async Task The_remedy_is_complete_and_quotes_reserved_words(string rule, string sql)
    {
        var target = await pg.CreateDatabaseAsync("words", "CREATE TABLE \"table\" (id int PRIMARY KEY); CREATE TABLE \"user\" (a int, \"order\" int)");
        var remedy = Assert.Single(MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]), f => f.Rule == rule).RemedySql!;
        await PgServer.ExecuteAsync(target, remedy);
    }

    [Fact]
    public async Task Every_reserved_word_of_the_server_is_quoted()
    {
        await using var connection = await pg.Target.OpenAsync(CancellationToken.None);
        await using var command = new Npgsql.NpgsqlCommand("SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var words = new List<string>();
        while (await reader.ReadAsync())
            words.Add(reader.GetString(0));

        Assert.NotEmpty(words);
        Assert.All(words, word => Assert.Equal(SqlName.Quote(word), SqlName.Display(word)));
    }
}
