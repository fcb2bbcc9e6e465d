using System.Diagnostics;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Concurrency;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using DbSafety.Tools.Isolation;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>
/// The project's own command between two counts. Its sessions cannot be observed: its changes are found by comparison, including changes that
/// other sessions make while it runs.
/// </summary>
internal static class CommandRun
{
    private static readonly TimeSpan SessionEnd = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan SessionInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>On the copy.</summary>
    /// <param name="target">As production's role.</param>
    /// <param name="copy">With a role that can read everything.</param>
    /// <param name="isolation">Null: the command may reach production.</param>
    /// <exception cref="DbSafetyException"><c>DBS417</c> to <c>DBS419</c>, <c>DBS457</c>, <c>DBS458</c>.</exception>
    public static async Task<AppliedScript> RehearseAsync(SafeMigrationRun run, DatabaseTarget target, NpgsqlConnection copy, IsolatedCopy? isolation, CancellationToken ct)
    {
        var (command, production) = (run.Request.Command!, run.Request.Target);
        var reached = isolation?.Target ?? target;
        var variables = CommandEnvironment.Names(reached, production, ProjectRoot.Of(run.Request.Path));
        var project = new ProjectCommand(command, run.Request.Path, run.Events) { CopyOf = production, Isolation = isolation };
        return await BetweenCountsAsync(run, project, reached, copy, RanAsync, ct);

        async Task RanAsync(DbSafetyException? failure, long written)
        {
            if (failure is not null && isolation is not null && failure.Definition == ErrorCatalogue.CommandFailed && (!isolation.WasReached || NoServerResponse.IsIn(failure.Message)))
                throw ErrorCatalogue.CommandMissedCopy.Because(failure, command.ToString(), production.Database, $"{(isolation.WasReached ? "an address did not answer" : "it did not connect to the copy")}: {failure.Message.Replace($"the command {command} failed: ", "", StringComparison.Ordinal)}", variables);
            if (failure is not null || await TransactionsAsync(copy, ct) != written)
                return;
            // A command with nothing to do is known by its connection alone.
            run.HasNothingToDo = !run.Project.IsRecordedByTool && isolation is { WasReached: true };
            if (!run.HasNothingToDo)
                throw ErrorCatalogue.CommandChangedNothing.For(command.ToString(), production.Database, isolation is { WasReached: false } ? "it did not connect to it" : "no transaction wrote to the copy, not even to its migration history", variables);
        }
    }

    /// <summary>For the evidence.</summary>
    public static string Place(SafeMigrationRun run) => run.Request.Command is { Container: null } ? $", in {ProjectRoot.Of(run.Request.Path)}" : "";

    /// <summary>Counts those that have written.</summary>
    private static Task<long> TransactionsAsync(NpgsqlConnection copy, CancellationToken ct) =>
        copy.ScalarAsync<long>("SELECT pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot())", ct);

    /// <summary>Stage 6: on production.</summary>
    /// <exception cref="DbSafetyException"><c>DBS461</c>, <c>DBS417</c> to <c>DBS420</c>, <c>DBS467</c>.</exception>
    public static async Task<string> ApplyAsync(SafeMigrationRun run, CancellationToken ct)
    {
        if (run.Request.SkipRehearsal)
            run.Events.Warning($"{run.Request.Command} was not rehearsed: overwritten values are not detected; rows, values and large objects are only counted before and after it, including changes by other sessions");
        await Preflight.LetPrismaInAsync(run, ct);
        run.HalfDone = true;
        var states = await run.Project.StatesAsync(run.Connection, ct);
        try
        {
            StepPoint.Reach("migration run: command about to start");
            var done = await BetweenCountsAsync(run, new ProjectCommand(run.Request.Command!, run.Request.Path, run.Events), run.Request.Target, run.Connection, null, ct);
            run.Applied.Add(done);
            if (done.Losses.Count > 0)
            {
                PinnedBackup.Decide(run, more: true);
                throw ErrorCatalogue.LossCommitted.For(run.Request.Target.Database, string.Join("; ", done.Losses), $"{done.Name} has run.");
            }

            return $"{done.Evidence}{Place(run)}";
        }
        catch
        {
            await EndSessionsAsync(run);
            run.HalfDone = await MayHaveWrittenAsync(run, states);
            throw;
        }
    }

    /// <summary>Whether any session, including the command's, has written since the backup, as far as known.</summary>
    private static async Task<bool> MayHaveWrittenAsync(SafeMigrationRun run, IReadOnlyList<PgMigration> states)
    {
        try
        {
            return run.Backup is null || (await run.FindWritesAsync(run.Backup, CancellationToken.None)).Writes is not ConcurrentWrites.None
                || !states.SequenceEqual(await run.Project.StatesAsync(run.Connection, CancellationToken.None));
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            return true;
        }
    }

