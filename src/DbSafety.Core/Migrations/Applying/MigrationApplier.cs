using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Runs one migration and writes the ledger as its tool does. The rehearsal and production go through the same code.
/// Each script finds the session as if it were new, so that no setting of one reaches the next.
/// </summary>
internal sealed class MigrationApplier(MigrationApplierSettings how, IOperationEvents events) : IAsyncDisposable
{
    private readonly MigrationProject project = how.Project;
    private readonly DatabaseTarget target = how.Target;
    private NpgsqlConnection? kept;
    private LockWatcher? watcher;
    private IReadOnlyDictionary<string, string>? begun;

    /// <summary>What the database holds of the last script, where it raised an error.</summary>
    public ScriptEnd End { get; private set; }

    /// <exception cref="StatementFailedException">It failed; it was rolled back where it is one transaction, and the ledger says so.</exception>
    /// <exception cref="DbSafetyException"><c>DBS114</c> no lock; <c>DBS409</c> it would lose more than was allowed, and was rolled back.</exception>
    public async Task<AppliedScript> ApplyAsync(MigrationFile file, CancellationToken ct)
    {
        End = ScriptEnd.RolledBack;
        var connection = await SessionAsync(ct);
        var session = new ScriptSession(connection, project, how.Coverage, how.Settings, events) { History = how.History, Observer = how.Observer, Watcher = watcher!, AllowsLosses = how.AllowsLosses, Own = how.Own };
        var patience = new LockPatience(target, how.Settings, watcher!, events);
        var plan = ScriptPlan.For(file.Text, connection.PostgreSqlVersion.Major);
        if (!plan.IsOneTransaction)
            return await InPartsAsync(session, patience, file, plan, ct);
        try
        {
            return await AtOnceAsync(session, patience, file, plan, ct);
        }
        catch (StatementFailedException e) when (e.WantsToCommit)
        {
            // All of it was rolled back, and only now it is known.
            return await InPartsAsync(session, patience, file, ScriptPlan.For(file.Text, connection.PostgreSqlVersion.Major, callsApart: true), ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (watcher is not null)
            await watcher.DisposeAsync();
        if (kept is not null)
            await kept.DisposeAsync();
        (watcher, kept) = (null, null);
    }

    /// <summary>A server process that knows the catalog already is several times faster than a new one; DISCARD ALL leaves nothing else of its past.</summary>
    private async Task<NpgsqlConnection> SessionAsync(CancellationToken ct)
    {
        if (kept is { State: System.Data.ConnectionState.Open })
        {
            await kept.ExecuteAsync("DISCARD ALL", ct);
            await project.UseSchemaAsync(kept, target, ct);
            return kept;
        }

        await DisposeAsync();
        kept = await project.ConnectAsync(target, "dbsafety migration run", ct);
        watcher = LockWatcher.Start(target, kept.ProcessID, events);
        // A tool that holds the history table is not waited for without end.
        await kept.ExecuteAsync(how.Settings.Sql(local: false), ct);
        await kept.ExecuteAsync("BEGIN", ct);
        await project.Ledger.EnsureAsync(kept, ct);
        await NoteAsync(kept);
        await kept.ExecuteAsync("COMMIT", ct);
        // Each script makes sure that no other run has written to it since: what it knows of earlier ones is read once.
        begun = (await project.Ledger.ReadAsync(kept, ct)).Where(e => e.IsFailed).GroupBy(e => e.Name).ToDictionary(g => g.Key, g => g.First().Id, StringComparer.Ordinal);
        await kept.ExecuteAsync("RESET lock_timeout; RESET statement_timeout", ct);
        return kept;
    }

    private async Task<AppliedScript> AtOnceAsync(ScriptSession session, LockPatience patience, MigrationFile file, ScriptPlan plan, CancellationToken ct)
    {
        try
        {
            var script = new OneTransaction(session);
            return await patience.TryAsync(file.Name, () => script.RunAsync(file, plan, ct), session.RollBackAsync, ct) with { Retries = patience.Retries };
        }
        catch (StatementFailedException e)
        {
            await session.RollBackAsync();
            if (!e.WantsToCommit)
                await AfterwardsAsync(session, async c => await project.Ledger.FailAsync(c, await project.Ledger.StartAsync(c, file, CancellationToken.None), file, e.Error, CancellationToken.None));
            throw;
        }
        catch
        {
            // Nothing of it is left, not even in the ledger.
            await session.RollBackAsync();
            throw;
        }
    }

    private async Task<AppliedScript> InPartsAsync(ScriptSession session, LockPatience patience, MigrationFile file, ScriptPlan plan, CancellationToken ct)
    {
        how.Coverage.CheckNoClaims(target.Database, file);
        var ledger = project.Ledger;
        var earlier = begun!.GetValueOrDefault(file.Name);
        var script = new LooseScript(session, patience);
        var id = await patience.TryAsync(file.Name, () => script.BeginAsync(file, plan, earlier, ct), session.RollBackAsync, ct);
        try
        {
            return await script.RunAsync(file, plan, id, ct);
        }
        catch (StatementFailedException e)
        {
            End = script.LeftParts ? ScriptEnd.PartsLeft : ScriptEnd.RolledBack;
            await session.RollBackAsync();
            await AfterwardsAsync(session, async c =>
            {
                await ledger.FailAsync(c, id, file, e.Error, CancellationToken.None);
                await (script.LeftParts ? script.FailedAsync(c, file.Name, e.Error.ToString()) : script.ForgetAsync(c, file.Name));
            });
            throw;
        }
        catch
        {
            End = script.LeftParts ? ScriptEnd.PartsLeft : ScriptEnd.RolledBack;
            await session.RollBackAsync();
            // Where nothing at all has happened, the ledger need not stop the next run.
            if (!script.LeftParts && earlier is null)
            {
                await AfterwardsAsync(session, async c =>
                {
                    await ledger.ForgetAsync(c, id, CancellationToken.None);
                    await script.ForgetAsync(c, file.Name);
                });
            }

            throw;
        }
    }

    /// <summary>Writes to the ledger after a failure, in a new session where the old one is gone too.</summary>
    private async Task AfterwardsAsync(ScriptSession session, Func<NpgsqlConnection, Task> write)
    {
        try
        {
            if (session.Connection.State == System.Data.ConnectionState.Open)
            {
                await session.ResetRoleAsync(CancellationToken.None);
                await WholeAsync(session.Connection, write);
                return;
            }

            await using var fresh = await project.ConnectAsync(target, "dbsafety migration run", CancellationToken.None);
            await WholeAsync(fresh, write);
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            events.Warning($"how it ended could not be written to {project.Ledger.Name}: {e.Message}");
        }
    }

    private async Task WholeAsync(NpgsqlConnection connection, Func<NpgsqlConnection, Task> write)
    {
        await connection.ExecuteAsync("BEGIN", CancellationToken.None);
        await write(connection);
        await NoteAsync(connection);
        await connection.ExecuteAsync("COMMIT", CancellationToken.None);
    }

    private Task NoteAsync(NpgsqlConnection connection) => how.Own?.NoteAsync(connection, [], CancellationToken.None) ?? Task.CompletedTask;
}
