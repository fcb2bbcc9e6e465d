using DbSafety.Backups;
using DbSafety.Databases.Connections;

namespace DbSafety.Integration.Tests.Backups;

[Collection(PgServerGroup.Name)]
public sealed class TruncateOfSeveralTablesTests(PgServer pg)
{
    /// <summary>It gets the first table when pg_dump ends, and would then wait for our locks on the second one, while we wait for the first.</summary>
    [Fact]
    public async Task A_TRUNCATE_of_several_tables_and_the_backup_do_not_deadlock()
    {
        var target = await pg.CreateDatabaseAsync("several", """
            CREATE TABLE log (id serial PRIMARY KEY, line text); INSERT INTO log (line) SELECT repeat('x', 100) FROM generate_series(1, 1000);
            CREATE TABLE more (id int); INSERT INTO more VALUES (1);
            CREATE MATERIALIZED VIEW pin AS SELECT 1 AS n; CREATE VIEW pinned AS SELECT n FROM pin;
            """);
        using var folder = new TempFolder();
        await using var other = await target.OpenAsync(CancellationToken.None);
        await using var watch = await target.OpenAsync(CancellationToken.None);
        // pg_dump must not have ended before we wait: it waits for the definition of a view.
        await using var pin = await target.OpenAsync(CancellationToken.None);
        await pin.ExecuteAsync("BEGIN; REFRESH MATERIALIZED VIEW pin", CancellationToken.None);
        var (truncated, released) = (Task.CompletedTask, Task.CompletedTask);
        using var at = StepListener.At("backup: tables locked by pg_dump", async () =>
        {
            truncated = other.ExecuteAsync("TRUNCATE log, more", CancellationToken.None);
            await WaitsAsync(watch, "pid = $1", other.ProcessID);
            released = Task.Run(async () =>
            {
                await WaitsAsync(watch, "relation = 'log'::regclass AND mode = 'AccessShareLock' AND pid <> $1", other.ProcessID);
                await pin.ExecuteAsync("COMMIT", CancellationToken.None);
            });
        });
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));

        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Jobs = 2, LockTimeout = TimeSpan.FromMinutes(10) }, new RecordedEvents(), limit.Token);

        await released.WaitAsync(TimeSpan.FromMinutes(1));
        await truncated.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.True(at.Reached("backup: attempt abandoned"));
        Assert.All(backup.Manifest.Tables, t => Assert.Equal(0, t.Rows));
    }

    private static Task WaitsAsync(Npgsql.NpgsqlConnection watch, string who, int pid) =>
        Wait.UntilAsync(async () => await watch.ScalarAsync<long>($"SELECT count(*) FROM pg_locks WHERE NOT granted AND {who}", CancellationToken.None, pid) > 0, who);
}