    private static async Task<AppliedScript> BetweenCountsAsync(
        SafeMigrationRun run, ProjectCommand project, DatabaseTarget target, NpgsqlConnection reader, Func<DbSafetyException?, long, Task>? ran, CancellationToken ct)
    {
        var command = run.Request.Command!;
        // The rows cannot be counted again inside its transaction, so no earlier count is used.
        var coverage = await Coverage.ResolveAsync(reader, run.Allowed with { Harmless = [] }, isExact: false, ct);
        var losses = await CommandLosses.StartAsync(run, reader, coverage, project.CopyOf is not null, ct);
        var written = await TransactionsAsync(reader, ct);
        var statistics = await TableStatistics.StartAsync(reader, ct);
        var clock = Stopwatch.StartNew();
        try
        {
            await project.RunAsync(target, ct);
        }
        catch (DbSafetyException e) when (ran is not null)
        {
            await ran(e, written);
            throw;
        }

        var held = clock.Elapsed;
        if (ran is not null)
            await ran(null, written);
        var open = await PendingAsync(run, reader, ct);
        if (open.Count > 0)
            throw ErrorCatalogue.CommandIncomplete.For(command.ToString(), $"{string.Join(", ", open)} {(open.Count == 1 ? "is" : "are")} still pending on {target.Database} at {target.Server}");
        if (ran is null && !run.Request.SkipRehearsal && command.IsRehearsed && await TransactionsAsync(reader, ct) == written)
            throw ErrorCatalogue.CommandSkipped.For(command.ToString(), target.Database);
        var found = await losses.EndAsync(ct);
        var replaced = await ReplacedAsync(project, reader, statistics, losses.Before, losses.After, coverage, ct);
        // On production, other sessions also delete and insert rows.
        if (project.CopyOf is null && replaced.Count > 0)
            run.Events.Warning($"while the command ran: {string.Join("; ", replaced)}, by the command or by other sessions");
        return found with { Name = command.ToString(), Held = held, Losses = [.. project.CopyOf is null ? [] : replaced, .. found.Losses] };
    }

    /// <summary>Rows that were deleted while other rows were inserted, from the cumulative statistics: two row counts do not show them. A row that moves to another partition is deleted in one of them.</summary>
    private static async Task<List<UnexpectedLoss>> ReplacedAsync(
        ProjectCommand project, NpgsqlConnection reader, TableStatistics statistics, StructureCensus before, StructureCensus after, Coverage coverage, CancellationToken ct)
    {
        if (project.CopyOf is not null)
            await WaitForSessionsAsync(reader, ct);
        var deleted = await statistics.DeletedAsync(reader, ct);
        return [.. before.Tables.Values
            .Where(t => t is { IsPartition: false, IsMaterializedView: false, Rows: > 0 } && !coverage.Rows(t.Oid, RowLoss.Deleted) && deleted.ContainsKey(t.Oid)
                && after.Tables.TryGetValue(t.Oid, out var now) && now.Rows >= t.Rows)
            .Select(t => new UnexpectedLoss(
                $"delete-rows:{new RelationName(t.Schema, t.Name).Display("public")}",
                $"{Math.Min(deleted[t.Oid], t.Rows!.Value):N0} of {t.Rows:N0} rows of {new RelationName(t.Schema, t.Name).Display("public")} {(project.CopyOf is null ? "were" : "would be")} deleted, and other rows inserted"))];
    }

    /// <summary>A session reports its statistics when it ends, which is after its client has exited.</summary>
    private static async Task WaitForSessionsAsync(NpgsqlConnection copy, CancellationToken ct)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < SessionEnd; await Task.Delay(SessionInterval, ct))
        {
            if (!await copy.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND pid <> pg_catalog.pg_backend_pid() AND backend_type = 'client backend')", ct))
                return;
        }
    }

    private static async Task<List<string>> PendingAsync(SafeMigrationRun run, NpgsqlConnection reader, CancellationToken ct)
    {
        if (!run.Project.IsRecordedByTool)
            return [];
        var applied = (await run.Project.StatesAsync(reader, ct)).Where(s => s.State == MigrationState.Applied).Select(s => s.Name);
        return [.. run.Pending.Where(p => !p.IsRepeatable).Select(p => p.Name).Except(applied, StringComparer.Ordinal)];
    }

    /// <summary>A client that was killed leaves its statement running on the server.</summary>
    private static async Task EndSessionsAsync(SafeMigrationRun run)
    {
        try
        {
            await run.Connection.ExecuteAsync(
                "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND application_name = $1", CancellationToken.None, ProjectCommand.SessionName);
        }
        catch (NpgsqlException e)
        {
            run.Events.Warning($"sessions that the command left open could not be terminated: {e.Message}");
        }
    }
}
