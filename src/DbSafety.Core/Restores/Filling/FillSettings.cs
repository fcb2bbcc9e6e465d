using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Restores.Filling;

/// <summary>The settings of sessions that fill a new database: those of pg_restore, and those that are fast without being unsafe.</summary>
internal static class FillSettings
{
    /// <summary>Index builds sort in memory up to this, twice what PostgreSQL's default would give them.</summary>
    private const string SortMemory = "128MB";

    /// <summary>What pg_restore does not set, and what would store other values than those of the dump: NULL in an array would become the text 'NULL'.</summary>
    internal static readonly (string Name, string Value)[] Meaning = [("array_nulls", "on"), ("transform_null_equals", "off")];

    /// <summary>
    /// No session uses the database yet. A commit need not wait for the disk: the commit of the swap waits for everything before it.
    /// </summary>
    private static readonly (string Name, string Value)[] Quick = [("maintenance_work_mem", SortMemory), ("synchronous_commit", "off")];

    private static readonly (string Name, string Value)[] AsPgRestore =
    [
        ("statement_timeout", "0"), ("lock_timeout", "0"), ("idle_in_transaction_session_timeout", "0"), ("standard_conforming_strings", "on"),
        ("search_path", ""), ("check_function_bodies", "off"), ("xmloption", "content"), ("row_security", "off"),
    ];

    public static async Task<NpgsqlConnection> OpenAsync(DatabaseTarget database, CancellationToken ct)
    {
        var connection = await database.OpenAsync(ct, "dbsafety restore");
        try
        {
            foreach (var (name, value) in AsPgRestore.Concat(Quick).Concat(Meaning))
                await connection.ExecuteAsync("SELECT pg_catalog.set_config($1, $2, false)", ct, name, value);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The programs use the role that our sessions use: one that creates a database has to fill it.</summary>
    public static async Task<DatabaseTarget> WithRoleAsync(DatabaseTarget database, NpgsqlConnection session, CancellationToken ct) =>
        database with { UsesLoginRole = await session.ScalarAsync<bool>("SELECT current_user = session_user", ct) };

    /// <summary>The tools' environment with the quick settings added to <c>PGOPTIONS</c>.</summary>
    public static IReadOnlyDictionary<string, string?> ToolEnvironment(DatabaseTarget database)
    {
        var environment = new Dictionary<string, string?>(database.ToolEnvironment(), StringComparer.Ordinal);
        environment["PGOPTIONS"] = SessionSettings.ToolOptions(environment["PGOPTIONS"], database.UsesLoginRole ? [.. Quick, .. Meaning, ("role", "none")] : [.. Quick, .. Meaning]);
        return environment;
    }
}
