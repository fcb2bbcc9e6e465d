using System.Diagnostics;
using DbSafety.Analysis.Scripts;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>Runs a script in one transaction, together with the row of the migration history: both are committed, or neither.</summary>
/// <param name="reachedOut">The effects of the script that a rollback does not undo; null: none.</param>
internal sealed class OneTransaction(ScriptSession session, Func<Task<string?>> reachedOut)
{
    /// <summary>Each further attempt locks more of the objects that the script drops in code that cannot be analysed.</summary>
    private const int MostAttempts = 5;

    private readonly NpgsqlConnection connection = session.Connection;

    /// <summary>Objects that an attempt found dropped without a count under a lock: the next attempt locks and counts them first.</summary>
    private readonly List<HarmlessClaim> first = [];

    /// <summary>Columns that an attempt converted, although no statement shows it: the next attempt hashes their values first.</summary>
    private readonly List<HiddenConversion> converted = [];

    /// <summary>Tables that an attempt updated and locked: the next attempt counts their values first.</summary>
    private readonly List<uint> updated = [];

    /// <summary>Tables whose rows an attempt deleted before they were saved: the next attempt saves them first.</summary>
    private readonly List<HarmlessClaim> missed = [];

    /// <summary>The losses that the next attempt has to count; a script that cannot run again is refused because of them.</summary>
    private IReadOnlyList<UnexpectedLoss> unproven = [];

