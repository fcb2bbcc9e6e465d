using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Histories;

/// <summary>Creates the migration history, and reads it under a lock that blocks every other run, including those of the migration tools.</summary>
internal static class HistoryLock
{
    /// <summary>
    /// Creates the history table in the open transaction, which holds nothing else yet, if it does not exist. Two tools can do so at the same time: then the
    /// transaction begins again and finds it. A savepoint would hide who created it: its rows have ids of their own.
    /// </summary>
    public static async Task EnsureOnceAsync(this IMigrationHistory history, NpgsqlConnection connection, CancellationToken ct)
    {
        try
        {
            await history.EnsureAsync(connection, ct);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateSchema or PostgresErrorCodes.DuplicateColumn)
        {
            await connection.ExecuteAsync("ROLLBACK; BEGIN", ct);
            await history.EnsureAsync(connection, ct);
        }
    }

    /// <summary>
    /// Locks the history table in ACCESS EXCLUSIVE mode until the open transaction ends, and reads it. A tool that reads its history first waits, and then
    /// sees what this transaction has recorded. LOCK TABLE takes no snapshot, so that the rows are those after the lock even in REPEATABLE READ, provided
    /// that no query came before (https://www.postgresql.org/docs/current/sql-lock.html).
    /// </summary>
    /// <exception cref="PostgresException">Not within lock_timeout; the table is missing.</exception>
    public static async Task<IReadOnlyList<HistoryEntry>> LockAndReadAsync(this IMigrationHistory history, NpgsqlConnection connection, CancellationToken ct)
    {
        await connection.ExecuteAsync($"LOCK TABLE {SqlName.Quote(history.Relation.Schema, history.Relation.Table)} IN ACCESS EXCLUSIVE MODE", ct);
        return await history.ReadAsync(connection, ct);
    }
}
