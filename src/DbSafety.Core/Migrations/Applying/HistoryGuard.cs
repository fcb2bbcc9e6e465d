using DbSafety.Errors;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Ledgers;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Keeps a migration from running twice. Backup and rehearsal take their time, and a migration tool may run in it: the history is read again under a lock,
/// inside the transaction that is to run a script, and must say what it said when the run was planned.
/// </summary>
/// <param name="expected">The rows from which the pending migrations were found.</param>
internal sealed class HistoryGuard(IMigrationLedger ledger, IReadOnlyList<LedgerEntry> expected)
{
    /// <summary>What the history holds if nobody else writes to it: the rows of the beginning and those of this run.</summary>
    public IReadOnlyList<LedgerEntry> Expected { get; private set; } = expected;

    /// <summary>Call it first in the transaction, before anything takes a snapshot. The lock stays until the transaction ends.</summary>
    /// <exception cref="DbSafetyException"><c>DBS422</c> the history has changed.</exception>
    /// <exception cref="StatementFailedException">No lock within lock_timeout.</exception>
    public async Task CheckAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct)
    {
        var now = await LockAndReadAsync(connection, file, ct);
        if (HistoryChanges.Between(Expected, now) is { Count: > 0 } changes)
            throw ErrorCatalogue.HistoryChanged.For(connection.Database, ledger.Name, string.Join("; ", changes), file.Name);
        StepPoint.Reach("migrate: history checked");
    }

    /// <inheritdoc cref="LedgerLock.LockAndReadAsync"/>
    /// <exception cref="StatementFailedException">No lock within lock_timeout.</exception>
    public async Task<IReadOnlyList<LedgerEntry>> LockAndReadAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct)
    {
        StepPoint.Reach("migrate: history to be locked");
        try
        {
            return await ledger.LockAndReadAsync(connection, ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            throw ErrorCatalogue.HistoryChanged.Because(e, connection.Database, ledger.Name, "the table was dropped", file.Name);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            throw new StatementFailedException(new MigrationError(file.RelativePath, 1, $"LOCK TABLE {ledger.Name}", e.SqlState, e.MessageText, e.Detail, e.Hint), e);
        }
    }

    /// <summary>What this run has written to the history, read inside the transaction that wrote it; call it once that is committed.</summary>
    public void Committed(IReadOnlyList<LedgerEntry> now) => Expected = now;

    /// <summary>
    /// What others have recorded by now. A tool that had read its history before this run recorded a migration runs it a second time: nobody can prevent
    /// that, but it leaves a row.
    /// </summary>
    public async Task<IReadOnlyList<string>> ChangesAsync(NpgsqlConnection connection, CancellationToken ct) =>
        HistoryChanges.Between(Expected, await ledger.ReadAsync(connection, ct));
}
