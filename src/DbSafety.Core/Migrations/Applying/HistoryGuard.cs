using DbSafety.Errors;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Prevents a migration from running twice. A migration tool may run during backup and rehearsal: the history is read again under a lock,
/// inside the transaction that runs a script, and must be the same as when the run was planned.
/// </summary>
/// <param name="expected">The rows from which the pending migrations were found.</param>
internal sealed class HistoryGuard(IMigrationHistory history, IReadOnlyList<HistoryEntry> expected)
{
    /// <summary>The rows of the history if no other run writes to it: the initial rows and those of this run.</summary>
    public IReadOnlyList<HistoryEntry> Expected { get; private set; } = expected;

    /// <summary>Call it first in the transaction, before anything takes a snapshot. The lock stays until the transaction ends.</summary>
    /// <exception cref="DbSafetyException"><c>DBS422</c> the history has changed.</exception>
    /// <exception cref="StatementFailedException">No lock within lock_timeout.</exception>
    public async Task CheckAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct)
    {
        var now = await LockAndReadAsync(connection, file, ct);
        if (HistoryChanges.Between(Expected, now) is { Count: > 0 } changes)
            throw ErrorCatalogue.HistoryChanged.For(connection.Database, history.Name, string.Join("; ", changes), file.Name);
        StepPoint.Reach("migrate: history checked");
    }

    /// <inheritdoc cref="HistoryLock.LockAndReadAsync"/>
    /// <exception cref="StatementFailedException">No lock within lock_timeout.</exception>
    public async Task<IReadOnlyList<HistoryEntry>> LockAndReadAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct)
    {
        StepPoint.Reach("migrate: history to be locked");
        try
        {
            return await history.LockAndReadAsync(connection, ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            throw ErrorCatalogue.HistoryChanged.Because(e, connection.Database, history.Name, "the table was dropped", file.Name);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            throw new StatementFailedException(new MigrationError(file.RelativePath, 1, $"LOCK TABLE {history.Name}", e.SqlState, e.MessageText, e.Detail, e.Hint), e);
        }
    }

    /// <summary>The rows that this run has written to the history, read inside the transaction that wrote them; call it after the commit.</summary>
    public void Committed(IReadOnlyList<HistoryEntry> now) => Expected = now;

    /// <summary>
    /// The rows that other runs have recorded. A tool that had read its history before this run recorded a migration runs it a second time: this cannot be prevented,
    /// but it leaves a row.
    /// </summary>
    public async Task<IReadOnlyList<string>> ChangesAsync(NpgsqlConnection connection, CancellationToken ct) =>
        HistoryChanges.Between(Expected, await history.ReadAsync(connection, ct));
}
