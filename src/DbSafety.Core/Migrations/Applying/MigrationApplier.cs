using DbSafety.Analysis.Scripts;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Runs one migration and writes the migration history as its tool does. The rehearsal and production use the same code.
/// Each script runs in a session like a new one, so that no setting affects the next script.
/// </summary>
internal sealed class MigrationApplier(MigrationApplierSettings how, IOperationEvents events) : IAsyncDisposable
{
    private const int MostReconnections = 3;

    private readonly MigrationProject project = how.Project;
    private readonly DatabaseTarget target = how.Target;
    private NpgsqlConnection? kept;
    private LockWatcher? watcher;
    private IReadOnlyDictionary<string, string>? begun;

    /// <summary>The state of the last script in the database, if it raised an error.</summary>
    public ScriptEnd End { get; private set; }

    /// <exception cref="StatementFailedException">It failed; <see cref="End"/> is its state, and the migration history records the failure.</exception>
    /// <exception cref="DbSafetyException">
    /// <c>DBS104</c> the connection was lost; <c>DBS114</c> no lock; <c>DBS409</c> it would lose more than was allowed, and was rolled back;
    /// <c>DBS430</c> it cannot be run; <c>DBS431</c> its outcome is unknown; <c>DBS432</c> it cannot continue where it stopped; <c>DBS433</c> it was not one transaction;
    /// <c>DBS434</c> nothing would be counted; <c>DBS435</c> it would write to a foreign table.
    /// </exception>
    public async Task<AppliedScript> ApplyAsync(MigrationFile file, CancellationToken ct)
    {
        End = ScriptEnd.RolledBack;
        var session = await ScriptSessionAsync(ct);
        if (!how.Coverage.IsEverything)
            session = session with { CountsSource = await CountsRows.EnsureAsync(session.Connection, file, isSet: how.AllowsLosses, ct) };
        var plan = await PlanAsync(session.Connection, file, ct);
        if (!plan.IsOneTransaction)
            return await InPartsAsync(session, file, plan, ct);
        try
        {
            return await AtOnceAsync(session, file, plan, ct);
        }
        catch (StatementFailedException e) when (e.WantsToCommit && End == ScriptEnd.RolledBack)
        {
            if (await ReachedOutAsync(file, plan.Statements, e.Error) is { } outside)
                throw ErrorCatalogue.NotRepeated.Because(e, file.Name, outside);
            // It was rolled back completely, and only now is it known that it commits.
            return await InPartsAsync(session, file, Plan(session.Connection, file, callsApart: true), ct);
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

    private static bool IsOpen(NpgsqlConnection connection) => connection.State == System.Data.ConnectionState.Open;

    private static bool SaysSo(Exception e) => e is DbSafetyException { Definition: var definition } && definition == ErrorCatalogue.OutcomeUnknown;

    /// <summary>A script that was started in parts continues in parts, in those for which its mark was written.</summary>
    private async Task<ScriptPlan> PlanAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct)
    {
        var plan = Plan(connection, file, callsApart: false);
        var mark = (await new StepLog(project.History).ReadAsync(connection, ct)).FirstOrDefault(m => m.Name == file.Name && m.Checksum == file.Checksum);
        if (mark is null || (mark.Done == 0 && mark.Begun is null))
            return plan;
        return plan.Units.Any(u => u.Last == mark.Done) ? plan : Plan(connection, file, callsApart: true);
    }

    /// <exception cref="DbSafetyException"><c>DBS430</c>.</exception>
    private ScriptPlan Plan(NpgsqlConnection connection, MigrationFile file, bool callsApart)
    {
        var plan = ScriptPlan.For(file, project.Folder.Source, connection.PostgreSqlVersion.Major, callsApart);
        plan.Check(file);
        return plan;
    }

    private async Task<ScriptSession> ScriptSessionAsync(CancellationToken ct) => new(await SessionAsync(ct), project, how.Coverage, how.Settings, events)
    {
        History = how.History,
        Observer = how.Observer,
        Watcher = watcher!,
        Outcome = new TransactionOutcome(project, target, how.Settings.OutcomeWait, events),
        AllowsLosses = how.AllowsLosses,
        CountsValues = how.CountsValues,
        Own = how.Own,
        Since = how.Since,
    };

    private LockRetry WaitLimit(MigrationFile file, ScriptPlan plan) => new(target, how.Settings, watcher!, error => ReachedOutAsync(file, plan.Statements, error), events);

    /// <summary>The effects of a failed attempt that the rollback may not have undone: they must not be repeated.</summary>
    private async Task<string?> ReachedOutAsync(MigrationFile file, IReadOnlyList<SqlStatement> statements, MigrationError error)
    {
        var reach = await OutsideReach.ReadAsync(how.Observer, ReachScope.Elsewhere, CancellationToken.None);
        // The analysis of the tables takes place before the first statement or after the last statement.
        var sent = statements.Where(s => s.Line <= error.Line || error.Statement == ScriptSession.Look);
        return reach.In(file.RelativePath, sent).FirstOrDefault()?.ToString() ?? (reach.Unasked is [var first, ..] ? first : null);
    }

    /// <summary>A server process with cached catalogs is several times faster than a new one; DISCARD ALL resets everything else.</summary>
    private async Task<NpgsqlConnection> SessionAsync(CancellationToken ct)
    {
        if (kept is not null && IsOpen(kept))
        {
            await kept.ExecuteAsync("DISCARD ALL", ct);
            await project.UseSchemaAsync(kept, target, ct);
            return kept;
        }

        await DisposeAsync();
        kept = await project.ConnectAsync(target, TransactionOutcome.Session, ct);
        watcher = LockWatcher.Start(target, kept.ProcessID, events);
        // A tool that has locked the history table must not block the run forever.
        await kept.ExecuteAsync(how.Settings.Sql(local: false), ct);
        // The second session reads while the first one holds its locks: waiting for them would never end.
        await how.Observer.ExecuteAsync("SET lock_timeout = '20s'", ct);
        await kept.ExecuteAsync("BEGIN", ct);
        await project.History.EnsureOnceAsync(kept, ct);
        await NoteAsync(kept);
        await kept.ExecuteAsync("COMMIT", ct);
        // Each script checks that no other run has written to the history since, so it is read once.
        begun = (await project.History.ReadAsync(kept, ct)).Where(e => e.IsFailed).GroupBy(e => e.Name).ToDictionary(g => g.Key, g => g.First().Id, StringComparer.Ordinal);
        await kept.ExecuteAsync("RESET lock_timeout; RESET statement_timeout; SET idle_in_transaction_session_timeout = 0", ct);
        return kept;
    }

    private async Task<AppliedScript> AtOnceAsync(ScriptSession session, MigrationFile file, ScriptPlan plan, CancellationToken ct)
    {
        var waitLimit = WaitLimit(file, plan);
        try
        {
            var script = new OneTransaction(session, () => ReachedOutAsync(file, plan.Statements, new MigrationError(file.RelativePath, int.MaxValue, "", "", "", null, null)));
            return await waitLimit.TryAsync(file.Name, () => script.RunAsync(file, plan, ct), session.RollBackAsync, ct) with { Retries = waitLimit.Retries };
        }
        catch (Exception e)
        {
            End = await session.RollBackAsync();
            if (End == ScriptEnd.Unknown && !SaysSo(e))
                throw session.Lost(file, e);
            if (End == ScriptEnd.PartsLeft)
                throw ErrorCatalogue.PartsCommitted.Because(e, file.Name, e.Message);
            if (e is StatementFailedException { WantsToCommit: false } failure)
                await AfterwardsAsync(session, async c => await project.History.FailAsync(c, await project.History.StartAsync(c, file, CancellationToken.None), file, failure.Error, CancellationToken.None));
            throw;
        }
    }

    private async Task<AppliedScript> InPartsAsync(ScriptSession session, MigrationFile file, ScriptPlan plan, CancellationToken ct)
    {
        how.Coverage.CheckNoClaims(target.Database, file);
        var sum = new NonTransactionalSum();
        for (var reconnections = 0; ; reconnections++)
        {
            try
            {
                return await InSessionAsync(session, file, plan, sum, ct);
            }
            catch (SessionLostException e)
            {
                End = ScriptEnd.PartsLeft;
                // The second session holds the lock that prevents other runs: without it the run cannot continue.
                if (reconnections == MostReconnections || !await AnswersAsync(how.Observer))
                    throw PgSession.Translate(new NpgsqlException(e.Message, e.InnerException is IOException io ? io : new IOException(e.Message, e.InnerException)), target);
                events.Warning($"{file.Name}: {e.Message}; the script continues in a new session");
                session = await ScriptSessionAsync(ct);
            }
            catch (StatementFailedException e) when (RunsOutside(e, session, plan))
            {
                // psql sends it outside a transaction. Its part was rolled back.
                plan = Plan(session.Connection, file, callsApart: true);
                session = await ScriptSessionAsync(ct);
            }
        }
    }

    private async Task<AppliedScript> InSessionAsync(ScriptSession session, MigrationFile file, ScriptPlan plan, NonTransactionalSum sum, CancellationToken ct)
    {
        var (earlier, waitLimit) = (begun!.GetValueOrDefault(file.Name), WaitLimit(file, plan));
        var script = new NonTransactionalScript(session, waitLimit, file, sum);
        var hasBegun = false;
        try
        {
            sum.Id = await waitLimit.TryAsync(file.Name, () => script.BeginAsync(plan, sum.Id ?? earlier, ct), script.RollBackAsync, ct);
            hasBegun = true;
            return await script.RunAsync(plan, sum.Id, ct);
        }
        catch (Exception e) when (e is not SessionLostException)
        {
            await script.RollBackAsync();
            End = script.End;
            if (End == ScriptEnd.Unknown && !SaysSo(e))
                throw session.Lost(file, e);
            if (hasBegun && End != ScriptEnd.Unknown && !RunsOutside(e, session, plan))
                await RecordAsync(session, script, file, sum.Id!, earlier, e);
            throw;
        }
    }

    /// <summary>psql sends a procedure or DO block that commits outside a transaction. Its part was rolled back.</summary>
    private bool RunsOutside(Exception e, ScriptSession session, ScriptPlan plan) =>
        e is StatementFailedException { WantsToCommit: true } && plan.CallsInside && project.Folder.Source == MigrationSource.Sql && session.IsOpen;

    /// <summary>Records a failed script in parts in the migration history and the marks. If it was rolled back completely, they do not stop the next run.</summary>
    private async Task RecordAsync(ScriptSession session, NonTransactionalScript script, MigrationFile file, string id, string? earlier, Exception error)
    {
        var failure = error as StatementFailedException;
        if (failure is null && (script.End != ScriptEnd.RolledBack || earlier is not null))
            return;
        await AfterwardsAsync(session, async c =>
        {
            await (failure is null ? project.History.ForgetAsync(c, id, CancellationToken.None) : project.History.FailAsync(c, id, file, failure.Error, CancellationToken.None));
            await (script.End == ScriptEnd.RolledBack ? script.ForgetAsync(c, file.Name) : script.FailedAsync(c, file.Name, failure!.Error.ToString()));
        });
    }

    private static async Task<bool> AnswersAsync(NpgsqlConnection connection)
    {
        try
        {
            return await connection.ScalarAsync<int>("SELECT 1", CancellationToken.None) == 1;
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Writes to the migration history after a failure, in a new session if the old one was lost.</summary>
    private async Task AfterwardsAsync(ScriptSession session, Func<NpgsqlConnection, Task> write)
    {
        try
        {
            if (session.IsOpen)
                await session.ResetRoleAsync(CancellationToken.None);
            for (var again = false; ; again = true)
            {
                var fresh = session.IsOpen && !again ? null : await project.ConnectAsync(target, TransactionOutcome.Session, CancellationToken.None);
                await using (fresh)
                {
                    if (await WholeAsync(session.Outcome, fresh ?? session.Connection, write, again))
                        return;
                }
            }
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException or IOException)
        {
            events.Warning($"the result could not be recorded in {project.History.Name}: {e.Message}");
        }
    }

    /// <returns>False: the connection was lost, and no part of it was committed.</returns>
    private async Task<bool> WholeAsync(TransactionOutcome outcome, NpgsqlConnection connection, Func<NpgsqlConnection, Task> write, bool again)
    {
        var (open, commits) = (default(OpenTransaction), false);
        try
        {
            await connection.ExecuteAsync("BEGIN", CancellationToken.None);
            open = await TransactionOutcome.OfAsync(connection, CancellationToken.None);
            how.Own?.Note((ulong)open.Id, []);
            await write(connection);
            commits = true;
            StepPoint.Reach("migration: before COMMIT of a failure");
            await connection.ExecuteAsync("COMMIT", CancellationToken.None);
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or IOException && !IsOpen(connection) && !again)
        {
            return (await outcome.FindAsync(open, commits, null)).End switch
            {
                ScriptEnd.Committed => true,
                ScriptEnd.RolledBack => false,
                _ => throw new NpgsqlException($"the connection was lost at its COMMIT, and whether it was committed is unknown ({e.Message})", e),
            };
        }
    }

    private Task NoteAsync(NpgsqlConnection connection) => how.Own?.NoteAsync(connection, [], CancellationToken.None) ?? Task.CompletedTask;
}
