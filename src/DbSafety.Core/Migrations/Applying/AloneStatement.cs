using DbSafety.Databases.Connections;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Ledgers;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Runs a statement outside of a transaction. What commits half-way is never run again by itself: before it runs, the marks say that it was begun, and
/// after it has failed, the session's count of transactions says whether it was more than the one that was rolled back.
/// </summary>
internal sealed class AloneStatement(ScriptSession session, StepLog? steps, MigrationFile file, ScriptUnit unit)
{
    private readonly NpgsqlConnection connection = session.Connection;

    /// <summary>What the database holds of it after it has failed.</summary>
    public ScriptEnd End { get; private set; } = ScriptEnd.RolledBack;

    /// <param name="resumed">An earlier run may have been cut off between the statement's end and its mark.</param>
    public async Task RunAsync(StatementRunner runner, bool resumed, CancellationToken ct)
    {
        if (unit.Kind != AloneKind.Anything)
        {
            // Cut off at any moment, it leaves an invalid index or nothing; which, the next run finds out.
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

    /// <summary>Whether the index is as the statement leaves it, asked after the connection was lost.</summary>
    public async Task<bool> IsThereAsync(NpgsqlConnection fresh) =>
        unit.Kind == AloneKind.Index && await new InvalidIndexes(fresh, session.Events).IsDoneAsync(unit.Statements[0], CancellationToken.None);

    private async Task LookAsync(long before)
    {
        // Unless it can be asked how many transactions it was.
        End = ScriptEnd.Unknown;
        if (!session.IsOpen)
            return;
        try
        {
            // The look before, the statement, the look after.
            End = await TransactionsAsync() - before == 2 ? ScriptEnd.RolledBack : ScriptEnd.PartsLeft;
            if (End == ScriptEnd.RolledBack && steps is not null)
                await steps.RevokeAsync(connection, file, CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The session is gone by now.
        }
    }

    /// <summary>The session's transactions so far: the second half of its virtual transaction ID.</summary>
    private Task<long> TransactionsAsync() =>
        connection.ScalarAsync<long>("SELECT split_part(virtualtransaction, '/', 2)::bigint FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'virtualxid' LIMIT 1", CancellationToken.None);

    /// <summary>It waits for others without holding them up, so a time limit on locks would only make it fail half-way.</summary>
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
            await indexes.TellAsync();
            throw;
        }

        await connection.ExecuteAsync(session.Settings.Sql(local: false), ct);
    }
}
