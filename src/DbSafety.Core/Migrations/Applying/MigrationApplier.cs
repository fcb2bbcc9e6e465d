using DbSafety.Analysis.Scripts;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Ledgers;
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
    private const int MostReconnections = 3;

    private readonly MigrationProject project = how.Project;
    private readonly DatabaseTarget target = how.Target;
    private NpgsqlConnection? kept;
    private LockWatcher? watcher;
    private IReadOnlyDictionary<string, string>? begun;

    /// <summary>What the database holds of the last script, where it raised an error.</summary>
    public ScriptEnd End { get; private set; }

    /// <exception cref="StatementFailedException">It failed; <see cref="End"/> says what is left of it, and the ledger says so.</exception>
    /// <exception cref="DbSafetyException">
    /// <c>DBS104</c> the connection was lost; <c>DBS114</c> no lock; <c>DBS409</c> it would lose more than was allowed, and was rolled back;
    /// <c>DBS430</c> it cannot be run; <c>DBS431</c> how it ended is unknown; <c>DBS432</c> it cannot go on where it stopped; <c>DBS433</c> it was not one transaction;
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
            // All of it was rolled back, and only now it is known.
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

    /// <summary>A script that was begun in parts goes on in parts, in those that its mark was written for.</summary>
    private async Task<ScriptPlan> PlanAsync(NpgsqlConnection connection, MigrationFile file, CancellationToken ct)
    {
        var plan = Plan(connection, file, callsApart: false);
        var mark = (await new StepLog(project.Ledger).ReadAsync(connection, ct)).FirstOrDefault(m => m.Name == file.Name && m.Checksum == file.Checksum);
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

    private LockPatience Patience(MigrationFile file, ScriptPlan plan) => new(target, how.Settings, watcher!, error => ReachedOutAsync(file, plan.Statements, error), events);

    /// <summary>What an attempt may have done before it failed that its rollback has not undone: it must not be done twice.</summary>
    private async Task<string?> ReachedOutAsync(MigrationFile file, IReadOnlyList<SqlStatement> statements, MigrationError error)
    {
        var reach = await OutsideReach.ReadAsync(how.Observer, ReachScope.Elsewhere, CancellationToken.None);
        // A look at the tables comes before the first statement or after the last one.
        var sent = statements.Where(s => s.Line <= error.Line || error.Statement == ScriptSession.Look);
        return reach.In(file.RelativePath, sent).FirstOrDefault()?.ToString() ?? (reach.Unasked is [var first, ..] ? first : null);
    }

    /// <summary>A server process that knows the catalog already is several times faster than a new one; DISCARD ALL leaves nothing else of its past.</summary>
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
        // A tool that holds the history table is not waited for without end.
        await kept.ExecuteAsync(how.Settings.Sql(local: false), ct);
        // The second session looks on while the first one holds its locks: a wait for them would never end.
        await how.Observer.ExecuteAsync("SET lock_timeout = '20s'", ct);
        await kept.ExecuteAsync("BEGIN", ct);
        await project.Ledger.EnsureOnceAsync(kept, ct);
        await NoteAsync(kept);
        await kept.ExecuteAsync("COMMIT", ct);
        // Each script makes sure that no other run has written to it since: what it knows of earlier ones is read once.
        begun = (await project.Ledger.ReadAsync(kept, ct)).Where(e => e.IsFailed).GroupBy(e => e.Name).ToDictionary(g => g.Key, g => g.First().Id, StringComparer.Ordinal);
        await kept.ExecuteAsync("RESET lock_timeout; RESET statement_timeout; SET idle_in_transaction_session_timeout = 0", ct);
        return kept;
    }

    private async Task<AppliedScript> AtOnceAsync(ScriptSession session, MigrationFile file, ScriptPlan plan, CancellationToken ct)
    {
        var patience = Patience(file, plan);
        try
        {
            var script = new OneTransaction(session, () => ReachedOutAsync(file, plan.Statements, new MigrationError(file.RelativePath, int.MaxValue, "", "", "", null, null)));
            return await patience.TryAsync(file.Name, () => script.RunAsync(file, plan, ct), session.RollBackAsync, ct) with { Retries = patience.Retries };
        }
        catch (Exception e)
        {
            End = await session.RollBackAsync();
            if (End == ScriptEnd.Unknown && !SaysSo(e))
                throw session.Lost(file, e);
            if (End == ScriptEnd.PartsLeft)
                throw ErrorCatalogue.PartsCommitted.Because(e, file.Name, e.Message);
            if (e is StatementFailedException { WantsToCommit: false } failure)
                await AfterwardsAsync(session, async c => await project.Ledger.FailAsync(c, await project.Ledger.StartAsync(c, file, CancellationToken.None), file, failure.Error, CancellationToken.None));
            throw;
        }
    }

    private async Task<AppliedScript> InPartsAsync(ScriptSession session, MigrationFile file, ScriptPlan plan, CancellationToken ct)
    {
        how.Coverage.CheckNoClaims(target.Database, file);
        var sum = new LooseScriptSum();
        for (var reconnections = 0; ; reconnections++)
        {
            try
            {
                return await InSessionAsync(session, file, plan, sum, ct);
            }
            catch (SessionLostException e)
            {
                End = ScriptEnd.PartsLeft;
                // The second session holds the locks that keep other runs away: without it nothing goes on.
                if (reconnections == MostReconnections || !await AnswersAsync(how.Observer))
                    throw PgSession.Translate(new NpgsqlException(e.Message, e.InnerException is IOException io ? io : new IOException(e.Message, e.InnerException)), target);
                events.Warning($"{file.Name}: {e.Message}; the script continues in a new session");
                session = await ScriptSessionAsync(ct);
            }
            catch (StatementFailedException e) when (RunsOutside(e, session, plan))
            {
                // psql sends it outside of a transaction. The part that it was in was rolled back.
                plan = Plan(session.Connection, file, callsApart: true);
                session = await ScriptSessionAsync(ct);
            }
        }
    }

    private async Task<AppliedScript> InSessionAsync(ScriptSession session, MigrationFile file, ScriptPlan plan, LooseScriptSum sum, CancellationToken ct)
    {
        var (earlier, patience) = (begun!.GetValueOrDefault(file.Name), Patience(file, plan));
        var script = new LooseScript(session, patience, file, sum);
        var hasBegun = false;
        try
        {
            sum.Id = await patience.TryAsync(file.Name, () => script.BeginAsync(plan, sum.Id ?? earlier, ct), script.RollBackAsync, ct);
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

    /// <summary>psql sends a procedure or DO block that commits outside of a transaction. The part that it was in was rolled back.</summary>
    private bool RunsOutside(Exception e, ScriptSession session, ScriptPlan plan) =>
        e is StatementFailedException { WantsToCommit: true } && plan.CallsInside && project.Folder.Source == MigrationSource.Sql && session.IsOpen;

    /// <summary>What the ledger and the marks say of a script in parts that failed. Where nothing of it is left, they need not stop the next run.</summary>
    private async Task RecordAsync(ScriptSession session, LooseScript script, MigrationFile file, string id, string? earlier, Exception error)
    {
        var failure = error as StatementFailedException;
        if (failure is null && (script.End != ScriptEnd.RolledBack || earlier is not null))
            return;
        await AfterwardsAsync(session, async c =>
        {
            await (failure is null ? project.Ledger.ForgetAsync(c, id, CancellationToken.None) : project.Ledger.FailAsync(c, id, file, failure.Error, CancellationToken.None));
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

    /// <summary>Writes to the ledger after a failure, in a new session where the old one is gone too.</summary>
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
            events.Warning($"the result could not be recorded in {project.Ledger.Name}: {e.Message}");
        }
    }

    /// <returns>False: the connection was lost, and nothing of it was committed.</returns>
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
