using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using Npgsql;

namespace DbSafety.Backups.Sets.Folders;

/// <summary>The series that a backup of a live database would belong to.</summary>
internal static class LiveSeries
{
    public static async Task<BackupSeries> ReadAsync(DatabaseTarget target, NpgsqlConnection connection, string environment, CancellationToken ct)
    {
        var source = BackupSource.Of(target, connection.PostgreSqlVersion, "", await SourceReader.SystemIdentifierAsync(connection, ct));
        return new BackupSeries(source.SystemIdentifier, BackupSeries.ServerOf(source), environment, target.Database);
    }
}
