using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using Npgsql;

namespace DbSafety.Backups.Last;

/// <summary>The series that a backup of a live database would belong to.</summary>
internal static class LiveSeries
{
    public static async Task<BackupSeries> ReadAsync(DatabaseTarget target, NpgsqlConnection connection, string environment, CancellationToken ct)
    {
        var source = new BackupSource(target.Address, target.Port, target.Username, "", connection.PostgreSqlVersion.Major, "")
        {
            SystemIdentifier = await SourceReader.SystemIdentifierAsync(connection, ct),
            Machine = BackupSeries.IsLocal(target.Address) ? Environment.MachineName : null,
            Container = target.Volume is null ? target.Container : null,
            Volume = target.Volume,
        };
        return new BackupSeries(source.SystemIdentifier, BackupSeries.ServerOf(source), environment, target.Database);
    }
}
