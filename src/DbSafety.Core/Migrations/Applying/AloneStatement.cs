using DbSafety.Databases.Connections;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Runs a statement outside a transaction. A statement that can commit half-way is never retried automatically: before it runs, the marks record that it was started, and
/// after it has failed, the session's count of transactions shows whether there were others than the one that was rolled back.
/// </summary>
internal sealed class AloneStatement(ScriptSession session, StepLog? steps, MigrationFile file, ScriptUnit unit)
{
    private readonly NpgsqlConnection connection = session.Connection;

    /// <summary>Its state in the database after it has failed.</summary>
    public ScriptEnd End { get; private set; } = ScriptEnd.RolledBack;

    /// <param name="resumed">An earlier run may have been interrupted between the statement's end and its mark.</param>
    public async Task RunAsync(StatementRunner runner, bool resumed, CancellationToken ct)
    {
        if (unit.Kind != AloneKind.Anything)
        {
            // If it is interrupted, it leaves an invalid index or nothing; the next run finds out which.
            End = ScriptEnd.PartsLeft;
            await (unit.IsConcurrent ? ConcurrentlyAsync(runner, resumed, ct) : runner.RunAsync(unit.Statements[0], unit.First, ct));
            End = ScriptEnd.RolledBack;
            return;
        }

        if (steps is not null)
            await steps.IntendAsync(connection, file, unit.First, ct);
        var before = await TransactionsAsync();
        StepPoint.Reach("migration: before a statement outside of a transaction");
        try
        {
            await runner.RunAsync(unit.Statements[0], unit.First, ct);
        }
        catch
        {
            await LookAsync(before);
            throw;
        }
    }

    /// <summary>Whether the index is in the state that the statement produces, checked after the connection was lost.</summary>
    public async Task<bool> IsThereAsync(NpgsqlConnection fresh) =>
        unit.Kind == AloneKind.Index && await new InvalidIndexes(fresh, session.Events).IsDoneAsync(unit.Statements[0], CancellationToken.None);

    private async Task LookAsync(long before)
    {
        // Unless the number of its transactions can be queried.
        End = ScriptEnd.Unknown;
        if (!session.IsOpen)
            return;
        try
        {
            // The query before, the statement, the query after.
            End = await TransactionsAsync() - before == 2 ? ScriptEnd.RolledBack : ScriptEnd.PartsLeft;
            if (End == ScriptEnd.RolledBack && steps is not null)
                await steps.RevokeAsync(connection, file, CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The session has ended.
        }
    }

    /// <summary>The session's transactions so far: the second half of its virtual transaction ID.</summary>
    private Task<long> TransactionsAsync() =>
        connection.ScalarAsync<long>("SELECT split_part(virtualtransaction, '/', 2)::bigint FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'virtualxid' LIMIT 1", CancellationToken.None);

    /// <summary>It waits for other sessions without blocking them, so a lock timeout would only make it fail half-way.</summary>
    private async Task ConcurrentlyAsync(StatementRunner runner, bool resumed, CancellationToken ct)
    {
        await connection.ExecuteAsync("SET lock_timeout = 0", ct);
        var (statement, indexes) = (unit.Statements[0], new InvalidIndexes(connection, session.Events));
        await indexes.DropLeftoverAsync(statement, ct);
        try
        {
            if (!resumed || !await indexes.IsDoneAsync(statement, ct))
                await runner.RunAsync(statement, unit.First, ct);
        }
        catch (StatementFailedException)
        {
            await indexes.ReportAsync();
            throw;
        }

        await connection.ExecuteAsync(session.Settings.Sql(local: false), ct);
    }
}
