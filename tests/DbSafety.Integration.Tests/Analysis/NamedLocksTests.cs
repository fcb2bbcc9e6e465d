using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Live;
using DbSafety.Operations;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>Compares the locks that findings name with those that the server shows while the statement's transaction is open.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class NamedLocksTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TABLE customers (id int PRIMARY KEY, name text);
        CREATE TABLE orders (id int PRIMARY KEY, customer_id int CONSTRAINT orders_customer REFERENCES customers, total int, note text);
        CREATE VIEW totals AS SELECT id, total FROM orders;
        CREATE TABLE events (at int NOT NULL, order_id int REFERENCES orders) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (1) TO (2);
        CREATE TABLE events_rest PARTITION OF events DEFAULT;
        CREATE TABLE events_2 (at int NOT NULL, order_id int);
        CREATE INDEX orders_total ON orders (total);
        CREATE DOMAIN price AS int;
        CREATE TABLE prices (p price);
        CREATE TYPE pair AS (a int, b int);
        CREATE TYPE lone AS (a int, b int);
        CREATE TABLE of_pair OF pair;
        CREATE TABLE pairs (p pair, l lone);
        """;

    /// <summary>The session that applies the script begins with the database's setting.</summary>
    [Theory]
    [InlineData("3s", FindingSeverity.Info, "up to 3000 ms")]
    [InlineData("0", FindingSeverity.Blocking, "without a lock_timeout")]
    public async Task A_lock_timeout_set_on_the_database_is_not_reported_as_missing(string setting, FindingSeverity expected, string words)
    {
        var target = await pg.CreateDatabaseAsync("limits", "CREATE TABLE t (id int)");
        await PgServer.ExecuteAsync(target, $"ALTER DATABASE {SqlName.Quote(target.Database)} SET lock_timeout = '{setting}'");
        await using var connection = await target.OpenAsync(CancellationToken.None);
        await using var facts = await LiveFacts.BeginAsync(connection, target, "public", OperationEvents.None, CancellationToken.None);
        var found = new List<MigrationFinding>();
        foreach (var finding in facts.Analyser().Analyse([new SqlScript("1.sql", "DROP TABLE IF EXISTS gone; ALTER TABLE t ADD COLUMN a int;")]))
            found.AddRange(await facts.JudgeAllAsync(finding, CancellationToken.None));

        Assert.DoesNotContain(found, f => f.Message.Contains("EXCLUSIVE on gone", StringComparison.Ordinal));
        var missing = Assert.Single(found, f => f.Rule == "missing-lock-timeout");
        Assert.Equal(expected, missing.Severity);
        Assert.Contains(words, missing.Message, StringComparison.Ordinal);
    }

    private static readonly string[] Statements =
    [
        "ALTER TABLE orders DROP CONSTRAINT orders_customer",
        "ALTER TABLE orders DROP COLUMN customer_id",
        "ALTER TABLE orders DROP COLUMN total CASCADE",
        "ALTER TABLE orders ADD CHECK (total > 0)",
        "ALTER TABLE orders ADD COLUMN other_id int DEFAULT 1 REFERENCES customers",
        "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers",
        "ALTER TABLE orders ALTER customer_id TYPE bigint",
        "ALTER TABLE orders SET (fillfactor = 90)",
        "ALTER TABLE customers DROP CONSTRAINT customers_pkey CASCADE",
        "ALTER TABLE events ADD COLUMN what text",
        "ALTER TABLE events ATTACH PARTITION events_2 FOR VALUES FROM (2) TO (3)",
        "ALTER TABLE events DETACH PARTITION events_1",
        "CREATE TABLE events_3 PARTITION OF events FOR VALUES FROM (3) TO (4)",
        "CREATE TABLE notes (order_id int REFERENCES orders)",
        "CREATE INDEX ON orders (note)",
        "CREATE INDEX ON events (at)",
        "CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE POLICY p ON orders",
        "DROP INDEX orders_total",
        "DROP TABLE events_1",
        "DROP TABLE orders CASCADE",
        "TRUNCATE customers CASCADE",
        "LOCK TABLE orders IN EXCLUSIVE MODE",
        "REINDEX INDEX orders_total",
        "ALTER DOMAIN price ADD CHECK (value > 0)",
        "ALTER TABLE orders ALTER CONSTRAINT orders_customer DEFERRABLE INITIALLY DEFERRED",
        "ALTER TABLE orders ALTER CONSTRAINT orders_customer NOT DEFERRABLE",
        "ALTER TYPE pair ADD ATTRIBUTE c int CASCADE",
        "ALTER TYPE pair DROP ATTRIBUTE b CASCADE",
        "ALTER TYPE pair RENAME ATTRIBUTE b TO c CASCADE",
        "ALTER TYPE lone ADD ATTRIBUTE c int CASCADE",
        "ALTER TYPE lone DROP ATTRIBUTE b",
        "CREATE INDEX ON ONLY events (order_id)",
    ];

    [Fact]
    public async Task Exactly_the_tables_that_a_statement_locks_are_named_with_the_lock_mode()
    {
        var target = await pg.CreateDatabaseAsync("named", Schema);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        var wrong = new List<string>();
        // What is dropped has no name any more.
        var tables = (await connection.ListAsync("SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')", r => (Oid: r.GetFieldValue<uint>(0), Name: r.GetString(1)), CancellationToken.None))
            .ToDictionary(t => t.Oid, t => t.Name);
        foreach (var sql in Statements)
        {
            var reported = await SaidAsync(connection, target, sql);
            await connection.ExecuteAsync("BEGIN; " + sql, CancellationToken.None);
            var held = await connection.ListAsync(
                """
                SELECT DISTINCT l.relation, CASE l.mode WHEN 'AccessExclusiveLock' THEN 'ACCESS EXCLUSIVE' WHEN 'ExclusiveLock' THEN 'EXCLUSIVE' WHEN 'ShareRowExclusiveLock' THEN 'SHARE ROW EXCLUSIVE' WHEN 'ShareLock' THEN 'SHARE' END
                FROM pg_locks l WHERE l.pid = pg_backend_pid() AND l.relation = ANY ($1::oid[]) AND l.mode IN ('AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock')
                """, r => (Table: tables[r.GetFieldValue<uint>(0)], Mode: r.GetString(1)), CancellationToken.None, tables.Keys.Select(o => (long)o).ToArray());
            await connection.ExecuteAsync("ROLLBACK", CancellationToken.None);
            var named = reported.SelectMany(Named).Where(n => tables.ContainsValue(n.Table)).ToHashSet();
            // The strongest counts.
            var strongest = held.GroupBy(h => h.Table).Select(g => (g.Key, g.Select(h => h.Mode).MinBy(m => Array.IndexOf(["ACCESS EXCLUSIVE", "EXCLUSIVE", "SHARE ROW EXCLUSIVE", "SHARE"], m))!)).ToHashSet();
            if (!strongest.IsSubsetOf(named))
                wrong.Add($"{sql}\n  not named: {string.Join(", ", strongest.Except(named))}\n  {string.Join("\n  ", reported)}");
            if (named.Except(strongest).ToList() is { Count: > 0 } more)
                wrong.Add($"{sql}\n  named and not held: {string.Join(", ", more)}\n  {string.Join("\n  ", reported)}");
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Fact]
    public async Task Dropping_a_foreign_key_names_both_locked_tables()
    {
        var target = await pg.CreateDatabaseAsync("both", Schema);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        Assert.Equal(
            ["ACCESS EXCLUSIVE on orders and customers: blocks reads and writes until the statement ends; waits for it without a lock_timeout, and queries that arrive while it waits queue behind it"],
            await SaidAsync(connection, target, "ALTER TABLE orders DROP CONSTRAINT orders_customer"));
    }

    private static async Task<List<string>> SaidAsync(Npgsql.NpgsqlConnection connection, DatabaseTarget target, string sql)
    {
        await using var facts = await LiveFacts.BeginAsync(connection, target, "public", OperationEvents.None, CancellationToken.None);
        var reported = new List<string>();
        foreach (var finding in MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)], serverMajor: connection.PostgreSqlVersion.Major))
            reported.AddRange((await facts.JudgeAllAsync(finding, CancellationToken.None)).Where(f => f.Locks is not null).Select(f => f.Message));
        return reported;
    }

    /// <summary>ACCESS EXCLUSIVE on a, b and c: blocks …, SHARE on d: blocks … until ….</summary>
    private static IEnumerable<(string Table, string Mode)> Named(string message)
    {
        foreach (System.Text.RegularExpressions.Match part in System.Text.RegularExpressions.Regex.Matches(message.Split(" until the ")[0], "(ACCESS EXCLUSIVE|SHARE ROW EXCLUSIVE|EXCLUSIVE|SHARE) on ([^:]+): blocks"))
        {
            foreach (var table in part.Groups[2].Value.Split([", ", " and "], StringSplitOptions.None))
                yield return (table, part.Groups[1].Value);
        }
    }
}
