using System.Security.Cryptography;
using System.Text;
using DbSafety.Backups;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Retained;

namespace DbSafety.Integration.Tests.Databases.Poolers;

[Collection(PgServerGroup.Name)]
public sealed class SessionPoolerTests(PgServer pg) : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly RecordedEvents events = new();

    public void Dispose() => folder.Dispose();

    [PgBouncerTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Backup_through_a_session_mode_pool_leaves_server_sessions_unchanged(bool inTurn)
    {
        var direct = await pg.CreateDatabaseAsync("sessions", SampleSql.Shop);
        await using var pooler = await PgBouncer.StartAsync(pg, "session", 12, $"server_round_robin = {(inTurn ? 1 : 0)}");
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(pooler.Target.On(direct.Database), folder.Path), events, CancellationToken.None);
        Assert.Equal(500, backup.Manifest.Tables.Single(t => t.Name == "orders").Rows);
        Assert.True((await new TestBackup().RunAsync(new BackupTestRequest(backup.Path), events, CancellationToken.None)).Passed);
        await ServerSessions.AreCleanAsync(pooler, direct);
    }

    [PgBouncerFact]
    public async Task Pool_that_retains_settings_of_a_closed_connection_is_rejected()
    {
        var direct = await pg.CreateDatabaseAsync("kept", SampleSql.Shop);
        await using var pooler = await PgBouncer.StartAsync(pg, "session", 4, "server_reset_query =");
        await RefusedAsync(pooler, direct, "DBS123");
        await ServerSessions.AreCleanAsync(pooler, direct);
    }

    [PgBouncerTheory]
    [InlineData("RESET ALL", "DBS465")]
    [InlineData("DISCARD TEMP", "DBS123")]
    [InlineData("SELECT pg_advisory_unlock_all()", "DBS123")]
    public async Task Pool_that_retains_locks_of_a_closed_connection_is_rejected_and_no_lock_remains(string reset, string code)
    {
        var direct = await pg.CreateDatabaseAsync("locked", SampleSql.Shop);
        await using var pooler = await PgBouncer.StartAsync(pg, "session", 4, $"server_reset_query = {reset}");
        await RefusedAsync(pooler, direct, code);
        await ServerSessions.AreCleanAsync(pooler, direct);
    }

    [PgBouncerFact]
    public async Task Advisory_lock_that_a_pool_retained_from_a_killed_run_is_reported_with_its_session()
    {
        var direct = await pg.CreateDatabaseAsync("left", SampleSql.Shop);
        await using var pooler = await PgBouncer.StartAsync(pg, "session", 4, "server_reset_query = RESET ALL");
        int pid;
        await using (var killed = await pooler.ConnectAsync("postgres"))
        {
            var key = BitConverter.ToInt32(SHA256.HashData(Encoding.UTF8.GetBytes(direct.Database)));
            pid = await killed.ScalarAsync<int>("SELECT pg_backend_pid() FROM pg_advisory_lock($1, $2)", CancellationToken.None, 0x44425366, key);
        }

        var refusal = await Assert.ThrowsAsync<DbSafetyException>(() => new RunSafeMigration().RunAsync(Migration(direct), events, CancellationToken.None));

        Assert.True(refusal.Code == "DBS466", refusal.ToString());
        Assert.Contains($"held by a session that is not a DbSafety run: pid {pid}, since ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"SELECT pg_terminate_backend({pid});", refusal.Hint, StringComparison.Ordinal);
    }

    [PgBouncerFact]
    public async Task Restore_to_a_pooler_alias_is_rejected_because_a_swap_would_rename_another_database()
    {
        var (direct, other) = (await pg.CreateDatabaseAsync("meant", SampleSql.Shop), await pg.CreateDatabaseAsync("other", "CREATE TABLE t (id int)"));
        await using var pooler = await PgBouncer.StartAsync(pg, "session", 20, "ignore_startup_parameters = options", "[databases]", $"{other.Database} = host='{pg.Target.Host}' port={pg.Target.Port} user={pg.Target.Username} dbname={direct.Database}");
        var set = await new BackupDatabase().RunAsync(new BackupRequest(direct, folder.Path), events, CancellationToken.None);

        var refusal = await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(new RestoreRequest(set.Path, pooler.Target.On(other.Database)), events, CancellationToken.None));

        Assert.True(refusal.Code == "DBS121", refusal.ToString());
        Assert.Contains($"its database {other.Database} is database {direct.Database} on the server", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0L, await PgServer.ScalarAsync<long>(other, "SELECT count(*) FROM t"));
    }

    [PgBouncerFact]
    public async Task Pool_with_too_few_server_sessions_fails_without_a_long_wait() => await Task.WhenAll(new[] { 1, 3 }.Select(async poolSize =>
    {
        var direct = await pg.CreateDatabaseAsync("full", SampleSql.Shop);
        await using var pooler = await PgBouncer.StartAsync(pg, "session", poolSize);
        await RefusedAsync(pooler, direct, "DBS121");
        await ServerSessions.AreCleanAsync(pooler, direct);
    }));

    [PgBouncerFact]
    public async Task Restores_and_migrations_work_through_a_pool_in_session_mode_that_ignores_options()
    {
        var direct = await pg.CreateDatabaseAsync("whole", SampleSql.Shop);
        await using var pooler = await PgBouncer.StartAsync(pg, "session", 20, "ignore_startup_parameters = options");
        var target = pooler.Target.On(direct.Database);
        var set = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), events, CancellationToken.None);
        await using (var app = await PooledApp.StartAsync(pooler, direct.Database))
        {
            await PgServer.ExecuteAsync(direct, "DELETE FROM orders WHERE id > 400");
            await new RestoreDatabase().RunAsync(new RestoreRequest(set.Path, target) { InPlaceBackup = folder.Path }, events, CancellationToken.None);
            Assert.Equal(500L, await CountAsync(direct));
            var run = await new RunSafeMigration().RunAsync(Migration(target) with { SkipRehearsal = true }, events, CancellationToken.None);
            Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
            await app.WorksAsync();
        }

        await ServerSessions.AreCleanAsync(pooler, direct);
        await PgServer.ExecuteAsync(direct, "DELETE FROM orders WHERE id > 400");
        await new RestoreDatabase().RunAsync(new RestoreRequest(set.Path, target), events, CancellationToken.None);
        Assert.Equal(500L, await CountAsync(direct));
        await new UndoRestore().RunAsync(new UndoRestoreRequest(target), events, CancellationToken.None);
        Assert.Equal(400L, await CountAsync(direct));
        var retained = Assert.Single(await new ListRetained().RunAsync(new RetainedListRequest(target) { Database = direct.Database }, events, CancellationToken.None));
        await new RemoveRetained().RunAsync(new RetainedDropRequest(retained, target), events, CancellationToken.None);
        Assert.Equal(400L, await CountAsync(direct));
    }

    [PgBouncerFact]
    public async Task Migration_and_restore_are_rejected_before_any_change_when_the_pooler_rejects_startup_options()
    {
        var direct = await pg.CreateDatabaseAsync("rejected", SampleSql.Shop);
        await using var pooler = await PgBouncer.StartAsync(pg, "session", 20);
        var target = pooler.Target.On(direct.Database);
        var set = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), events, CancellationToken.None);
        foreach (var operation in new Func<Task>[]
        {
            () => new RestoreDatabase().RunAsync(new RestoreRequest(set.Path, target), events, CancellationToken.None),
            () => new RunSafeMigration().RunAsync(Migration(target), events, CancellationToken.None),
        })
        {
            var refusal = await Assert.ThrowsAsync<DbSafetyException>(operation);
            Assert.True(refusal.Code == "DBS122", refusal.ToString());
        }

        Assert.Equal(1L, await PgServer.ScalarAsync<long>(direct, "SELECT count(*) FROM pg_database WHERE datname LIKE current_database() || '%'"));
        await ServerSessions.AreCleanAsync(pooler, direct);
    }

    private SafeMigrationRequest Migration(DatabaseTarget target)
    {
        var migrations = Directory.CreateDirectory(Path.Combine(folder.Path, "migrations")).FullName;
        File.WriteAllText(Path.Combine(migrations, "001_note.sql"), "ALTER TABLE products ADD more text;");
        return new SafeMigrationRequest(migrations, target) { BackupDestination = Path.Combine(folder.Path, "backups") };
    }

    private static Task<long> CountAsync(DatabaseTarget direct) => PgServer.ScalarAsync<long>(direct, "SELECT count(*) FROM orders");

    private async Task RefusedAsync(PgBouncer pooler, DatabaseTarget direct, string code)
    {
        var destination = Path.Combine(folder.Path, direct.Database);
        var refusal = await Assert.ThrowsAsync<DbSafetyException>(() => new BackupDatabase().RunAsync(new BackupRequest(pooler.Target.On(direct.Database), destination), events, CancellationToken.None));
        Assert.True(refusal.Code == code, refusal.ToString());
        Assert.True(!Directory.Exists(destination) || !Directory.EnumerateFiles(destination).Any());
    }
}
