using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.TypeChanges;

/// <summary>
/// Checks that a query only reads, and only in this database, before it is run: a script's expression in it may call any function, a view may hide a call, and a foreign table
/// would access another server; operators, casts and domains have their own functions. A read-only transaction prevents none of these.
/// </summary>
internal static class SafeCount
{
    /// <summary>Runs the query; null if it must not be run, or fails.</summary>
    /// <param name="withOwn">Functions of the database itself are also accepted if they only compute.</param>
    public static async Task<T?> TryAsync<T>(NpgsqlTransaction transaction, string sql, bool withOwn, CancellationToken ct)
        where T : class
    {
        var connection = transaction.Connection!;
        if (SqlSplitter.Split(sql) is not [var statement] || await ObjectionAsync(transaction, statement, withOwn, ct))
            return null;
        await transaction.SaveAsync("counted", ct);
        try
        {
            return await ReachesOnlyStoredRowsAsync(connection, transaction, sql, withOwn, ct) ? await connection.ScalarAsync<T>(sql, ct) : null;
        }
        catch (PostgresException e) when (PgSession.IsOfTheStatement(e) && connection.State == System.Data.ConnectionState.Open)
        {
            ct.ThrowIfCancellationRequested();
            await transaction.RollbackAsync("counted", ct);
            return null;
        }
    }

    /// <summary>Whether the query can safely be run.</summary>
    public static async Task<bool> IsSafeAsync(NpgsqlTransaction transaction, string sql, bool withOwn, CancellationToken ct) =>
        SqlSplitter.Split(sql) is [var statement] && !await ObjectionAsync(transaction, statement, withOwn, ct)
        && await ReachesOnlyStoredRowsAsync(transaction.Connection!, transaction, sql, withOwn, ct);

    private static async Task<bool> ObjectionAsync(NpgsqlTransaction transaction, SqlStatement statement, bool withOwn, CancellationToken ct) =>
        HasParameters(statement) || await (await OwnCode.OfAsync(transaction, ct)).MayBeCalledAsync(statement.Tokens, withOwn, ct);

    /// <summary>$1 of a function's body or of PREPARE: its value is known only when that is called.</summary>
    private static bool HasParameters(SqlStatement statement) => statement.Tokens.Any(t => t.Kind == SqlTokenKind.Parameter);

    /// <summary>
    /// PREPARE only analyses and rewrites the query, including its views. It locks every relation that is read, which shows them; rolling back to the savepoint releases the locks.
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
            if (SqlSplitter.Split(view) is not [var statement] || await ObjectionAsync(transaction, statement, withOwn, ct))
                return false;
        }

        return true;
    }
}
