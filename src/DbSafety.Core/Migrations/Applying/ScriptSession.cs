using DbSafety.Analysis.Scripts;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Concurrency;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.TypeChanges;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>The session in which a script runs: no setting affects the next script.</summary>
internal sealed record ScriptSession(NpgsqlConnection Connection, MigrationProject Project, Coverage Coverage, ApplySettings Settings, IOperationEvents Events)
{
    /// <summary>Stored, because a lost connection no longer has it.</summary>
    private readonly int pid = Connection.ProcessID;
    private OpenTransaction? open;
    private Func<NpgsqlConnection, Task<bool>>? isRecorded;
    private bool toldLockTimeout;

    /// <summary>The outcome of the transaction that was checked after the connection was lost.</summary>
    private (ScriptEnd End, string Why)? found;
    /// <summary>Prevents a script that another run has applied from running again.</summary>
    public required HistoryGuard History { get; init; }

    /// <summary>A second session, in no transaction.</summary>
    public required NpgsqlConnection Observer { get; init; }

    /// <summary>Reads from a third session what this session waits for.</summary>
    public required LockWatcher Watcher { get; init; }

    public required TransactionOutcome Outcome { get; init; }

    /// <summary>The rehearsal continues, to find all losses; production rolls back.</summary>
    public required bool AllowsLosses { get; init; }

    public bool IsOpen => Connection.State == System.Data.ConnectionState.Open;

    /// <summary>Records what the scripts write; null: not needed.</summary>
    public OwnWrites? Own { get; init; }

    /// <summary>Saves rows of allowed losses that are not in the backup; null: there is no backup, or the database is a copy.</summary>
    public RowsSinceBackup? Since { get; init; }

    /// <summary>No rehearsal has counted the values of columns.</summary>
    public bool CountsValues { get; init; }

    /// <summary>The source of the value of track_counts before the script; null: not read.</summary>
    public string? CountsSource { get; init; }

    /// <param name="statements">Those of the script.</param>
    public ChangeGuard Guard(IReadOnlyList<SqlStatement> statements) =>
        new(Connection, Observer, Coverage, Project.History.Relation, Coverage.IsEverything ? VisibleStatements.None : new VisibleStatements(statements)) { Own = Own, CountsValues = CountsValues, IsRehearsal = AllowsLosses };

    /// <summary>Refuses losses outside the database before they are committed, on the copy of a rehearsal too.</summary>
    /// <exception cref="DbSafetyException"><c>DBS435</c>.</exception>
    public void CheckInside(IReadOnlyList<UnexpectedLoss> losses, MigrationFile file)
    {
        var outside = losses.Where(l => l.IsOutside).ToList();
        if (outside.Count > 0)
            throw ErrorCatalogue.LossOutside.For(Connection.Database, string.Join("; ", outside), file.Name, Advice.Allow(outside.Select(l => l.AllowAs)));
    }

    /// <summary>Without PostgreSQL's counts, rows that a script deletes are not detected.</summary>
    /// <exception cref="DbSafetyException"><c>DBS434</c>.</exception>
    public async Task CheckCountsAsync(MigrationFile file, CancellationToken ct)
    {
        if (!Coverage.IsEverything && !await CountsRows.AreOnAsync(Connection, ct))
            throw ErrorCatalogue.CountsOff.For(Connection.Database, $"{file.Name} sets track_counts to off");
        if (!Coverage.IsEverything && CountsSource is { } source && await CountsRows.SourceAsync(Connection, ct) != source)
            throw ErrorCatalogue.CountsOff.For(Connection.Database, $"{file.Name} changes track_counts while it runs");
    }

    /// <exception cref="DbSafetyException"><c>DBS409</c> more would be lost than was allowed.</exception>
    public void CheckAllowed(IReadOnlyList<UnexpectedLoss> losses, string outcome)
    {
        if (losses.Count > 0 && !AllowsLosses)
            throw ErrorCatalogue.LossRolledBack.For(Connection.Database, string.Join("; ", losses), outcome, Advice.Allow(losses.Select(l => l.AllowAs)));
    }

    public StatementRunner Runner(MigrationFile file, ScriptPlan plan) => new(this, file, plan.Statements.Count);

    /// <summary>Resets the role to that of the session's beginning.</summary>
    public const string OwnRole = "RESET SESSION AUTHORIZATION; RESET ROLE";

    public Task ResetRoleAsync(CancellationToken ct) => Connection.ExecuteAsync(OwnRole, ct);

    /// <summary>Records which transaction is open, so that its outcome can be queried if the connection is lost.</summary>
    /// <param name="recorded">Whether a row that it writes exists, queried in another session; null: it writes none.</param>
    public async Task BegunAsync(Func<NpgsqlConnection, Task<bool>>? recorded, CancellationToken ct)
    {
        (open, isRecorded) = (await TransactionOutcome.OfAsync(Connection, ct), recorded);
        Own?.Note((ulong)open.Id, []);
        StepPoint.Reach("migration: transaction begun");
    }

