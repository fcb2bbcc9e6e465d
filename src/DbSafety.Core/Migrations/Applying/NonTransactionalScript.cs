using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Runs a script that cannot run in one transaction in parts, each in a transaction if possible. It records the progress, and continues from
/// there in the next run. The changes of a part without a transaction are found by comparing row counts before and after, which includes changes by other sessions.
/// </summary>
/// <param name="file">The script.</param>
/// <param name="sum">The changes of its parts, including those of a lost session.</param>
internal sealed class NonTransactionalScript(ScriptSession session, LockRetry waitLimit, MigrationFile file, NonTransactionalSum sum)
{
    private readonly NpgsqlConnection connection = session.Connection;
    private readonly StepLog steps = new(session.Project.History);
    private bool keepsSteps = true;

    /// <summary>An earlier run may have been killed between the end of the next statement and its mark.</summary>
    private bool resumed;

    /// <summary>The state of the failed part in the database.</summary>
    private ScriptEnd part = ScriptEnd.RolledBack;

    /// <summary>The mark in the database; parts that are rolled back are not marked.</summary>
    private int marked;

    /// <summary>Finished statements, including those of an earlier run.</summary>
    public int Done { get; private set; }

    /// <summary>Parts of it may have been committed.</summary>
    public bool LeftParts { get; private set; }

    /// <summary>The state of the script in the database, if it failed.</summary>
    public ScriptEnd End => part is ScriptEnd.RolledBack ? LeftParts ? ScriptEnd.PartsLeft : ScriptEnd.RolledBack : part is ScriptEnd.Committed ? ScriptEnd.PartsLeft : part;

    /// <summary>Records the start in the migration history and the marks, in one transaction.</summary>
    /// <param name="begun">The row of an earlier run in the migration history.</param>
    /// <returns>The row of the migration history.</returns>
    /// <exception cref="SessionLostException">The connection was lost, and this transaction is committed.</exception>
    public async Task<string> BeginAsync(ScriptPlan plan, string? begun, CancellationToken ct)
    {
        session.Events.Warning($"{file.Name} runs in parts, not in one transaction, because {plan.OwnWay}");
        await connection.ExecuteAsync($"BEGIN; {session.Settings.Sql(local: true)}", ct);
        await session.History.CheckAsync(connection, file, ct);
        var id = begun ?? await session.Project.History.StartAsync(connection, file, ct);
        var history = await session.Project.History.ReadAsync(connection, ct);
        await session.BegunAsync(null, ct);
        await connection.ExecuteAsync("SAVEPOINT marks", ct);
        await FindPlaceAsync(plan, ct);
        await session.CommitAsync(file, []);
        session.History.Committed(history);
        ThrowIfLost(keepsSteps);
        return id;
    }

    /// <param name="id">The row of the migration history.</param>
    /// <exception cref="SessionLostException">The connection was lost; all statements up to the last mark are committed.</exception>
    public async Task<AppliedScript> RunAsync(ScriptPlan plan, string id, CancellationToken ct)
    {
        await connection.ExecuteAsync(session.Settings.Sql(local: false), ct);
        if (Done > 0)
            await SessionSettings.RestoreAsync(connection, file, plan.Units.Where(u => u.Last <= Done), ct);
        await session.HoldLimitsAsync(file, local: false, ct);
        foreach (var unit in plan.Units.Where(u => u.Last > Done))
            await PartAsync(unit, session.Runner(file, plan), ct);
        await waitLimit.TryAsync(file.Name, () => FinishAsync(id, sum.Clock.Elapsed, ct), RollBackAsync, ct);
        return new AppliedScript(file.Name, sum.Clock.Elapsed, OneTransaction: false, waitLimit.Retries) { OwnWay = plan.OwnWay, Changes = [.. sum.Changes], Losses = [.. sum.Losses], AllowedLosses = [.. sum.AllowedLosses], HiddenUpdates = [.. sum.HiddenUpdates], HiddenRewrites = [.. sum.HiddenRewrites], LargeObjects = sum.LargeObjects };
    }

