using System.Diagnostics;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.Swaps;

/// <summary>Conditions that make a swap impossible, checked before anything is restored and again right before the renames.</summary>
internal static class SwapChecks
{
    /// <summary>A session that its client has closed takes a moment to end.</summary>
    private static readonly TimeSpan Ending = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>No transaction can write on a standby, or on a server whose configuration makes every transaction read-only.</summary>
    /// <exception cref="DbSafetyException"><c>DBS333</c>.</exception>
    public static async Task CheckWritableAsync(DatabaseTarget target, NpgsqlConnection connection, CancellationToken ct)
    {
        if (await connection.ScalarAsync<bool>("SELECT pg_catalog.pg_is_in_recovery()", ct))
            throw ErrorCatalogue.ServerReadOnly.For(target.Server, "it is a standby (pg_is_in_recovery() is true)", "Connect to the primary server. Do not promote the standby while its primary runs.");
        // Our sessions override the setting of a role or a database: what remains is the server's own setting.
        if (await connection.ScalarAsync<string>("SELECT pg_catalog.current_setting('default_transaction_read_only')", ct) == "on")
            throw ErrorCatalogue.ServerReadOnly.For(target.Server, "default_transaction_read_only is on in its configuration", "Find out why it is set; then ALTER SYSTEM RESET default_transaction_read_only, and SELECT pg_reload_conf().");
    }

    /// <summary>
    /// Prepared transactions belong to no session, so they cannot be terminated: they must be committed or rolled back. And every session must be one
    /// that this role can end.
    /// </summary>
    /// <exception cref="DbSafetyException"><c>DBS332</c>, <c>DBS330</c>.</exception>
    public static async Task CheckDatabaseAsync(DatabaseTarget target, string database, NpgsqlConnection connection, CancellationToken ct)
    {
        var prepared = await connection.ListAsync(
            "SELECT gid, owner FROM pg_catalog.pg_prepared_xacts WHERE database = $1 ORDER BY prepared", r => $"'{r.GetString(0)}' of {r.GetString(1)}", ct, database);
        if (prepared.Count > 0)
            throw ErrorCatalogue.PreparedTransactions.For(database, string.Join(", ", prepared));
        if (await OidAsync(connection, database, ct) is not { } oid)
            return;
        var sessions = await DatabaseSessions.ListAsync(connection, oid, ct);
        for (var clock = Stopwatch.StartNew(); sessions.Any(s => !s.CanBeEnded) && clock.Elapsed < Ending; sessions = await DatabaseSessions.ListAsync(connection, oid, ct))
            await Task.Delay(Pause, ct);
        RefuseUnendable(target, database, sessions);
    }

    /// <exception cref="DbSafetyException"><c>DBS330</c>.</exception>
    public static void RefuseUnendable(DatabaseTarget target, string database, IReadOnlyList<DatabaseSession> sessions)
    {
        if (sessions.Where(s => !s.CanBeEnded).ToList() is { Count: > 0 } unendable)
            throw ErrorCatalogue.SessionsUnendable.For(database, target.Username, string.Join(", ", unendable));
    }

    /// <summary>A database can be renamed; its OID never changes.</summary>
    public static async Task<uint?> OidAsync(NpgsqlConnection connection, string database, CancellationToken ct) =>
        (await connection.ListAsync("SELECT oid FROM pg_catalog.pg_database WHERE datname = $1", r => (uint?)r.GetFieldValue<uint>(0), ct, database)).FirstOrDefault();

    /// <exception cref="DbSafetyException"><c>DBS103</c>.</exception>
    public static async Task<uint> ExistingOidAsync(NpgsqlConnection connection, DatabaseTarget target, CancellationToken ct) =>
        await OidAsync(connection, target.Database, ct) ?? throw ErrorCatalogue.DatabaseUnknown.For(target.Server, target.Database, string.Join(", ", await connection.ListAsync(
            "SELECT datname::text FROM pg_catalog.pg_database WHERE NOT datistemplate ORDER BY 1", r => r.GetString(0), ct)));
}
