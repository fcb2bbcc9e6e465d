using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Scripts;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Integration.Tests.Analysis.Locks;

/// <summary>What refuses to run in a transaction cannot be looked at from inside of one: another session stands in its way and sees what it asks for.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class LockApartTests(PgServer pg)
{
    private const string Asked = "SELECT mode FROM pg_locks WHERE pid = $1 AND locktype = 'relation' AND relation = $2::regclass AND NOT granted";

    /// <summary>The statement, and the table that it comes to.</summary>
    private static readonly (string Sql, string Table)[] Statements =
    [
        ("CREATE INDEX CONCURRENTLY i ON parent (n)", "parent"),
        ("DROP INDEX CONCURRENTLY parent_n", "parent"),
        ("DROP INDEX CONCURRENTLY IF EXISTS child_v", "child"),
        ("REINDEX INDEX CONCURRENTLY parent_small", "parent"),
        ("REINDEX TABLE CONCURRENTLY child", "child"),
        ("REINDEX SCHEMA app", "app.inside"),
        ("REINDEX TABLE part", "part_1"),
        ("REINDEX INDEX part_v", "part_2"),
        ("VACUUM loose", "loose"),
        ("VACUUM (ANALYZE) part", "part_1"),
        ("VACUUM FULL loose", "loose"),
        ("VACUUM (FULL, ANALYZE) loose, tree", "tree"),
        ("ANALYZE loose", "loose"),
        ("ANALYZE VERBOSE part (v), tree", "tree"),
        ("ALTER TABLE listed DETACH PARTITION listed_1 CONCURRENTLY", "listed"),
        ("ALTER TABLE listed DETACH PARTITION listed_2 CONCURRENTLY", "listed_2"),
    ];

    [Fact]
    public async Task Statements_outside_a_transaction_acquire_no_stronger_lock_than_reported()
    {
        var target = await pg.CreateDatabaseAsync("apart", await File.ReadAllTextAsync(Repository.Folder("tests/DbSafety.Integration.Tests/Analysis/Locks/schema.sql")));
        await using var connection = await target.OpenAsync(CancellationToken.None);
        await using var other = await target.OpenAsync(CancellationToken.None);
        await PgServer.ExecuteAsync(target, "DROP TABLE to_listed");
        var wrong = new List<string>();
        foreach (var (sql, table) in Statements)
        {
            var shape = await CatalogShape.ReadAsync(other);
            var reported = LockPrediction.Of(SqlSplitter.Split(sql).Single(), shape, ["public"]).Mode(shape.All.Values.Single(r => r.ToString() == table));
            // Weaker locks pass: they are those of a look at the catalog.
            await other.ExecuteAsync($"BEGIN; LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE", CancellationToken.None);
            var running = connection.ExecuteAsync(sql, CancellationToken.None);
            var asked = await AskedAsync(other, connection.ProcessID, table, running);
            await other.ExecuteAsync("ROLLBACK", CancellationToken.None);
            await running;
            if (asked is LockMode.None || asked > reported)
                wrong.Add($"{sql}: {asked} on {table}, reported is {reported}");
        }

        Assert.Empty(wrong);
    }

    /// <summary>None where it was done without one. It waits as soon as it asks.</summary>
    private static async Task<LockMode> AskedAsync(NpgsqlConnection watcher, int process, string table, Task running)
    {
        string? mode = null;
        await Wait.UntilAsync(async () => running.IsCompleted || (mode = await watcher.ScalarAsync<string>(Asked, CancellationToken.None, process, table)) is not null);
        return mode is null ? LockMode.None : StatementObserver.Mode(mode);
    }
}
