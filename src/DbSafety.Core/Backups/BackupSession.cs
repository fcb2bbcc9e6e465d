using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Backups;

/// <summary>Opens the sessions of a backup.</summary>
internal static class BackupSession
{
    /// <summary>
    /// With every setting that a role or a database may have and that would end the session, make its snapshot another one, or change what it
    /// reads (https://www.postgresql.org/docs/current/runtime-config-client.html).
    /// </summary>
    public static async Task<NpgsqlConnection> OpenAsync(DatabaseTarget target, CancellationToken ct)
    {
        var connection = await target.OpenAsync(ct, "dbsafety backup");
        try
        {
            await connection.ExecuteAsync(Settings(connection.PostgreSqlVersion.Major), ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static string Settings(int major) =>
        "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET default_transaction_isolation = 'read committed'"
        + "; SET default_transaction_deferrable = off; SET row_security = off; SET quote_all_identifiers = off; SET standard_conforming_strings = on; SET search_path = pg_catalog"
        + (major >= 14 ? "; SET idle_session_timeout = 0" : "")
        + (major >= 17 ? "; SET transaction_timeout = 0" : "");
}
