using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Live;
using Npgsql;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>Statements after which a role sees fewer rows, or cannot write what it could: a server shows it, and the analysis reports it.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class HiddenRowsTests(PgServer pg)
{
    private const string Role = "hidden_rows_app";

    private const string Schema =
        $"""
        CREATE ROLE {Role};
        CREATE ROLE {Role}_2;
        CREATE TABLE notes (id int PRIMARY KEY, owner text, parent int CONSTRAINT notes_parent REFERENCES notes DEFERRABLE INITIALLY DEFERRED);
        CREATE POLICY own ON notes USING (true);
        CREATE TABLE plain (id int PRIMARY KEY, a int NOT NULL);
        INSERT INTO plain SELECT i, i FROM generate_series(1, 10) i;
        CREATE TABLE base (id int);
        CREATE TABLE heir () INHERITS (base);
        INSERT INTO heir VALUES (1), (2);
        CREATE TABLE events (at int NOT NULL) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (10);
        INSERT INTO events VALUES (1), (2);
        CREATE MATERIALIZED VIEW sums AS SELECT count(*) FROM plain;
        CREATE VIEW shown AS SELECT * FROM plain WHERE id < 100;
        CREATE VIEW secrets AS SELECT * FROM pg_authid;
        CREATE SEQUENCE numbers;
        CREATE SCHEMA app AUTHORIZATION {Role};
        CREATE TABLE app.own (id int);
        ALTER TABLE app.own OWNER TO {Role};
        INSERT INTO app.own VALUES (1);
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {Role};
        ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
        ALTER TABLE app.own ENABLE ROW LEVEL SECURITY;
        INSERT INTO notes SELECT i, 'a' FROM generate_series(1, 10) i;
        """;

    /// <summary>The statement, and what the role could do before and cannot after.</summary>
    private static readonly (string Sql, string Probe)[] Cases =
    [
        ("ALTER TABLE app.own FORCE ROW LEVEL SECURITY", "SELECT count(*) FROM app.own"),
        ("CREATE POLICY few ON notes AS RESTRICTIVE USING (id < 3)", "SELECT count(*) FROM notes"),
        ("ALTER POLICY own ON notes USING (id < 3)", "SELECT count(*) FROM notes"),
        ("ALTER POLICY own ON notes TO hidden_rows_app_2", "SELECT count(*) FROM notes"),
        ("DROP POLICY own ON notes", "SELECT count(*) FROM notes"),
        ("ALTER TABLE plain ENABLE ROW LEVEL SECURITY", "SELECT count(*) FROM plain"),
        ("ALTER TABLE events DETACH PARTITION events_1", "SELECT count(*) FROM events"),
        ("ALTER TABLE heir NO INHERIT base", "SELECT count(*) FROM base"),
        ("REFRESH MATERIALIZED VIEW sums WITH NO DATA", "SELECT count FROM sums"),
        ("ALTER VIEW secrets SET (security_invoker = true)", "SELECT count(*) FROM secrets"),
        ("ALTER TABLE app.own OWNER TO hidden_rows_app_2", "SELECT count(*) FROM app.own"),
        ("ALTER SCHEMA app OWNER TO hidden_rows_app_2", "SELECT count(*) FROM app.own"),
        ("REASSIGN OWNED BY hidden_rows_app TO hidden_rows_app_2", "SELECT count(*) FROM app.own"),
        ("REVOKE SELECT ON plain FROM hidden_rows_app", "SELECT count(*) FROM plain"),
        ("ALTER TABLE plain ALTER id ADD GENERATED ALWAYS AS IDENTITY", "INSERT INTO plain VALUES (50, 1)"),
        ("ALTER VIEW shown SET (check_option = cascaded)", "INSERT INTO shown VALUES (200, 1)"),
        ("CREATE OR REPLACE VIEW shown AS SELECT * FROM plain WHERE id < 100 WITH CHECK OPTION", "INSERT INTO shown VALUES (200, 1)"),
        ("ALTER TABLE notes ALTER CONSTRAINT notes_parent NOT DEFERRABLE", "INSERT INTO notes VALUES (20, 'a', 21)"),
        ("CREATE RULE nothing AS ON INSERT TO plain DO INSTEAD NOTHING", "INSERT INTO plain VALUES (51, 1)"),
        ("ALTER TABLE plain ADD CHECK (a > 100) NOT VALID", "UPDATE plain SET id = 60 WHERE id = 1"),
    ];

    [Fact]
    public async Task Statements_that_hide_rows_or_reject_writes_are_at_least_breaking()
    {
        var target = await pg.CreateDatabaseAsync("hidden", Schema);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        var wrong = new List<string>();
        foreach (var (sql, probe) in Cases)
        {
            var before = await ProbeAsync(connection, null, probe);
            var after = await ProbeAsync(connection, sql, probe);
            if (before == 0 || after >= before)
                wrong.Add($"{sql}: no difference shown ({before}, {after})");
            await using var facts = await LiveFacts.BeginAsync(connection, target, "public", DbSafety.Operations.OperationEvents.None, CancellationToken.None);
            var findings = new List<MigrationFinding>();
            foreach (var finding in MigrationAnalyser.Analyse([new SqlScript("1.sql", "SET lock_timeout = '1s';\n" + sql)], serverMajor: connection.PostgreSqlVersion.Major))
                findings.Add(await facts.JudgeAsync(finding, CancellationToken.None));
            if (!findings.Exists(f => f.Severity == FindingSeverity.Breaking))
                wrong.Add($"{sql}: {string.Join(", ", findings.Select(f => $"{f.Severity} {f.Rule}"))}");
        }

        await connection.ExecuteAsync($"DROP OWNED BY {Role}, {Role}_2 CASCADE; DROP ROLE {Role}, {Role}_2", CancellationToken.None);
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    /// <summary>How many rows the role sees or writes; -1 where it is refused.</summary>
    private static async Task<long> ProbeAsync(NpgsqlConnection connection, string? sql, string probe)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        try
        {
            await connection.ExecuteAsync($"GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO {Role}", CancellationToken.None);
            if (sql is not null)
                await connection.ExecuteAsync(sql, CancellationToken.None);
            await connection.ExecuteAsync($"SET LOCAL row_security = on; SET LOCAL ROLE {Role}", CancellationToken.None);
            await using var command = new NpgsqlCommand(probe, connection);
            return probe.StartsWith("SELECT", StringComparison.Ordinal) ? (long)(await command.ExecuteScalarAsync())! : await command.ExecuteNonQueryAsync();
        }
        catch (PostgresException e) when (e.SqlState is "42501" or "55000" or "44000" or "428C9" or "23503" or "23514")
        {
            return -1;
        }
    }
}
