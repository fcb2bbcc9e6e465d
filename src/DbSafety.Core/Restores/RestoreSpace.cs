using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Space;
using DbSafety.Restores.Creation;
using DbSafety.Scratch;
using DbSafety.Tools.Isolation;
using Npgsql;

namespace DbSafety.Restores;

/// <summary>Whether a server's disk has free space for a restored database.</summary>
internal static class RestoreSpace
{
    /// <summary>A row's header and its pointer (https://www.postgresql.org/docs/current/storage-page-layout.html): none takes less.</summary>
    private const int LeastRow = 28;

    /// <summary>At most about half of the original was bloat.</summary>
    private const int MostBloat = 2;

    /// <summary>The size of a database in relation to its dump, if its own size is unknown.</summary>
    private const int Usual = 4;

    /// <summary>Whether this machine has free space for a copy of this database, in addition to its other temporary servers; null if the copy is created elsewhere.</summary>
    public static async Task<DiskSpaceCheck?> JudgeCopyAsync(NpgsqlConnection connection, DatabaseTarget target, CancellationToken ct)
    {
        if (target.Place is not null || !await ScratchServer.IsAvailableAsync(connection.PostgreSqlVersion.Major, ct))
            return null;
        var original = await connection.ScalarAsync<long>("SELECT pg_catalog.pg_database_size(pg_catalog.current_database())", ct);
        return new DiskSpaceCheck($"the rehearsal's copy of {target.Database}", DiskSpace.OfFolder(OwnedFolders.Place), original / MostBloat, original);
    }

    public static async Task<DiskSpaceCheck> JudgeAsync(NpgsqlConnection maintenance, DatabaseTarget target, PgBackup backup, RestoreOptions options, CancellationToken ct)
    {
        var manifest = backup.Manifest;
        var rows = manifest.Tables.Where(t => options.Wants(t.Schema, t.Name)).Sum(t => t.Rows) * LeastRow;
        var (whole, original) = (options.Tables.Count == 0, manifest.DatabaseBytes ?? 0);
        var least = whole ? Math.Max(Math.Max(rows, manifest.Bytes), original / MostBloat) : rows;
        var likely = !whole ? rows * Usual : original > 0 ? original : Math.Max(least, manifest.Bytes * Usual);
        return new DiskSpaceCheck($"the restore of {target.Database}", await DiskSpace.OfServerAsync(maintenance, target, ct, manifest.Properties.Tablespace), least, likely + await WalOnDiskAsync(maintenance, likely, ct));
    }

    /// <summary>What of the restore's WAL is on the server's disk at the same time: up to max_wal_size, and all of it where a slot keeps it.</summary>
    private static async Task<long> WalOnDiskAsync(NpgsqlConnection maintenance, long bytes, CancellationToken ct) => (await maintenance.ListAsync(
        """
        SELECT pg_catalog.current_setting('wal_level') = 'minimal', pg_catalog.pg_size_bytes(pg_catalog.current_setting('max_wal_size')),
               EXISTS (SELECT 1 FROM pg_catalog.pg_replication_slots WHERE NOT active)
        """,
        r => r.GetBoolean(0) ? 0 : r.GetBoolean(2) ? bytes : Math.Min(bytes, r.GetInt64(1)),
        ct)).Single();
}
