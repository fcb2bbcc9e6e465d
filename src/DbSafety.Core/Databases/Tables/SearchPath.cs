using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;
using Npgsql;

namespace DbSafety.Databases.Tables;

/// <summary>
/// The <c>search_path</c> with which functions look up names without a schema. pg_dump, pg_restore and DbSafety's sessions use a safe one, with only the system
/// catalog; a function that depends on another search_path fails there.
/// </summary>
internal static class SearchPath
{
    /// <summary>Equivalent to an empty search_path: no name in a user schema is found.</summary>
    public const string Safe = "pg_catalog";

    private const string Prefix = "search_path=";

    /// <summary>The default of a session, then the settings of the database and its roles, the most general first.</summary>
    private const string Sql = """
        SELECT s.reset_val FROM pg_catalog.pg_settings s WHERE s.name = 'search_path'
        UNION ALL
        (SELECT pg_catalog.substr(c.setting, 13)
         FROM pg_catalog.pg_db_role_setting r CROSS JOIN LATERAL pg_catalog.unnest(r.setconfig) AS c (setting)
         WHERE c.setting LIKE 'search\_path=%' AND r.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()))
         ORDER BY r.setrole = 0 DESC, r.setdatabase = 0, 1)
        """;

    public static async Task<IReadOnlyList<string>> ReadAsync(NpgsqlConnection connection, CancellationToken ct) =>
        [.. (await connection.ListAsync(Sql, r => r.GetString(0), ct)).Where(p => p.Length > 0).Distinct(StringComparer.Ordinal)];

    /// <summary>The paths recorded in a backup; for older backups, those that its database had set.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<string>? paths, DatabaseProperties properties) => paths
        ?? [.. properties.Settings.Where(s => s.Setting.StartsWith(Prefix, StringComparison.Ordinal)).OrderBy(s => s.Role is not null).Select(s => s.Setting[Prefix.Length..]).Append("\"$user\", public").Distinct(StringComparer.Ordinal)];

    /// <summary>Runs statements in a session with an empty search_path; if a name is not found, runs them again with each of these paths.</summary>
    /// <exception cref="PostgresException">The first error, if a name is not found with any path.</exception>
    public static async Task RunAsync(NpgsqlConnection session, IReadOnlyList<string> paths, Func<Task> work, CancellationToken ct)
    {
        PostgresException cause;
        try
        {
            await work();
            return;
        }
        catch (PostgresException e) when (IsMissing(e))
        {
            cause = e;
        }

        foreach (var path in paths)
        {
            await SetAsync(session, path, ct);
            try
            {
                await work();
                await SetAsync(session, "", ct);
                return;
            }
            catch (PostgresException e) when (IsMissing(e))
            {
                await SetAsync(session, "", ct);
            }
        }

        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(cause);
    }

    public static Task<int> SetAsync(NpgsqlConnection session, string path, CancellationToken ct) => session.ExecuteAsync("SELECT pg_catalog.set_config('search_path', $1, false)", ct, path);

    /// <summary>A name was not found: a function or an operator, a relation, a type, a column of another relation with the name.</summary>
    public static bool IsMissing(PostgresException e) =>
        e.SqlState is PostgresErrorCodes.UndefinedFunction or PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedObject or PostgresErrorCodes.UndefinedColumn;

    /// <summary>The error message, with the function that raised it.</summary>
    public static string Words(PostgresException e) => e.Where is { Length: > 0 } where ? $"{e.MessageText} ({where.Split('\n')[0]})" : e.MessageText;
}
