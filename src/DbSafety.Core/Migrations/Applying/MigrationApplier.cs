using System.Diagnostics;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Runs one migration and writes the ledger as its tool does. The rehearsal and production go through the same code.
/// A session of its own for each, so that no setting of one script reaches the next.
/// </summary>
/// <param name="allowLosses">The rehearsal goes on, to find all there is to find; production rolls back.</param>
internal sealed class MigrationApplier(MigrationProject project, DatabaseTarget target, Coverage coverage, ApplySettings settings, IOperationEvents events, bool allowLosses)
{
    /// <exception cref="StatementFailedException">It failed; it was rolled back where it is one transaction, and the ledger says so.</exception>
    /// <exception cref="DbSafetyException"><c>DBS114</c> no lock; <c>DBS409</c> it would lose more than was allowed, and was rolled back.</exception>
    public async Task<AppliedScript> ApplyAsync(MigrationFile file, CancellationToken ct)
    {
        await using var connection = await project.ConnectAsync(target, "dbsafety migration run", ct);
        var plan = ScriptPlan.For(file.Text, connection.PostgreSqlVersion.Major);
        await project.Ledger.EnsureAsync(connection, ct);
        var id = await project.Ledger.StartAsync(connection, file, ct);
        try
        {
            await using var watcher = LockWatcher.Start(target, connection.ProcessID, events, ct);
            return plan.IsOneTransaction
                ? await RunWithRetriesAsync(connection, file, plan, id, watcher, ct)
                : await new LooseScript(project, connection, coverage, settings, events).RunAsync(file, plan, id, ct);
        }
        catch (StatementFailedException e)
        {
            await RollBackAsync(connection);
            await AfterwardsAsync(connection, c => project.Ledger.FailAsync(c, id, file, e.Error, CancellationToken.None));
            throw;
        }
        catch (Exception) when (plan.IsOneTransaction)
        {
            // Nothing of it is left, so the ledger need not stop the next run.
            await RollBackAsync(connection);
            await AfterwardsAsync(connection, c => project.Ledger.ForgetAsync(c, id, CancellationToken.None));
            throw;
        }
    }

    private async Task<AppliedScript> RunWithRetriesAsync(NpgsqlConnection connection, MigrationFile file, ScriptPlan plan, string id, LockWatcher watcher, CancellationToken ct)
    {
        for (var attempt = 0; ; attempt++)
        {
            watcher.Forget();
            try
            {
                return await RunOnceAsync(connection, file, plan, id, ct) with { Retries = attempt };
            }
            catch (StatementFailedException e) when (e.MayBeRetried)
            {
                await RollBackAsync(connection);
                var who = watcher.Blockers ?? "a session that is gone by now";
                if (attempt >= settings.LockRetries)
                    throw ErrorCatalogue.LockTimeout.Because(e, target.Database, $"{settings.LockTimeout.TotalSeconds:0.#} s, tried {attempt + 1} times", $"{e.Error}; held by {who}");
                var pause = settings.Pause(attempt);
                events.Warning($"{file.Name} waited {settings.LockTimeout.TotalSeconds:0.#} s for a lock held by {who}; it was rolled back and is tried again in {pause.TotalSeconds:0.0} s");
                await Task.Delay(pause, ct);
            }
        }
    }

    private async Task<AppliedScript> RunOnceAsync(NpgsqlConnection connection, MigrationFile file, ScriptPlan plan, string id, CancellationToken ct)
    {
        var (runner, guard, clock) = (new StatementRunner(connection, file.RelativePath), new ChangeGuard(connection, coverage, project.Ledger.Relation), Stopwatch.StartNew());
        await connection.ExecuteAsync("BEGIN", ct);
        await connection.ExecuteAsync($"SET LOCAL lock_timeout = '{settings.LockTimeoutSetting}'", ct);
        await guard.BeginAsync(ct);
        foreach (var statement in plan.Statements)
            await runner.RunAsync(statement, ct);
        // The script may have taken on a role that may not write to the ledger.
        await connection.ExecuteAsync("RESET ROLE", ct);
        var losses = await guard.EndAsync(ct);
        if (losses.Count > 0 && !allowLosses)
            throw ErrorCatalogue.VerifyLost.For(target.Database, string.Join("; ", losses), $"{file.Name} was rolled back. Allow what you accept: {string.Join(" ", losses.Select(l => $"--allow '{l.AllowAs}'"))}");
        var locks = await StrongLocks.ReadAsync(connection, ct);
        await project.Ledger.FinishAsync(connection, id, clock.Elapsed, ct);
        await CommitAsync(connection, file, plan);
        return new AppliedScript(file.Name, clock.Elapsed, OneTransaction: true, Retries: 0) { Changes = guard.Changes, Losses = losses, Locks = locks };
    }

    /// <summary>Deferred constraints speak up here. Once begun it is not cancelled: nobody could say how it ended.</summary>
    private static async Task CommitAsync(NpgsqlConnection connection, MigrationFile file, ScriptPlan plan)
    {
        try
        {
            await connection.ExecuteAsync("COMMIT", CancellationToken.None);
        }
        catch (PostgresException e) when (plan.Statements.Count > 0)
        {
            throw new StatementFailedException(MigrationError.From(e, file.RelativePath, plan.Statements[^1]), e);
        }
    }

    private static async Task RollBackAsync(NpgsqlConnection connection)
    {
        try
        {
            if (connection.State == System.Data.ConnectionState.Open)
                await connection.ExecuteAsync("ROLLBACK", CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The session is gone, and PostgreSQL has rolled back by itself.
        }
    }

    /// <summary>Writes to the ledger after a failure, in a new session where the old one is gone too.</summary>
    private async Task AfterwardsAsync(NpgsqlConnection connection, Func<NpgsqlConnection, Task> write)
    {
        try
        {
            if (connection.State == System.Data.ConnectionState.Open)
            {
                await connection.ExecuteAsync("RESET ROLE", CancellationToken.None);
                await write(connection);
                return;
            }

            await using var fresh = await project.ConnectAsync(target, "dbsafety migration run", CancellationToken.None);
            await write(fresh);
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            events.Warning($"how it ended could not be written to {project.Ledger.Name}: {e.Message}");
        }
    }
}
