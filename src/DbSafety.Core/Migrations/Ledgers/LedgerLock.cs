using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations.Ledgers;

/// <summary>Reads the migration history under a lock that keeps every other run out, those of the migration tools too.</summary>
internal static class LedgerLock
{
    /// <summary>
    /// Locks the history table in ACCESS EXCLUSIVE mode until the open transaction ends, and reads it. A tool that reads its history first waits, and then
    /// sees what this transaction has recorded. LOCK TABLE takes no snapshot, so that in REPEATABLE READ, too, the rows are those of after the lock, provided
    /// that no query came before (https://www.postgresql.org/docs/current/sql-lock.html).
    /// </summary>
    /// <exception cref="PostgresException">Not within lock_timeout; the table is missing.</exception>
    public static async Task<IReadOnlyList<LedgerEntry>> LockAndReadAsync(this IMigrationLedger ledger, NpgsqlConnection connection, CancellationToken ct)
    {
        await connection.ExecuteAsync($"LOCK TABLE {SqlName.Quote(ledger.Relation.Schema, ledger.Relation.Table)} IN ACCESS EXCLUSIVE MODE", ct);
        return await ledger.ReadAsync(connection, ct);
    }
}
