using System.Globalization;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Databases.Space;

/// <summary>What is left on the disk that something is written to.</summary>
/// <param name="Place">The folder, for people.</param>
/// <param name="Free">Bytes that are free for ordinary users; null: it cannot be seen from here.</param>
/// <param name="Reason">Why it cannot be seen.</param>
internal sealed record DiskRoom(string Place, long? Free, string? Reason = null)
{
    /// <summary>The disk of a folder of this machine; of the nearest one above it, where it is not there yet.</summary>
    public static DiskRoom OfFolder(string path)
    {
        path = Path.GetFullPath(path);
        for (var folder = path; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            try
            {
                if (Directory.Exists(folder))
                    return new DiskRoom(path, new DriveInfo(folder).AvailableFreeSpace);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return new DiskRoom(path, null, e.Message);
            }
        }

        return new DiskRoom(path, null, "the disk does not exist");
    }

    /// <summary>The disk of a server's data directory, or of a tablespace.</summary>
    /// <param name="tablespace">Where a database is to be created; null, or one that it cannot be created in: the data directory.</param>
    public static async Task<DiskRoom> OfServerAsync(NpgsqlConnection connection, DatabaseTarget target, CancellationToken ct, string? tablespace = null)
    {
        var server = $"the server's disk ({target.Server})";
        // The view shows it to those who may know it, where asking for it by name would be an error.
        if (await connection.ScalarAsync<string>("SELECT setting FROM pg_catalog.pg_settings WHERE name = 'data_directory'", ct) is not { } folder)
            return new DiskRoom(server, null, $"{target.Username} cannot read data_directory (requires pg_read_all_settings)");
        var place = Path.Combine(folder, tablespace is null ? "" : await connection.ScalarAsync<string>(
            "SELECT pg_catalog.pg_tablespace_location(oid) FROM pg_catalog.pg_tablespace WHERE spcname = $1 AND pg_catalog.has_tablespace_privilege(oid, 'CREATE')", ct, tablespace) ?? "");
        if (target.Place is { } inside)
        {
            var (free, reason) = await inside.FreeSpaceAsync(place, ct);
            return new DiskRoom(free is null ? server : $"{place} of {inside}", free, reason);
        }

        return await IsHereAsync(connection, target, folder, ct) ? OfFolder(place) : new DiskRoom(server, null, "the server is apparently not on this machine");
    }

    /// <summary>
    /// A port of this machine may be a container's or a tunnel's: only the server's own file in its folder says that it is the one. Where
    /// that may not be read, a socket in a folder of this machine is as good.
    /// </summary>
    private static async Task<bool> IsHereAsync(NpgsqlConnection connection, DatabaseTarget target, string folder, CancellationToken ct)
    {
        if (!Directory.Exists(folder))
            return false;
        try
        {
            // Its third line is the second in which the server started (src/include/utils/pidfile.h).
            var started = (await File.ReadAllLinesAsync(Path.Combine(folder, "postmaster.pid"), ct)).ElementAtOrDefault(2);
            var says = await connection.ScalarAsync<double>("SELECT extract(epoch FROM pg_catalog.pg_postmaster_start_time())::float8", ct);
            return long.TryParse(started, NumberStyles.None, CultureInfo.InvariantCulture, out var second) && Math.Abs(second - says) < 2;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return target.IsSocket;
        }
    }
}