    /// <summary>The migration history records that the script is applied.</summary>
    public Func<NpgsqlConnection, Task<bool>> IsApplied(MigrationFile file, string id) => async connection =>
        (await Project.History.ReadAsync(connection, CancellationToken.None)).Any(e => e.IsApplied && e.Name == file.Name && (e.Id == id || id == file.Name));

    /// <summary>The statement that an error reports if none of the script's statements failed.</summary>
    public const string Look = "an analysis of the tables";

    /// <summary>An analysis of the tables, which may wait for locks of other sessions.</summary>
    /// <exception cref="StatementFailedException">No lock within lock_timeout.</exception>
    public static async Task<T> LookAsync<T>(MigrationFile file, Func<Task<T>> look)
    {
        try
        {
            return await look();
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            throw new StatementFailedException(new MigrationError(file.RelativePath, 1, Look, e.SqlState, e.MessageText, e.Detail, e.Hint), e);
        }
    }

    /// <inheritdoc cref="LookAsync{T}"/>
    public static Task LookAsync(MigrationFile file, Func<Task> look) => LookAsync(file, async () =>
    {
        await look();
        return true;
    });

    /// <summary>Saves rows that statements of allowed losses delete and that are not in the backup.</summary>
    /// <exception cref="DbSafetyException"><c>DBS437</c>.</exception>
    /// <exception cref="StatementFailedException">No lock within lock_timeout.</exception>
    public Task SaveAsync(ChangeGuard guard, IReadOnlyList<HarmlessClaim> allowed, MigrationFile file, string place, CancellationToken ct) =>
        Since is null || allowed.Count == 0 ? Task.CompletedTask : LookAsync(file, () => guard.Proof.SaveAsync(allowed, Since, Settings, file.RelativePath, place, ct));

    /// <inheritdoc cref="SaveAsync"/>
    public Task SaveBeforeAsync(ChangeGuard guard, SqlStatement statement, IReadOnlySet<uint> atStake, MigrationFile file, CancellationToken ct) =>
        LookAsync(file, () => guard.Proof.SaveBeforeAsync(statement, Coverage.Allowed, atStake, Since!, Settings, file.RelativePath, $"{file.RelativePath} line {statement.Line}", ct));

    /// <summary>At the beginning: tables that are counted first are also locked, and can be saved before they are changed.</summary>
    /// <exception cref="DbSafetyException"><c>DBS437</c>.</exception>
    public async Task SaveHeldAsync(IReadOnlySet<uint> atStake, MigrationFile file, CancellationToken ct)
    {
        if (atStake.Count == 0)
            return;
        var held = await Connection.ListAsync(
            """
            SELECT c.oid, n.nspname, c.relname, c.relkind FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid = ANY ($1::oid[]) AND EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.locktype = 'relation' AND l.relation = c.oid AND l.pid = pg_catalog.pg_backend_pid() AND l.granted
                AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'))
            """, r => new LiveTable(r.GetFieldValue<uint>(0), r.GetString(1), r.GetString(2), r.GetChar(3)), ct, atStake.Select(t => (long)t).ToArray());
        await Since!.SaveLockedAsync(Connection, held, file.RelativePath, ct);
    }

    /// <summary>Saves the rows that the transaction has changed in tables with allowed losses of this or a later script, as other sessions committed them.</summary>
    /// <inheritdoc cref="SaveAsync"/>
    public Task SaveWrittenAsync(IReadOnlySet<uint> atStake, MigrationFile file, CancellationToken ct) =>
        atStake.Count == 0 ? Task.CompletedTask : LookAsync(file, () => Since!.SaveChangedAsync(Connection, Observer, atStake, Settings, $"the end of {file.RelativePath}", ct));

    /// <summary>The tables of which something is allowed to be lost, with rows to save.</summary>
    public async Task<IReadOnlySet<uint>> TablesAtStakeAsync(CancellationToken ct)
    {
        var tables = new HashSet<uint>();
        if (Since is not null)
        {
            foreach (var claim in Coverage.Allowed)
                tables.UnionWith((await HarmlessCount.ReachedAsync(Connection, claim, ct)).Select(t => t.Oid));
        }

        return tables;
    }

    /// <summary>The limits of this run apply again, whatever the script has set.</summary>
    /// <param name="local">Only for the transaction that is open.</param>
    public async Task HoldLimitsAsync(MigrationFile file, bool local, CancellationToken ct)
    {
        await Connection.ExecuteAsync(Settings.HoldIdleSql(local), ct);
        if ((await Connection.ListAsync(Settings.HoldLocksSql(local), r => r.GetString(0), ct)).Count > 0)
            TellLockTimeout(file);
    }