    /// <summary>Rolls back the open transaction, and determines the state of the script.</summary>
    public async Task<ScriptEnd> RollBackAsync()
    {
        var end = await session.RollBackAsync();
        // This does not roll back statements that ran outside a transaction.
        if (part is ScriptEnd.RolledBack)
            part = end;
        return part;
    }

    /// <summary>Called before a statement is run again that can safely run twice.</summary>
    private async Task<ScriptEnd> ForRepetitionAsync()
    {
        await session.RollBackAsync();
        return session.IsOpen ? ScriptEnd.RolledBack : ScriptEnd.PartsLeft;
    }

    public Task FailedAsync(NpgsqlConnection writer, string name, string error) =>
        keepsSteps ? steps.FailAsync(writer, name, error, CancellationToken.None) : Task.CompletedTask;

    public Task ForgetAsync(NpgsqlConnection writer, string name) => steps.EndAsync(writer, name, CancellationToken.None);

    private async Task PartAsync(ScriptUnit unit, StatementRunner runner, CancellationToken ct)
    {
        Func<Task<bool>> run = unit.Begin switch
        {
            null => () => LooseAsync(unit, runner, ct),
            _ when unit.WritesNothing => () => UnmarkedAsync(unit, runner, ct),
            _ => () => WholeAsync(unit, runner, ct),
        };
        await waitLimit.TryAsync(file.Name, run, unit is { Begin: null, Kind: not AloneKind.Anything } ? ForRepetitionAsync : RollBackAsync, ct);
        LeftParts |= !unit.WritesNothing;
        ThrowIfLost(keepsSteps);
        StepPoint.Reach("migration: part of a script done");
        await HoldLimitsAsync(ct);
    }

    /// <summary>The session settings of this part, for the next part.</summary>
    private async Task HoldLimitsAsync(CancellationToken ct)
    {
        try
        {
            await session.HoldLimitsAsync(file, local: false, ct);
        }
        catch (Exception e) when (e is NpgsqlException or IOException && !session.IsOpen)
        {
            // The part is finished: the next part detects the lost connection.
        }
    }

