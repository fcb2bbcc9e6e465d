using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Swaps;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>As a role that may not make databases, on a database of its own.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class InPlaceRestoreTests(PgServer pg)
{
    private const string More = """
        CREATE SCHEMA app; CREATE TYPE app.state AS ENUM ('on'); CREATE TABLE app.things (s app.state); INSERT INTO app.things VALUES ('on');
        CREATE VIEW cheap AS SELECT * FROM products WHERE price < 10; CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT 2 * i';
        CREATE DOMAIN positive AS int CHECK (VALUE > 0);
        """;

    [Theory]
    [MemberData(nameof(BackupTests.Formats), MemberType = typeof(BackupTests))]
    public async Task An_in_place_restore_matches_the_backup_and_the_previous_state_can_be_restored(BackupFormat format)
    {
        using var folder = new TempFolder();
        var (target, backup, before) = await PrepareAsync(folder, format);
        await PgServer.ExecuteAsync(target, "DELETE FROM orders; CREATE TABLE extra (id int); INSERT INTO extra VALUES (1); DROP VIEW cheap; DROP TABLE app.things");
        var damaged = await FingerprintReader.ReadAsync(target, CancellationToken.None);

        var beside = await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target), new RecordedEvents(), CancellationToken.None));
        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { InPlaceBackup = Path.GetRelativePath(Environment.CurrentDirectory, folder.Path) }, new RecordedEvents(), CancellationToken.None);
        Assert.EndsWith($" --in-place \"{folder.Path}\"", restore.Undo!.Command, StringComparison.Ordinal);
        var after = await FingerprintReader.ReadAsync(target, CancellationToken.None);

        Assert.Equal("DBS304", beside.Code);
        Assert.True(restore.Verified);
        AssertSame(before, after);
        var saved = Directory.GetFiles(folder.Path, "*.json").Single(f => f != backup.Path);
        Assert.Contains(saved, restore.Notes[0], StringComparison.Ordinal);
        await RestoreAsync(saved, target, folder);
        AssertSame(damaged, await FingerprintReader.ReadAsync(target, CancellationToken.None));
    }

    [Fact]
    public async Task The_result_warns_that_an_undo_would_swap_in_the_database_that_an_earlier_restore_retained()
    {
        using var folder = new TempFolder();
        var (target, backup, _) = await PrepareAsync(folder, BackupFormat.Custom);
        Assert.DoesNotContain((await RestoreAsync(backup.Path, target, folder)).Notes, n => n.Contains("restore undo", StringComparison.Ordinal));
        var retained = RetainedNames.Of(target.Database, MarkKind.Before, DateTimeOffset.UnixEpoch);
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(retained)}");
        await using (var maintenance = await pg.Target.OpenAsync(CancellationToken.None))
            await RetainedDatabases.MarkNewAsync(maintenance, retained, await RetainedDatabases.NewMarkAsync(maintenance, target.Database, MarkKind.Before, MarkedBy.Restore, DateTimeOffset.UnixEpoch, CancellationToken.None), CancellationToken.None);
        try
        {
            Assert.Contains((await RestoreAsync(backup.Path, target, folder)).Notes, n => n.Contains($"restore undo does not undo this restore: it swaps in {retained}", StringComparison.Ordinal));
        }
        finally
        {
            await PgServer.ExecuteAsync(pg.Target, $"DROP DATABASE {SqlName.Quote(retained)}");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_event_trigger_of_a_superuser_is_reported_with_the_DROP_command_before_the_restore_starts(bool whatIf)
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        await PgServer.ExecuteAsync(database.Admin, "CREATE FUNCTION guard() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER \"Guard 1\" ON ddl_command_start EXECUTE FUNCTION guard()");
        var files = database.Folder.Names.ToList();
        var request = new RestoreRequest(database.Backup.Path, database.Target) { InPlaceBackup = database.Folder.Path, WhatIf = whatIf };

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(request, new RecordedEvents(), CancellationToken.None));

        Assert.Equal(("DBS133", 3), (error.Code, error.ExitCode));
        Assert.Contains($"\"Guard 1\" (owner {pg.Target.Username})", error.Message, StringComparison.Ordinal);
        Assert.Contains("DROP EVENT TRIGGER IF EXISTS \"Guard 1\";", error.Hint, StringComparison.Ordinal);
        Assert.Equal(files, database.Folder.Names);
        // As it says.
        await PgServer.ExecuteAsync(database.Admin, "DROP EVENT TRIGGER IF EXISTS \"Guard 1\"; DROP FUNCTION guard");
        Assert.True((await new RestoreDatabase().RunAsync(request with { WhatIf = false }, new RecordedEvents(), CancellationToken.None)).Verified);
    }

    [Fact]
    [Hazard("H3")]
    public async Task An_in_place_restore_that_fails_or_is_killed_leaves_the_database_unchanged()
    {
        using var folder = new TempFolder();
        var (target, backup, _) = await PrepareAsync(folder, BackupFormat.Custom, "CREATE TABLE large AS SELECT i, repeat(md5(i::text), 8) AS t FROM generate_series(1, 200000) i;");
        await PgServer.ExecuteAsync(target, "DELETE FROM orders");
        var damaged = await FingerprintReader.ReadAsync(target, CancellationToken.None);

        using (var run = Dbsafety.Start(null, "restore", "run", backup.Path, "--database-url", target.ToString(), "--in-place", folder.Path))
        {
            await using var watcher = await pg.Target.OpenAsync(CancellationToken.None);
            await run.UntilAsync(
                async () => await watcher.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND query LIKE 'COPY %FROM stdin%'", CancellationToken.None, target.Database) > 0,
                "rows were being restored");
            await run.SignalAsync("KILL");
            await run.EndAsync();
            await Wait.UntilAsync(async () => await watcher.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = $1", CancellationToken.None, target.Database) == 0);
        }

        AssertSame(damaged, await FingerprintReader.ReadAsync(target, CancellationToken.None));
    }

    [Fact]
    public async Task Objects_of_other_owners_are_reported_before_anything_is_changed()
    {
        using var folder = new TempFolder();
        var (target, backup, _) = await PrepareAsync(folder, BackupFormat.Custom);
        await PgServer.ExecuteAsync(pg.Target.On(target.Database), "CREATE TABLE theirs (id int)");

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync(backup.Path, target, folder));

        Assert.Equal(("DBS108", 3), (error.Code, error.ExitCode));
        Assert.Contains("theirs", error.Message, StringComparison.Ordinal);
    }

    private async Task<(DatabaseTarget Target, PgBackup Backup, PgFingerprint Before)> PrepareAsync(TempFolder folder, BackupFormat format, string sql = "")
    {
        var role = "plain_" + Guid.NewGuid().ToString("N")[..6];
        var database = await pg.CreateDatabaseAsync("inplace");
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role} LOGIN; ");
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {SqlName.Quote(database.Database)} OWNER TO {role}");
        var target = database with { Username = role };
        await PgServer.ExecuteAsync(target, SampleSql.Shop + More + sql);
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format }, new RecordedEvents(), CancellationToken.None);
        return (target, backup, await FingerprintReader.ReadAsync(target, CancellationToken.None));
    }

    private static Task<PgRestore> RestoreAsync(string set, DatabaseTarget target, TempFolder folder) =>
        new RestoreDatabase().RunAsync(new RestoreRequest(set, target) { InPlaceBackup = folder.Path }, new RecordedEvents(), CancellationToken.None);

    private static void AssertSame(PgFingerprint expected, PgFingerprint actual)
    {
        Assert.Equal(expected.Tables, actual.Tables);
        Assert.Equal(expected.Sequences, actual.Sequences);
        Assert.Equal(expected.SchemaHash, actual.SchemaHash);
    }
}
