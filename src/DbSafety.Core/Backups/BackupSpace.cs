using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Space;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Backups;

/// <summary>Whether the destination has free space for a backup.</summary>
internal static class BackupSpace
{
    /// <summary>The size of an empty database on a server, which no dump contains.</summary>
    private const long Empty = 8_000_000;

    /// <summary>A database is about three times its dump, zeros and bloat can make the factor fifty.</summary>
    private const int Usual = 3, Utmost = 50;

    /// <summary>By the newest set of the same database there, else by what databases usually are. Null for a part of a database, whose size cannot be estimated.</summary>
    public static async Task<DiskSpaceCheck?> JudgeAsync(NpgsqlConnection connection, BackupRequest request, CancellationToken ct)
    {
        if (!request.Selection.IsEverything)
            return null;
        var bytes = await connection.ScalarAsync<long>("SELECT pg_catalog.pg_database_size(pg_catalog.current_database())", ct);
        var data = Math.Max(0, bytes - Empty);
        var (work, space) = ($"the backup of {request.Target.Database}", DiskSpace.OfFolder(request.Destination));
        if (request.CompressionLevel != 0 && Previous(request) is { DatabaseBytes: > Empty * 2 and var before } set)
        {
            var likely = (long)(set.Bytes * ((double)data / (before - Empty)));
            return new DiskSpaceCheck(work, space, likely / 2, likely);
        }

        return new DiskSpaceCheck(work, space, data / Utmost, request.CompressionLevel == 0 ? data : data / Usual);
    }

    private static BackupManifest? Previous(BackupRequest request)
    {
        if (!Directory.Exists(request.Destination))
            return null;
        var begin = SetDraft.NameOf(request.Environment, request.Target.Database);
        // The names of shop's sets are also the beginning of the names of shop_old's: what follows is the time and nothing else.
        var newest = Directory.EnumerateFiles(request.Destination, begin + "????????T??????Z.json").Order(StringComparer.Ordinal).LastOrDefault();
        try
        {
            return newest is not null && ManifestFile.Read(newest) is { Scope: null } manifest && manifest.Format == request.Format && manifest.Database == request.Target.Database && manifest.Environment == request.Environment ? manifest : null;
        }
        catch (DbSafetyException)
        {
            return null; // A manifest that cannot be read is no measure; what it is, a test says.
        }
    }
}