    private async Task FindPlaceAsync(ScriptPlan plan, CancellationToken ct)
    {
        try
        {
            var mark = (await steps.ReadAsync(connection, ct)).FirstOrDefault(m => m.Name == file.Name && m.Checksum == file.Checksum && m.Statements == plan.Statements.Count);
            if (mark is not null)
                CheckPlace(plan, mark);
            Done = marked = mark?.Done ?? 0;
            resumed = mark is not null;
            LeftParts = Done > 0;
            if (Done > 0)
                session.Events.Warning($"{file.Name} was interrupted before; it continues after statement {Done} of {plan.Statements.Count}");
            await steps.BeginAsync(connection, file, Done, plan.Statements.Count, ct);
            if (session.Own is { } own)
                await own.NoteSubtransactionAsync(connection, StepLog.NewestSql, ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege && session.Project.Folder.Source != MigrationSource.Drizzle)
        {
            keepsSteps = false;
            await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT marks", ct);
            session.Events.Warning($"the progress of {file.Name} cannot be recorded, because the role does not have the privilege to create schema dbsafety: {e.MessageText}");
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            // Its history has no row before the end: after an interruption, the script would run from its beginning again.
            throw ErrorCatalogue.PermissionDenied.Because(e, connection.Database, e.MessageText,
                $"{file.Name} contains more than one transaction, and its progress is recorded in schema dbsafety. Grant CREATE on the database to the role, or create the schema with this role as its owner. Nothing was changed.");
        }
    }

    /// <exception cref="DbSafetyException"><c>DBS432</c>.</exception>
    private void CheckPlace(ScriptPlan plan, StepMark mark)
    {
        if (mark.Begun is { } begun)
        {
            throw ErrorCatalogue.ResumeRefused.For(file.Name, $"statement {begun} was started outside a transaction, and it is unknown whether it was committed completely, partly or not at all: {plan.Statements[begun - 1].Excerpt}",
                $"Check what the statement changes. If its changes are complete: UPDATE dbsafety.steps SET done = {begun}, begun = NULL WHERE name = {SqlName.Literal(file.Name)}; if none of its changes exist, use done = {begun - 1} instead. Then run the migration again.");
        }

        if (plan.Units.Any(u => u.First <= mark.Done && mark.Done < u.Last))
            throw ErrorCatalogue.ResumeRefused.For(file.Name, $"statement {mark.Done} of {plan.Statements.Count}, after which it stopped, is now in the middle of a transaction", $"Run the remaining statements by hand, and mark the script as applied: {Advice.Of($"migration resolve")}.");
    }

    /// <summary>Updates the migration history and removes the marks in one transaction.</summary>
    private async Task<bool> FinishAsync(string id, TimeSpan duration, CancellationToken ct)
    {
        await session.ResetRoleAsync(ct);
        await connection.ExecuteAsync($"BEGIN; {session.Settings.Sql(local: true)}", ct);
        // The script has run: rows that other runs have recorded are reported afterwards, and stop the next script.
        var changes = HistoryChanges.Between(session.History.Expected, await session.History.LockAndReadAsync(connection, file, ct));
        await session.Project.History.FinishAsync(connection, id, duration, ct);
        await session.BegunAsync(session.IsApplied(file, id), ct);
        var history = await session.Project.History.ReadAsync(connection, ct);
        if (keepsSteps)
            await steps.EndAsync(connection, file.Name, ct);
        await session.CommitAsync(file, []);
        if (changes.Count == 0)
            session.History.Committed(history);
        return true;
    }

    /// <summary>A part that is a transaction is checked before it is committed, like a script in one transaction.</summary>
    private async Task<bool> WholeAsync(ScriptUnit unit, StatementRunner runner, CancellationToken ct)
    {
        var guard = session.Guard(unit.Statements);
        session.Since?.Begin();
        var begin = await runner.BeginAsync(unit.Begin!, [.. unit.Statements.Take(unit.Preamble)], ct);
        if (begin.Length > 0)
            await connection.ExecuteAsync(begin, ct);
        var allowed = session.Since is null ? [] : AllowedOf(unit);
        await guard.Proof.LockEarlyAsync(allowed, file.RelativePath, ct);
        await AsOwnRoleAsync(() => LockAsync(ct), ct);
        await ScriptSession.LookAsync(file, () => guard.BeginAsync("", ct));
        await session.HoldLimitsAsync(file, local: true, ct);
        await session.BegunAsync(keepsSteps ? async c => (await steps.ReadAsync(c, CancellationToken.None)).Any(m => m.Name == file.Name && m.Done >= unit.Last) : null, ct);
        await session.SaveAsync(guard, allowed, file, PlaceOf(unit), ct);
        var atStake = await session.TablesAtStakeAsync(ct);
        await runner.RunAsync([.. unit.Statements.Skip(unit.Preamble)], unit.First + unit.Preamble, ct);
        await session.FireDeferredAsync(file, unit.Statements, ct);
        await guard.CheckCatalogLocksAsync(file, ct);
        await session.SaveWrittenAsync(atStake, file, ct);
        if (await guard.MissedAsync(session.Since, atStake, ct) is { Count: > 0 } missed)
            throw RowsSinceBackup.Missed(connection.Database, missed, $"The transaction that contains {PlaceOf(unit)} was rolled back.");
        var found = await ScriptSession.LookAsync(file, () => guard.EndAsync("", ct));
        found = [.. found, .. guard.Unproven.Select(c => new UnexpectedLoss(c.Finding.AllowAs, $"{c.Finding.Object} would be deleted, and its rows were not counted under a lock"))];
        await session.CheckCountsAsync(file, ct);
        session.CheckInside(found, file);
        session.CheckAllowed(found, $"Statements {unit.First} to {unit.Last} of {file.Name} were rolled back{(LeftParts ? "; the statements before them are committed" : "")}.");
        await MarkAsync(unit, ct);
        await session.CommitAsync(file, unit.Statements);
        Finish(unit, guard.Changes, found);
        sum.AllowedLosses.AddRange(guard.AllowedLosses);
        sum.HiddenUpdates.AddRange(guard.HiddenUpdates);
        sum.HiddenRewrites.AddRange(guard.HiddenRewrites);
        sum.LargeObjects += guard.LargeObjects;
        return true;
    }

    /// <summary>The script itself rolls it back, or it only reads: no checks and no mark are needed; the mark of the next part includes it.</summary>
    private async Task<bool> UnmarkedAsync(ScriptUnit unit, StatementRunner runner, CancellationToken ct)
    {
        var begin = await runner.BeginAsync(unit.Begin!, [.. unit.Statements.Take(unit.Preamble)], ct);
        if (begin.Length > 0)
            await connection.ExecuteAsync(begin, ct);
        await runner.RunAsync([.. unit.Statements.Skip(unit.Preamble)], unit.First + unit.Preamble, ct);
        if (!unit.RollsBack && session.Own is { } own && await connection.ScalarAsync<bool>("SELECT pg_catalog.txid_current_if_assigned() IS NOT NULL", ct))
            own.RanOutsideTransaction($"statements {unit.First} to {unit.Last} of {file.Name} wrote to the database, although they were expected to be read-only");
        await connection.ExecuteAsync(unit.RollsBack ? "ROLLBACK" : "COMMIT", CancellationToken.None);
        Finish(unit, [], []);
        return true;
    }

    private async Task<bool> LooseAsync(ScriptUnit unit, StatementRunner runner, CancellationToken ct)
    {
        // The connection may have been lost after the previous part.
        ThrowIfLost(keepsSteps);
        session.Own?.RanOutsideTransaction($"statement {unit.First} of {file.Name} ran outside a transaction");
        var before = unit.MayWriteRows(connection.PostgreSqlVersion.Major) ? await ScriptSession.LookAsync(file, () => StructureCensus.ReadAsync(connection, session.Project.History.Relation, CensusDepth.Rows, ct)) : null;
        var counts = before is null ? null : await StatementCounts.StartAsync(connection, session.Observer, ct);
        await SaveForAsync(unit, ct);
        var alone = new AloneStatement(session, keepsSteps ? steps : null, file, unit);
        part = ScriptEnd.RolledBack;
        try
        {
            await alone.RunAsync(runner, resumed, ct);
            LeftParts = true;
        }
        catch (Exception e) when (e is NpgsqlException or IOException && !session.IsOpen)
        {
            part = alone.End;
            await LookForAsync(alone, e);
        }
        catch
        {
            part = alone.End;
            throw;
        }

        await MarkAloneAsync(unit);
        var after = before is null ? null : await waitLimit.TryAsync(file.Name, () => ScriptSession.LookAsync(file, () => StructureCensus.ReadAsync(connection, session.Project.History.Relation, CensusDepth.Rows, ct)), () => Task.FromResult(ScriptEnd.RolledBack), ct);
        if (before is null || after is null)
        {
            Finish(unit, [], []);
            return true;
        }

        var losses = CensusComparison.Losses(before, after, session.Coverage, isShared: !session.AllowsLosses).ToList();
        // If the session was lost, it reports its statistics when it ends.
        if (session.IsOpen)
            losses.AddRange(await counts!.LossesAsync(connection, session.Observer, before, session.Coverage, onlyEmpty: !session.AllowsLosses && !session.CountsValues, ct));
        await session.CheckCountsAsync(file, ct);
        Finish(unit, CensusComparison.Changes(before, after), losses.DistinctBy(l => l.AllowAs));
        return true;
    }

    /// <summary>Locks do not last until a statement outside a transaction: rows that other sessions write in between are not saved.</summary>
    private async Task SaveForAsync(ScriptUnit unit, CancellationToken ct)
    {
        if (session.Since is not { } since || AllowedOf(unit) is not { Count: > 0 } allowed)
            return;
        since.Begin();
        await connection.ExecuteAsync("BEGIN TRANSACTION READ ONLY", ct);
        try
        {
            foreach (var claim in allowed)
                await since.SaveUnlockedAsync(connection, await HarmlessCount.ReachedAsync(connection, claim, ct), PlaceOf(unit), ct);
        }
        finally
        {
            if (session.IsOpen)
                await connection.ExecuteAsync("ROLLBACK", CancellationToken.None);
        }

        since.Keep(session.Events);
    }

    private IReadOnlyList<HarmlessClaim> AllowedOf(ScriptUnit unit) => [.. session.Coverage.AllowedOf(file).Where(c => c.Statement == 0 || (c.Statement >= unit.First && c.Statement <= unit.Last))];

    private string PlaceOf(ScriptUnit unit) => $"{file.RelativePath} line {unit.Statements[0].Line}";

    /// <summary>A statement outside a transaction was interrupted when the connection was lost.</summary>
    private async Task LookForAsync(AloneStatement alone, Exception cause)
    {
        if (await session.EndLostStatementAsync(alone.IsThereAsync) is true && keepsSteps)
            throw new SessionLostException("the connection was lost while an index was created or dropped; the server completed the statement", cause);
        if (part is ScriptEnd.Unknown)
            throw session.Unknown(file, cause, "a statement outside a transaction", cause.Message);
        throw cause;
    }

    private async Task MarkAloneAsync(ScriptUnit unit)
    {
        try
        {
            await MarkAsync(unit, CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or IOException && !session.IsOpen)
        {
            // The statement has finished, which is not recorded yet.
            await session.InNewSessionAsync(file, $"the mark of statement {unit.Last}", e, c => steps.MarkAsync(c, file, unit.Last, CancellationToken.None));
            throw new SessionLostException("the connection was lost after a statement outside a transaction, which is recorded as done", e);
        }
    }

    private void ThrowIfLost(bool canGoOn)
    {
        if (session.IsOpen)
            return;
        var lost = new IOException("the connection was lost");
        if (canGoOn)
            throw new SessionLostException("the connection was lost at COMMIT", lost);
        throw PgSession.Translate(new NpgsqlException(lost.Message, lost), session.Outcome.Target);
    }

    private void Finish(ScriptUnit unit, IEnumerable<TableChange> changed, IEnumerable<UnexpectedLoss> lost)
    {
        sum.Changes.AddRange(changed);
        sum.Losses.AddRange(lost);
        (Done, resumed) = (unit.Last, false);
        if (!unit.WritesNothing)
            marked = unit.Last;
    }

    /// <summary>No other run, and no other tool, works on this script at the same time: the history and the mark are unchanged, and remain locked until the part is committed.</summary>
    private async Task<bool> LockAsync(CancellationToken ct)
    {
        await session.History.CheckAsync(connection, file, ct);
        if (keepsSteps && await steps.LockAsync(connection, file, ct) is var found && found != marked)
            throw ErrorCatalogue.ResumeRefused.For(file.Name, $"its row in dbsafety.steps changed while it ran: {(found is null ? "the row no longer exists" : $"done is {found}")}, expected {marked}", "Another run is working on it. Run the migration again after that run has finished.");
        return true;
    }

    private Task MarkAsync(ScriptUnit unit, CancellationToken ct) =>
        keepsSteps ? AsOwnRoleAsync(async () => { await steps.MarkAsync(connection, file, unit.Last, ct); return true; }, ct, isLocal: unit.Begin is not null) : Task.CompletedTask;

    /// <summary>If a script has set a role, it is set again afterwards. SHOW takes no snapshot.</summary>
    /// <param name="isLocal">In a transaction: its end restores what the script has set for the session, also after SET LOCAL ROLE.</param>
    private async Task<T> AsOwnRoleAsync<T>(Func<Task<T>> work, CancellationToken ct, bool isLocal = true)
    {
        var (role, set) = (await connection.ScalarAsync<string>("SHOW role", ct), isLocal ? "SET LOCAL role" : "SET role");
        await connection.ExecuteAsync($"{set} TO DEFAULT", ct);
        var result = await work();
        if (role is not null and not "none")
            await connection.ExecuteAsync($"{set} TO {SqlName.Quote(role)}", ct);
        return result;
    }
}