    /// <summary>The script has set a lock_timeout that was overridden.</summary>
    public void TellLockTimeout(MigrationFile file)
    {
        if (!toldLockTimeout)
            Events.Warning($"{file.Name} sets lock_timeout to 0 or to more than {Settings.LockTimeout.TotalSeconds:0.###} s; the lock timeout of this run, {Settings.LockTimeout.TotalSeconds:0.###} s, applies");
        toldLockTimeout = true;
    }

    /// <summary>
    /// Checks deferred constraints and runs deferred constraint triggers, as COMMIT would: rows that they delete are counted before the last check of the
    /// transaction. They run as the role that the script has set. Twice, because a trigger can queue further deferred triggers.
    /// </summary>
    /// <exception cref="StatementFailedException">One of them failed.</exception>
    public async Task FireDeferredAsync(MigrationFile file, IReadOnlyList<SqlStatement> statements, CancellationToken ct)
    {
        try
        {
            await Connection.ExecuteAsync("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL IMMEDIATE", ct);
            StepPoint.Reach("migration: deferred triggers done");
        }
        catch (PostgresException e) when (PgSession.IsOfTheStatement(e) && statements.Count > 0)
        {
            ct.ThrowIfCancellationRequested();
            throw new StatementFailedException(MigrationError.From(e, file.RelativePath, statements[^1]), e);
        }
    }

    /// <summary>
    /// Deferred constraints on rows written since <see cref="FireDeferredAsync"/> are checked here. After it has started it is not cancelled. If the connection is lost, it returns if the transaction was committed;
    /// the connection is closed then.
    /// </summary>
    /// <exception cref="DbSafetyException"><c>DBS104</c> it was rolled back; <c>DBS431</c> its outcome is unknown.</exception>
    public async Task CommitAsync(MigrationFile file, IReadOnlyList<SqlStatement> statements)
    {
        StepPoint.Reach("migration: before COMMIT");
        try
        {
            await Connection.ExecuteAsync("COMMIT", CancellationToken.None);
            StepPoint.Reach("migration: committed");
        }
        catch (PostgresException e) when (IsOpen && statements.Count > 0)
        {
            throw new StatementFailedException(MigrationError.From(e, file.RelativePath, statements[^1]), e);
        }
        catch (Exception e) when (e is NpgsqlException or IOException && !IsOpen)
        {
            found = await Outcome.FindAsync(open, commitSent: true, isRecorded);
            if (found.Value.End != ScriptEnd.Committed)
                throw Lost(file, e);
            Events.Warning($"{file.Name}: the connection was lost at COMMIT; the server reports that the transaction was committed");
        }

        open = null;
        Since?.Keep(Events);
    }

    /// <summary>Rolls back, and checks the result.</summary>
    /// <returns>The state of the transaction that was open.</returns>
    public async Task<ScriptEnd> RollBackAsync()
    {
        if (found is { } known)
            return known.End;
        try
        {
            if (IsOpen)
            {
                await Connection.ExecuteAsync("ROLLBACK", CancellationToken.None);
                var end = await TransactionOutcome.OfEndedAsync(Connection, open);
                open = null;
                return end;
            }
        }
        catch (NpgsqlException)
        {
            // The session was lost: another session can find out whether the transaction was committed.
        }

        found = await Outcome.FindAsync(open, commitSent: false, isRecorded);
        return found.Value.End;
    }

    /// <summary>Checks, in a new session, the effects of a statement outside a transaction, after the lost session has ended.</summary>
    /// <returns>Null: the check was not possible.</returns>
    public Task<bool?> EndLostStatementAsync(Func<NpgsqlConnection, Task<bool>> look)
    {
        found = (ScriptEnd.RolledBack, "");
        return Outcome.AfterSessionAsync(pid, look);
    }

    /// <summary>Writes in a new session, after this session was lost.</summary>
    /// <exception cref="DbSafetyException"><c>DBS431</c> it could not be written.</exception>
    public async Task InNewSessionAsync(MigrationFile file, string what, Exception cause, Func<NpgsqlConnection, Task> write)
    {
        found = (ScriptEnd.RolledBack, "");
        if (await Outcome.UntilAsync(async c => { await write(c); return null; }) is { } why)
            throw Unknown(file, cause, what, why);
    }

    /// <summary>The error for a lost connection, depending on the outcome of the transaction.</summary>
    public DbSafetyException Lost(MigrationFile file, Exception cause)
    {
        if (found is not { End: ScriptEnd.Unknown } unknown)
            return PgSession.Translate(cause, Outcome.Target);
        return Unknown(file, cause, open is null ? "its last statement" : $"transaction {open.Id}", unknown.Why);
    }

    public DbSafetyException Unknown(MigrationFile file, Exception cause, string what, string why) =>
        ErrorCatalogue.OutcomeUnknown.Because(cause, Connection.Database, $"{what} of migration {file.Name}", why,
            $"at what {file.RelativePath} changes, at {Project.History.Name}{(open is null ? "" : $", and at SELECT pg_xact_status('{open.Id}')")}.");
}
