using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Live;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>The SQL that is offered instead does what the statement does, with all that the statement asks for.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class RemedyDetailTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TABLE users (id int PRIMARY KEY);
        CREATE TABLE one (a int NOT NULL, b int);
        CREATE TABLE two (a int NOT NULL, b int);
        CREATE INDEX one_b ON one (b);
        CREATE TABLE events (id int, at int NOT NULL) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (2);
        CREATE TABLE events_rest PARTITION OF events DEFAULT;
        CREATE INDEX events_at ON events (at);
        """;

    [Theory]
    [InlineData("UNIQUE NULLS NOT DISTINCT (b) INCLUDE (a) WITH (fillfactor='70') USING INDEX TABLESPACE pg_default DEFERRABLE INITIALLY DEFERRED", "add-unique-blocking")]
    [InlineData("PRIMARY KEY (a) INCLUDE (b) DEFERRABLE", "add-unique-blocking")]
    [InlineData("FOREIGN KEY (b) REFERENCES users ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED", "add-foreign-key-blocking")]
    [InlineData("CHECK (b > 0) NO INHERIT", "add-check-blocking")]
    public async Task The_remedy_preserves_all_clauses_of_a_constraint(string constraint, string rule)
    {
        var target = await pg.CreateDatabaseAsync("kept", Schema);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync($"ALTER TABLE one ADD CONSTRAINT c1 {constraint}", CancellationToken.None);
        var finding = Assert.Single(await JudgedAsync(connection, target, $"ALTER TABLE two ADD CONSTRAINT c2 {constraint}"), f => f.Rule == rule);
        await RunAsync(connection, finding.RemedySql!.Replace("COMMIT;", "", StringComparison.Ordinal));

        var definitions = await connection.ListAsync(
            "SELECT pg_get_constraintdef(c.oid) || coalesce(regexp_replace(pg_get_indexdef(c.conindid), 'c1|c2|one|two', '', 'g'), '') || c.convalidated FROM pg_constraint c WHERE conname IN ('c1', 'c2')", r => r.GetString(0), CancellationToken.None);
        Assert.Equal(2, definitions.Count);
        Assert.Equal(definitions[0], definitions[1]);
    }

    [Fact]
    public async Task The_remedy_for_a_foreign_key_of_a_partitioned_table_avoids_NOT_VALID_and_builds_the_index_for_each_partition()
    {
        const string Sql = "ALTER TABLE events ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES users";
        var target = await pg.CreateDatabaseAsync("partfk", Schema);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        var findings = await JudgedAsync(connection, target, Sql);
        var blocking = Assert.Single(findings, f => f.Rule == "add-foreign-key-blocking");
        Assert.Null(blocking.RemedySql);
        Assert.Contains("partition", blocking.Remedy, StringComparison.Ordinal);

        await RunAsync(connection, Assert.Single(findings, f => f is { Rule: "foreign-key-without-index", Severity: FindingSeverity.Breaking }).RemedySql!);
        Assert.DoesNotContain(await JudgedAsync(connection, target, Sql), f => f is { Rule: "foreign-key-without-index", Severity: FindingSeverity.Breaking });
    }

    [Fact]
    public async Task A_refused_statement_has_no_remedy_SQL_that_would_also_be_refused()
    {
        var target = await pg.CreateDatabaseAsync("noremedy", Schema);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        var findings = await JudgedAsync(connection, target, "DROP INDEX events_1_at_idx");
        Assert.Contains(findings, f => f is { Rule: "always-fails", WouldFail: true });
        Assert.DoesNotContain(findings, f => f.RemedySql is not null && f.Rule != "missing-lock-timeout");
    }

    [Fact]
    public async Task The_REINDEX_remedy_preserves_the_tablespace()
    {
        var target = await pg.CreateDatabaseAsync("space", Schema);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        var remedy = Assert.Single(await JudgedAsync(connection, target, "REINDEX (VERBOSE, TABLESPACE pg_default) INDEX one_b"), f => f.Rule == "reindex-blocking").RemedySql!;
        Assert.Equal("REINDEX (TABLESPACE pg_default) INDEX CONCURRENTLY one_b;", remedy);
        await RunAsync(connection, remedy);
        Assert.DoesNotContain(await JudgedAsync(connection, target, remedy), f => f.Severity == FindingSeverity.Blocking && f.Rule == "reindex-blocking");
    }

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        foreach (var statement in SqlSplitter.Split(sql))
            await connection.ExecuteAsync(statement.Text, CancellationToken.None);
    }

    private static async Task<List<MigrationFinding>> JudgedAsync(NpgsqlConnection connection, DatabaseTarget target, string sql)
    {
        await using var facts = await LiveFacts.BeginAsync(connection, target, "public", OperationEvents.None, CancellationToken.None);
        var judged = new List<MigrationFinding>();
        foreach (var finding in MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)], serverMajor: connection.PostgreSqlVersion.Major))
            judged.AddRange(await facts.JudgeAllAsync(finding, CancellationToken.None));
        return judged;
    }
}