    /// <exception cref="StatementFailedException">It is not rolled back yet.</exception>
    /// <exception cref="DbSafetyException"><c>DBS409</c>, <c>DBS421</c> it would lose more than was allowed; <c>DBS422</c> another run has changed the migration history.</exception>
    public async Task<AppliedScript> RunAsync(MigrationFile file, ScriptPlan plan, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await AttemptAsync(file, plan, isLast: attempt == MostAttempts, ct) is { } applied)
                return applied;
            await session.RollBackAsync();
            // Only after the rollback: reading definitions would wait for the locks of the attempt.
            if (await reachedOut() is { } outside)
                session.CheckAllowed(unproven, $"{file.Name} was rolled back, and is not run again to count the rows, because it affects objects outside the database: {outside}.");
        }
    }

    /// <returns>Null if it must be rolled back and run again, with more locks.</returns>
    private async Task<AppliedScript?> AttemptAsync(MigrationFile file, ScriptPlan plan, bool isLast, CancellationToken ct)
    {
        var (history, clock) = (session.Project.History, Stopwatch.StartNew());
        var (runner, guard) = (session.Runner(file, plan), session.Guard(plan.Statements));
        var (claims, allowed) = (session.Coverage.ClaimsOf(file), session.Coverage.AllowedOf(file).Concat(missed).ToList());
        guard.RunsAgain = true;
        session.Since?.Begin();
        var begin = await runner.BeginAsync(plan.Begin, [.. plan.Statements.Take(plan.Preamble)], ct);
        await connection.ExecuteAsync(begin.Length == 0 ? session.Settings.Sql(local: true) : $"{begin}; {session.Settings.Sql(local: true)}", ct);
        await guard.Proof.LockEarlyAsync([.. first, .. claims, .. session.Since is null ? [] : allowed], file.RelativePath, ct);
        await session.History.CheckAsync(connection, file, ct);
        await ScriptSession.LookAsync(file, () => guard.BeginAsync("", ct));
        await ScriptSession.LookAsync(file, () => guard.NoteValuesAsync(converted, updated, ct));
        await guard.Proof.ProveAsync(first, file.RelativePath, Outcome(file), ct);
        var id = await history.StartAsync(connection, file, ct);
        await session.BegunAsync(session.IsApplied(file, id), ct);
        var atStake = await session.TablesAtStakeAsync(ct);
        await session.SaveHeldAsync(atStake, file, ct);
        await session.SaveAsync(guard, [.. allowed.Where(c => c.Statement == 0 || guard.Proof.IsTakenEarly)], file, file.RelativePath, ct);
        await RunStatementsAsync(file, plan, runner, guard, claims.Concat(allowed).ToLookup(c => c.Statement), atStake, ct);
        await session.FireDeferredAsync(file, plan.Statements, ct);
        await guard.CheckCatalogLocksAsync(file, ct);
        await session.SaveWrittenAsync(atStake, file, ct);
        await session.ResetRoleAsync(ct);
        // Before the last check, because the changes of triggers on the history are counted too.
        await history.FinishAsync(connection, id, clock.Elapsed, ct);
        var losses = await ScriptSession.LookAsync(file, () => guard.EndAsync("", ct));
        if (guard.Conversions.Count + guard.Uncounted.Count > 0 && !isLast)
        {
            converted.AddRange(guard.Conversions);
            updated.AddRange(guard.Uncounted);
            unproven = losses;
            return null;
        }

        if (await guard.MissedAsync(session.Since, atStake, ct) is { Count: > 0 } gone)
        {
            if (isLast)
                throw RowsSinceBackup.Missed(connection.Database, gone, Outcome(file));
            missed.AddRange(gone);
            unproven = [.. losses, .. gone.Select(g => new UnexpectedLoss(g.Finding.AllowAs, g.Finding.Message))];
            return null;
        }

        // On the copy of a rehearsal, no other session writes.
        if (guard.Unproven.Count > 0 && !session.AllowsLosses)
        {
            first.AddRange(guard.Unproven);
            unproven = [.. losses, .. guard.Unproven.Select(c => new UnexpectedLoss(c.Finding.AllowAs, $"{c.Finding.Object} would be deleted, and its rows were not counted under a lock"))];
            if (!isLast)
                return null;
            losses = unproven;
        }

        await session.CheckCountsAsync(file, ct);
        session.CheckInside(losses, file);
        if (losses.Count > 0 && !session.AllowsLosses)
        {
            // The counts for the error message must not block other sessions.
            await session.RollBackAsync();
            losses = await LossCounts.AddAsync(session.Observer, losses, ct);
        }

        session.CheckAllowed(losses, $"{file.Name} was rolled back.");
        var entries = await history.ReadAsync(connection, ct);
        await session.CommitAsync(file, plan.Statements);
        session.History.Committed(entries);
        return new AppliedScript(file.Name, clock.Elapsed, OneTransaction: true, Retries: 0) { Changes = guard.Changes, Losses = losses, Locks = guard.Locks, HiddenUpdates = guard.HiddenUpdates, HiddenRewrites = guard.HiddenRewrites, LargeObjects = guard.LargeObjects, AllowedLosses = guard.AllowedLosses };
    }

    /// <summary>A destructive statement on an empty object runs immediately after the object has been locked and counted again; an allowed statement runs after rows that are not in the backup have been saved.</summary>
    private async Task RunStatementsAsync(MigrationFile file, ScriptPlan plan, StatementRunner runner, ChangeGuard guard, ILookup<int, HarmlessClaim> claims, IReadOnlySet<uint> atStake, CancellationToken ct)
    {
        var from = plan.Preamble;
        for (var i = from; i < plan.Statements.Count; i++)
        {
            var statement = plan.Statements[i];
            var (harmless, allowed) = (claims[statement.Ordinal].Where(c => !c.IsAllowed).ToList(), claims[statement.Ordinal].Where(c => c.IsAllowed).ToList());
            var mayAlter = atStake.Count > 0 && allowed.Count == 0 && statement.StartsWith("alter");
            if (harmless.Count == 0 && !mayAlter && (allowed.Count == 0 || session.Since is null))
                continue;
            await runner.RunAsync(Statements(plan, from, i), from + 1, ct);
            await guard.CheckCatalogLocksAsync(file, ct);
            // First, because the proof may block reads.
            if (mayAlter)
                await session.SaveBeforeAsync(guard, statement, atStake, file, ct);
            else
                await session.SaveAsync(guard, allowed, file, $"{file.RelativePath} line {statement.Line}", ct);
            await guard.Proof.ProveAsync(harmless, file.RelativePath, Outcome(file), ct);
            from = i;
        }

        await runner.RunAsync(Statements(plan, from, plan.Statements.Count), from + 1, ct);
    }

    private static IReadOnlyList<SqlStatement> Statements(ScriptPlan plan, int from, int to) => [.. plan.Statements.Skip(from).Take(to - from)];

    private static string Outcome(MigrationFile file) => $"{file.Name} was rolled back.";
}
