using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Databases.Snapshots;

/// <summary>Opens the sessions of a backup. <see cref="PgSession"/> overrides the settings of the role and the database.</summary>
internal static class BackupSession
{
    public static async Task<NpgsqlConnection> OpenAsync(DatabaseTarget target, CancellationToken ct)
    {
        var connection = await target.OpenAsync(ct, "dbsafety backup");
        try
        {
            // With only pg_catalog in search_path, every name is printed with its schema.
            await connection.ExecuteAsync("SET search_path = pg_catalog", ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
