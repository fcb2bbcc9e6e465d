using DbSafety.Analysis;
using DbSafety.Analysis.Functions;
using DbSafety.Databases;
using DbSafety.Migrations.Applying;
using Npgsql;

namespace DbSafety.Migrations;

/// <summary>
/// Shows that a query only reads, and only here, before it is run: a script's expression in it may call anything, a view may hide a call, and a foreign table
/// would reach another server. A read-only transaction keeps out none of these.
/// </summary>
internal static class SafeCount
{
    /// <summary>Runs the query; null where it may not be run, or fails.</summary>
    /// <param name="withOwn">Immutable and stable functions of the database itself may be called too.</param>
    public static async Task<T?> TryAsync<T>(NpgsqlTransaction transaction, string sql, bool withOwn, CancellationToken ct)
        where T : class
    {
        var connection = transaction.Connection!;
        if (SqlSplitter.Split(sql) is not [var statement] || await ObjectionAsync(connection, statement, withOwn, ct))
            return null;
        await transaction.SaveAsync("counted", ct);
        try
        {
            return await ReachesOnlyStoredRowsAsync(connection, transaction, sql, withOwn, ct) ? await connection.ScalarAsync<T>(sql, ct) : null;
        }
        catch (PostgresException e) when (StatementRunner.IsOfTheStatement(e))
        {
            ct.ThrowIfCancellationRequested();
            await transaction.RollbackAsync("counted", ct);
            return null;
        }
    }

    /// <summary>Whether the query may be run.</summary>
    public static async Task<bool> IsSafeAsync(NpgsqlTransaction transaction, string sql, bool withOwn, CancellationToken ct) =>
        SqlSplitter.Split(sql) is [var statement] && !await ObjectionAsync(transaction.Connection!, statement, withOwn, ct)
        && await ReachesOnlyStoredRowsAsync(transaction.Connection!, transaction, sql, withOwn, ct);

    /// <summary>A function of the database may bear the name of one of PostgreSQL's own, for arguments of other types.</summary>
    private static async Task<bool> ObjectionAsync(NpgsqlConnection connection, SqlStatement statement, bool withOwn, CancellationToken ct)
    {
        var calls = FunctionCalls.In(statement.Tokens).DistinctBy(c => (c.Schema, c.Name)).ToList();
        if (calls.Exists(c => !KnownFunctions.IsSteady(c) && !(withOwn && KnownFunctions.OwnVolatility(c) is null && !KnownFunctions.ReachesOtherServers(c.Name) && !KnownFunctions.RunsText(c.Name))))
            return true;
        return calls.Count > 0 && await connection.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE proname = ANY ($1) AND pronamespace <> 'pg_catalog'::regnamespace AND provolatile = 'v' AND prokind <> 'a')",
            ct, (object)calls.Select(c => c.Name).ToArray());
    }

    /// <summary>
    /// PREPARE only analyses the query and puts in what its views stand for. It locks every relation that is read, which shows them; going back to before it lets the locks go.
    /// </summary>
    private static async Task<bool> ReachesOnlyStoredRowsAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string sql, bool withOwn, CancellationToken ct)
    {
        await transaction.SaveAsync("prepared", ct);
        await connection.ExecuteAsync($"PREPARE dbsafety_count AS {sql}", ct);
        await connection.ExecuteAsync("DEALLOCATE dbsafety_count", ct);
        var foreign = await connection.ScalarAsync<bool>(
            """
            WITH RECURSIVE reached(oid) AS (
                SELECT relation FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation'
                UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN reached r ON i.inhparent = r.oid)
            SELECT EXISTS (SELECT FROM reached r JOIN pg_catalog.pg_class c ON c.oid = r.oid WHERE c.relkind = 'f')
            """, ct);
        var views = await connection.ListAsync(
            """
            SELECT pg_catalog.pg_get_viewdef(c.oid) FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation
            WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND c.relkind = 'v' AND c.oid >= 16384
            """, r => r.GetString(0), ct);
        await transaction.RollbackAsync("prepared", ct);
        if (foreign)
            return false;
        foreach (var view in views)
        {
            if (SqlSplitter.Split(view) is not [var statement] || await ObjectionAsync(connection, statement, withOwn, ct))
                return false;
        }

        return true;
    }
}
