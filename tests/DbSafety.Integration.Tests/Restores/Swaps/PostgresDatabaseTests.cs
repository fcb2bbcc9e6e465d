using DbSafety.Backups;
using DbSafety.Databases;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Migrations;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Sessions;
using DbSafety.Restores.Swaps;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Restores.Swaps;

/// <summary>The database <c>postgres</c> is Docker's default for an application's data, and the one that others use for maintenance.</summary>
public sealed class PostgresDatabaseTests
{
    [Theory]
    [InlineData("postgres")]
    [InlineData("template1")]
    public async Task A_maintenance_database_is_restored_and_undone_like_any_other_database(string name)
    {
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        var target = server.Target.On(name);
        await PgServer.ExecuteAsync(target, "CREATE TABLE t (id int); INSERT INTO t VALUES (1)");
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);
        await PgServer.ExecuteAsync(target, "INSERT INTO t VALUES (2)");

        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target), new RecordedEvents(), CancellationToken.None);
        Assert.Equal(1, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM t"));
        Assert.Equal(2, await PgServer.ScalarAsync<long>(target.On(restore.RetainedAs!), "SELECT count(*) FROM t"));
        Assert.Contains(await new ListDatabases().RunAsync(new DatabaseListRequest(target), new RecordedEvents(), CancellationToken.None), d => d.Database == (name == "postgres" ? restore.RetainedAs : "postgres"));

        var undo = await new UndoRestore().RunAsync(new UndoRestoreRequest(target), new RecordedEvents(), CancellationToken.None);
        Assert.Equal(2, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM t"));
        await new UndoRestore().RunAsync(new UndoRestoreRequest(target) { To = undo.RetainedAs }, new RecordedEvents(), CancellationToken.None);
        Assert.Equal(1, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM t"));
        var again = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target), new RecordedEvents(), CancellationToken.None);
        Assert.True(again.Verified);
        // Roles that are no superusers can copy a template only.
        Assert.Equal(name == "template1", await PgServer.ScalarAsync<bool>(target, $"SELECT datistemplate FROM pg_database WHERE datname = '{name}'"));
        Assert.True(await DatabaseDrop.OrWarnAsync(target.On(again.RetainedAs!), new RecordedEvents()));
    }

    [Fact]
    public async Task A_server_without_database_postgres_and_with_template1_closed_uses_another_maintenance_database()
    {
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        await PgServer.ExecuteAsync(server.Target, "CREATE DATABASE shop");
        await PgServer.ExecuteAsync(server.Target, "CREATE DATABASE other");
        var target = server.Target.On("shop");
        await PgServer.ExecuteAsync(target, "ALTER DATABASE template1 ALLOW_CONNECTIONS false");
        await PgServer.ExecuteAsync(target, "DROP DATABASE postgres");
        await PgServer.ExecuteAsync(target, "CREATE TABLE t (id int); INSERT INTO t VALUES (1)");
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);

        Assert.True((await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target), new RecordedEvents(), CancellationToken.None)).Verified);
        await new UndoRestore().RunAsync(new UndoRestoreRequest(target), new RecordedEvents(), CancellationToken.None);
        Assert.Equal(1, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM t"));
    }

    [Fact]
    public async Task A_failed_migration_of_database_postgres_is_undone_by_a_restore_and_reports_its_own_error()
    {
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        await PgServer.ExecuteAsync(server.Target, "CREATE TABLE t (id int); INSERT INTO t VALUES (1)");
        using var folder = new TempFolder();
        var scripts = Directory.CreateDirectory(Path.Combine(folder.Path, "scripts")).FullName;
        await File.WriteAllTextAsync(Path.Combine(scripts, "1_a.sql"), "UPDATE t SET id = 7 WHERE id > 0;");
        await File.WriteAllTextAsync(Path.Combine(scripts, "2_b.sql"), "SELECT 1 / 0;");
        var request = new SafeMigrationRequest(scripts, server.Target) { Allow = ["update-rows:t"], SkipRehearsal = true, OnFailure = FailureAction.Restore, BackupDestination = Path.Combine(folder.Path, "backups") };

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new RunSafeMigration().RunAsync(request, new RecordedEvents(), CancellationToken.None));

        Assert.Equal("DBS406", error.Code);
        Assert.Contains("division by zero", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, await PgServer.ScalarAsync<int>(server.Target, "SELECT id FROM t"));
    }

    [Fact]
    public async Task Two_runs_detect_each_other_regardless_of_the_maintenance_database_that_their_roles_use()
    {
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        foreach (var sql in new[] { "CREATE ROLE restricted LOGIN", "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC", "CREATE DATABASE shop" })
            await PgServer.ExecuteAsync(server.Target, sql);
        var target = server.Target.On("shop");
        await using var first = await ServerLock.TakeAsync(target, "restore", CancellationToken.None);

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => ServerLock.TakeAsync(target with { Username = "restricted" }, "restore", CancellationToken.None));

        Assert.Equal("DBS115", error.Code);
        Assert.Equal("postgres", first.Connection.Database);
    }
}
