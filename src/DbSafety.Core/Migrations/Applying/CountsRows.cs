using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>Ensures that PostgreSQL counts the rows that scripts write (<c>track_counts</c>), which only a superuser can turn off.</summary>
internal static class CountsRows
{
    private const string Setting = "track_counts";

    public static Task<bool> AreOnAsync(NpgsqlConnection connection, CancellationToken ct) =>
        connection.ScalarAsync<bool>($"SELECT pg_catalog.current_setting('{Setting}')::pg_catalog.bool", ct);

    /// <summary>The source of its value: SET changes it to the session, RESET changes it back.</summary>
    public static Task<string?> SourceAsync(NpgsqlConnection connection, CancellationToken ct) =>
        connection.ScalarAsync<string>($"SELECT source FROM pg_catalog.pg_settings WHERE name = '{Setting}'", ct);

    /// <summary>Turns the counts on if they are off for the role or the database.</summary>
    /// <param name="isSet">Sets track_counts even if it is on, so that a RESET is detected afterwards; if it is not set, a SET is detected. Each is checked once, in the rehearsal and on production.</param>
    /// <returns>Where the value comes from.</returns>
    /// <exception cref="DbSafetyException"><c>DBS434</c>.</exception>
    public static async Task<string?> EnsureAsync(NpgsqlConnection connection, MigrationFile file, bool isSet, CancellationToken ct)
    {
        if (file.Text.Contains(Setting, StringComparison.OrdinalIgnoreCase))
            throw ErrorCatalogue.CountsOff.For(connection.Database, $"{file.Name} sets {Setting}");
        if (!await AreOnAsync(connection, ct))
        {
            try
            {
                await connection.ExecuteAsync($"SET {Setting} = on", ct);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                throw ErrorCatalogue.CountsOff.Because(e, connection.Database, $"{Setting} is off for {connection.UserName}, and the role cannot set it");
            }
        }

        else if (isSet)
        {
            try
            {
                await connection.ExecuteAsync($"SET {Setting} = on", ct);
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                // A role that cannot set it cannot turn it off.
            }
        }

        var functions = await connection.ListAsync(
            $"SELECT p.oid::pg_catalog.regprocedure::text FROM pg_catalog.pg_proc p WHERE p.proconfig::text LIKE '%{Setting}=%' AND p.proconfig::text NOT LIKE '%{Setting}=on%' ORDER BY 1", r => r.GetString(0), ct);
        if (functions.Count > 0)
            throw ErrorCatalogue.CountsOff.For(connection.Database, $"function {functions[0]} sets {Setting}");
        // RESET ALL is not an attempt to turn it off.
        return file.Text.Contains("reset", StringComparison.OrdinalIgnoreCase) && isSet ? null : await SourceAsync(connection, ct);
    }
}
