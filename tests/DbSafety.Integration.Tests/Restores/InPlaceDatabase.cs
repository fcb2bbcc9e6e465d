using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Operations;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using Npgsql;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>A database of a role that may not create databases, a backup of it, and changes since.</summary>
internal sealed record InPlaceDatabase(PgServer Server, DatabaseTarget Target, PgBackup Backup, TempFolder Folder) : IDisposable
{
    public const string Point = "in-place restore: ";

    /// <summary>As a superuser, whom no setting of the role's reaches.</summary>
    public DatabaseTarget Admin => Server.Target.On(Target.Database);

    public static async Task<InPlaceDatabase> CreateAsync(PgServer server, string more = "")
    {
        var folder = new TempFolder();
        var role = "plain_" + Guid.NewGuid().ToString("N")[..6];
        var database = await server.CreateDatabaseAsync("inplace");
        await PgServer.ExecuteAsync(server.Target, $"CREATE ROLE {role} LOGIN; ");
        await PgServer.ExecuteAsync(server.Target, $"ALTER DATABASE {SqlName.Quote(database.Database)} OWNER TO {role}");
        var target = database with { Username = role };
        await PgServer.ExecuteAsync(target, SampleSql.Shop + "CREATE SCHEMA app; CREATE TYPE app.state AS ENUM ('on'); CREATE TABLE app.things (s app.state); INSERT INTO app.things VALUES ('on');" + more);
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);
        await PgServer.ExecuteAsync(target, "DELETE FROM orders WHERE id > 400");
        return new InPlaceDatabase(server, target, backup, folder);
    }

    public Task<PgRestore> RestoreAsync(DatabaseTarget? through = null, IOperationEvents? events = null, TimeSpan? lockTimeout = null) =>
        new RestoreDatabase().RunAsync(
            new RestoreRequest(Backup.Path, through ?? Target) { InPlaceBackup = Folder.Path, LockTimeout = lockTimeout ?? TimeSpan.FromSeconds(30) },
            events ?? new RecordedEvents(),
            CancellationToken.None);

    public Task<PgFingerprint> ReadAsync() => FingerprintReader.ReadAsync(Admin, CancellationToken.None);

    public Task ExecuteAsync(string sql) => PgServer.ExecuteAsync(Target, sql);

    public Task<long> CountAsync(string from) => PgServer.ScalarAsync<long>(Admin, $"SELECT count(*) FROM {from}");

    /// <summary>A session that has begun a transaction.</summary>
    public async Task<NpgsqlConnection> BeginAsync(string sql)
    {
        var connection = await Target.OpenAsync(CancellationToken.None, "app");
        await connection.ExecuteAsync("BEGIN; " + sql, CancellationToken.None);
        return connection;
    }

    /// <summary>The backup of before, as the last result names it.</summary>
    public static PgBackup Before(PgRestore restore) =>
        new(restore.Notes[0]["the previous contents are in ".Length..], ManifestFile.Read(restore.Notes[0]["the previous contents are in ".Length..]));

    public static long Rows(PgBackup backup, string table) => backup.Manifest.Tables.Single(t => t.ToString() == table).Rows;

    /// <summary>Waits until the restore's transaction waits for a lock.</summary>
    public Task UntilBlockedAsync() => UntilAsync("EXISTS (SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.application_name = 'dbsafety restore' AND a.datname = current_database())");

    public async Task UntilAsync(string condition)
    {
        await using var connection = await Admin.OpenAsync(CancellationToken.None);
        await Wait.UntilAsync(() => connection.ScalarAsync<bool>("SELECT " + condition, CancellationToken.None), condition);
    }

    /// <summary>Ends the session of the restore's transaction.</summary>
    public Task EndTransactionAsync() => PgServer.ExecuteAsync(
        Admin, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'dbsafety restore' AND backend_xid IS NOT NULL");

    public static void AssertSame(PgFingerprint expected, PgFingerprint actual)
    {
        Assert.Equal(expected.Tables, actual.Tables);
        Assert.Equal(expected.Sequences, actual.Sequences);
        Assert.Equal(expected.SchemaHash, actual.SchemaHash);
        Assert.Equal(expected.LargeObjects, actual.LargeObjects);
    }

    public void Dispose() => Folder.Dispose();
}
