using System.Globalization;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;
using DbSafety.Restores.Creation;
using DbSafety.Tools.Isolation;

namespace DbSafety.Migrations.Stages;

/// <summary>Stage 5: the migrations run on a copy first. A failure or a loss there stops the run before production is changed.</summary>
internal static class Rehearse
{
    /// <exception cref="DbSafetyException"><c>DBS404</c>, <c>DBS405</c>, <c>DBS408</c>, <c>DBS450</c> to <c>DBS453</c>, <c>DBS456</c> to <c>DBS460</c>, <c>DBS464</c>.</exception>
    public static async Task<string> RunAsync(SafeMigrationRun run, CancellationToken ct)
    {
        if (run is { IsPendingUnknown: true, Request.Command.IsRehearsed: false })
            throw ErrorCatalogue.NoRehearsal.For(run.Request.Target.Database, "a command in a container cannot connect to a copy, and the folder has no scripts to rehearse instead", $"Run the command on this machine, without {Advice.Of($"--command-container")}");
        if (run.Backup is { } backup)
            return await OnAsync(run, backup, ct);
        var folder = Directory.CreateTempSubdirectory("dbsafety-rehearsal-").FullName;
        try
        {
            return await OnAsync(run, await BackUp.TakeAsync(run, folder, "rehearsal", ct), ct);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> OnAsync(SafeMigrationRun run, PgBackup backup, CancellationToken ct)
    {
        run.Events.Progress("Rehearsing", $"restoring {backup.Database} to a copy");
        // Before the copy is created: restoring it may access other servers too.
        var production = await ProductionWatch.StartAsync(run, backup, ct);
        await using var place = await RehearsalPlace.MakeAsync(run, backup, ct);
        production.IsIsolated = place.IsIsolated;
        await using var copy = await run.Project.ConnectAsync(place.AsOwner, "dbsafety rehearsal", ct);
        if (run.Request.Command is { IsRehearsed: true })
            return await ByCommandAsync(run, production, place, copy, ct);
        try
        {
            var evidence = await ByScriptsAsync(run, place, copy, ct);
            await production.CheckScriptsAsync(ct);
            return evidence;
        }
        catch (RehearsalEndedException e)
        {
            throw e.At(run.Request.Target.Database, await production.LookAsync());
        }
    }

    private static async Task<string> ByScriptsAsync(SafeMigrationRun run, RehearsalPlace place, Npgsql.NpgsqlConnection copy, CancellationToken ct)
    {
        var coverage = await Coverage.ResolveAsync(copy, run.Allowed, isExact: true, ct);
        var before = await StructureCensus.ReadAsync(copy, run.Project.History.Relation, CensusDepth.Values, ct);
        var objects = await LargeObjectLosses.ReadAsync(copy, ct);
        await using var applier = new MigrationApplier(new MigrationApplierSettings(run.Project, place.AsRole, copy, coverage, run.Settings, new HistoryGuard(run.Project.History, run.History.Expected)) { AllowsLosses = true }, run.Events);
        var done = new List<AppliedScript>();
        foreach (var file in run.Pending)
        {
            run.Events.Progress("Rehearsing", file.Name, (double)done.Count / run.Pending.Count);
            try
            {
                done.Add(await applier.ApplyAsync(file, ct));
            }
            catch (StatementFailedException e)
            {
                throw new RehearsalEndedException(ReachedOut(file, e) ? ErrorCatalogue.RehearsalReached : ErrorCatalogue.RehearsalFailed, e.Message, e);
            }
            catch (Exception e) when (!ct.IsCancellationRequested && (e is Npgsql.NpgsqlException || (e as DbSafetyException)?.Definition == ErrorCatalogue.OutcomeUnknown))
            {
                throw new RehearsalEndedException(ErrorCatalogue.RehearsalFailed, $"{file.Name} terminated the connection to the copy, or its server: {await place.LastFatalAsync() ?? e.Message}", e);
            }
        }

        var after = await StructureCensus.ReadAsync(copy, run.Project.History.Relation, CensusDepth.Values, ct);
        var values = CensusComparison.ValueLosses(before, after, coverage, RunChanges.Sum(done)).ToLookup(v => v.IsAllowed, v => v.Loss);
        IReadOnlyList<UnexpectedLoss> losses = [.. done.SelectMany(d => d.Losses), .. CensusComparison.Losses(before, after, coverage), .. values[false], .. LargeObjectLosses.Between(objects, await LargeObjectLosses.ReadAsync(copy, ct), coverage)];
        await JudgeAsync(run, LossCounts.Add(before, losses), ct);
        run.RehearsedValues = [.. values[true]];
        return $"on {place.Description}{ByUs(run.Request)}, {place.Isolation}: {string.Join("; ", done.Select(d => d.Evidence))}{NotRehearsed(run, place)}";
    }

    /// <summary>A rehearsal does not show the effects of such a statement on other servers, even if it succeeds: a block may catch its error.</summary>
    private static string NotRehearsed(SafeMigrationRun run, RehearsalPlace place)
    {
        var outside = place.IsIsolated ? OutsideReach.ByWords.In(run.Pending).ToList() : [];
        return outside.Count == 0 ? "" : $"; not rehearsed, because it acts outside the database: {string.Join("; ", outside)}";
    }

    /// <summary>No address can be reached from the copy: the error of a foreign server, dblink, a publisher, or a program that needs one.</summary>
    private static bool ReachedOut(MigrationFile file, StatementFailedException e) =>
        DisabledExtensions.IsIn(e.InnerException as Npgsql.PostgresException) || e.Error.SqlState is ['0', '8', ..] or ['H', 'V', ..] or Npgsql.PostgresErrorCodes.ExternalRoutineException
        || (e.Error.SqlState is not ['4' or '2', ..] && OutsideReach.ByWords.In([file]).Any(s => s.Line <= e.Error.Line && s.Text == e.Error.Statement));

    /// <summary>A command in a container connects only to its own database.</summary>
    public static string ByUs(SafeMigrationRequest request) =>
        request.Command is { Container: { } container } ? $" (the scripts only, because a command in {container} cannot connect to a copy)" : "";

    private static async Task<string> ByCommandAsync(SafeMigrationRun run, ProductionWatch production, RehearsalPlace place, Npgsql.NpgsqlConnection copy, CancellationToken ct)
    {
        using var isolation = await IsolatedCopy.OpenAsync(run, place, ct);
        production.IsIsolated = isolation is not null;
        try
        {
            var evidence = isolation is null ? await UnisolatedAsync(run, place, copy, ct) : await ByCommandAsync(run, place, copy, isolation, ct);
            await production.CheckQuicklyAsync(ct);
            return evidence;
        }
        catch (Exception e) when (e is not OutOfMemoryException && (e as DbSafetyException)?.Definition != ErrorCatalogue.ProductionChanged)
        {
            // A failed command may have accessed production nevertheless.
            var untouched = await production.CheckAllAsync(e);
            if (e is RehearsalEndedException ended)
                throw ended.At(run.Request.Target.Database, untouched);
            throw;
        }
    }

    private static async Task<string> UnisolatedAsync(SafeMigrationRun run, RehearsalPlace place, Npgsql.NpgsqlConnection copy, CancellationToken ct)
    {
        run.Events.Warning($"the command is rehearsed without isolation: if it does not take the address from the environment variables that DbSafety sets, it connects to {run.Request.Target.Database} itself");
        await using var hold = await HistoryHold.TakeAsync(run, ct);
        if (hold is null)
            return await ByCommandAsync(run, place, copy, null, ct);
        try
        {
            return await hold.WatchAsync(token => ByCommandAsync(run, place, copy, null, token), ct);
        }
        catch (Exception e) when (hold.Waiter is { } waiter && e is not OutOfMemoryException)
        {
            throw ErrorCatalogue.CommandAtProduction.Because(e, run.Request.Command!.ToString(), run.Request.Target.Database, waiter);
        }
    }

    private static async Task<string> ByCommandAsync(SafeMigrationRun run, RehearsalPlace place, Npgsql.NpgsqlConnection copy, IsolatedCopy? isolation, CancellationToken ct)
    {
        try
        {
            var done = await CommandRun.RehearseAsync(run, place.AsRole, copy, isolation, ct);
            await JudgeAsync(run, done.Losses, ct);
            run.RehearsedValues = [.. done.AllowedLosses.Where(l => l.Values > 0)];
            return $"on {place.Description}, {place.Isolation}{(isolation is null ? ", the command itself without isolation" : $", the only database that the command could connect to{(isolation.FoundAllSockets ? "" : $" (files were searched for other servers' sockets for {LocalSockets.SearchLimit.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s, and the search did not finish)")}")}: {done.Evidence}{NotRehearsed(run, place)}";
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.CommandFailed)
        {
            throw new RehearsalEndedException(ErrorCatalogue.RehearsalFailed, e.Message, e);
        }
    }

    private static async Task JudgeAsync(SafeMigrationRun run, IReadOnlyList<UnexpectedLoss> losses, CancellationToken ct)
    {
        var real = new List<UnexpectedLoss>();
        foreach (var loss in losses.DistinctBy(l => l.AllowAs))
        {
            if (await HarmlessAsync(run, loss, ct) is { } harmless)
                run.Allowed = run.Allowed with { Harmless = [.. run.Allowed.Harmless, harmless] };
            else
                real.Add(loss);
        }

        if (real.Count > 0)
            throw new RehearsalEndedException(ErrorCatalogue.RehearsalLost, $"{string.Join("; ", real)} (to allow it: {Advice.Allow(real.Select(l => l.AllowAs))})", null);
    }

    /// <summary>A column that is dropped by code that cannot be analysed, such as a DO block, is not a loss if it has no values in production.</summary>
    private static async Task<MigrationFinding?> HarmlessAsync(SafeMigrationRun run, UnexpectedLoss loss, CancellationToken ct)
    {
        // If rows cannot be counted again under a lock, no count decides.
        if (run.Request.Command is not null || run.Pending.Any(f => Gate.Unprovable(run)(f.RelativePath) is not null))
            return null;
        if (!loss.AllowAs.StartsWith("drop-column:", StringComparison.Ordinal) || loss.Column is not var (schema, table, column)
            || await run.Connection.ScalarAsync<bool>($"SELECT EXISTS (SELECT FROM {SqlName.Quote(schema, table)} WHERE {SqlName.Quote(column)} IS NOT NULL)", ct))
            return null;
        var lost = HarmlessClaim.Hidden("drop-column", loss.AllowAs["drop-column:".Length..], loss.Text, new LiveQuestion(LiveFactKind.Values, new RelationName(schema, table)) { Column = column });
        return lost with { Severity = FindingSeverity.Info, Message = $"{loss}: it has no values", LoweredFrom = lost };
    }
}
