using System.Globalization;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Databases.Space;

/// <summary>The free space on the disk of a folder or server.</summary>
/// <param name="Place">The folder, for messages.</param>
/// <param name="Free">Bytes that are free for ordinary users; null: unknown.</param>
/// <param name="Reason">Why it is unknown.</param>
internal sealed record DiskSpace(string Place, long? Free, string? Reason = null)
{
    /// <summary>The disk of a folder on this machine; if the folder does not exist yet, of its nearest existing parent.</summary>
    public static DiskSpace OfFolder(string path)
    {
        path = Path.GetFullPath(path);
        for (var folder = path; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            try
            {
                if (Directory.Exists(folder))
                    return new DiskSpace(path, new DriveInfo(folder).AvailableFreeSpace);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return new DiskSpace(path, null, e.Message);
            }
        }

        return new DiskSpace(path, null, "the disk does not exist");
    }

    /// <summary>The disk of a server's data directory, or of a tablespace.</summary>
    /// <param name="tablespace">The tablespace of a database to be created; null, or no CREATE privilege: the data directory.</param>
    public static async Task<DiskSpace> OfServerAsync(NpgsqlConnection connection, DatabaseTarget target, CancellationToken ct, string? tablespace = null)
    {
        var server = $"the server's disk ({target.Server})";
        // The view shows it to privileged roles; SHOW would fail for the others.
        if (await connection.ScalarAsync<string>("SELECT setting FROM pg_catalog.pg_settings WHERE name = 'data_directory'", ct) is not { } folder)
            return new DiskSpace(server, null, $"{target.Username} cannot read data_directory (requires pg_read_all_settings)");
        var place = Path.Combine(folder, tablespace is null ? "" : await connection.ScalarAsync<string>(
            "SELECT pg_catalog.pg_tablespace_location(oid) FROM pg_catalog.pg_tablespace WHERE spcname = $1 AND pg_catalog.has_tablespace_privilege(oid, 'CREATE')", ct, tablespace) ?? "");
        if (target.Place is { } inside)
        {
            var (free, reason) = await inside.FreeSpaceAsync(place, ct);
            return new DiskSpace(free is null ? server : $"{place} of {inside}", free, reason);
        }

        return await IsHereAsync(connection, target, folder, ct) ? OfFolder(place) : new DiskSpace(server, null, "the server is apparently not on this machine");
    }

    /// <summary>
    /// A port of this machine can belong to a container or a tunnel: only postmaster.pid in its folder identifies the server. If
    /// it is not readable, a socket in a folder of this machine is sufficient.
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
