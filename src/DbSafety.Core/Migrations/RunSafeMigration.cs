using DbSafety.Audit;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations;

/// <summary>Checks, backs up, rehearses, applies and verifies the pending migrations, or restores the backup.</summary>
public sealed class RunSafeMigration : IOperation<SafeMigrationRequest, SafeMigration>
{
    /// <inheritdoc/>
    /// <remarks>A run that fails raises a <see cref="SafeMigrationFailedEvent"/> with its stages before it throws.</remarks>
    public Task<SafeMigration> RunAsync(SafeMigrationRequest request, IOperationEvents events, CancellationToken ct) =>
        AuditLog.RecordAsync(request.Target.Log("migration run") with { IsPlan = request.WhatIf }, events, e => MigrateAsync(request, e, ct), m => m.Logged, e => (e as SafeMigrationFailedEvent)?.Run.Logged);

    private static async Task<SafeMigration> MigrateAsync(SafeMigrationRequest request, IOperationEvents events, CancellationToken ct)
    {
        request = request with { Target = await DirectAddress.ForMigrationsAsync(request.Target, request.Path, ProjectRoot.Of, events, ct) };
        var project = MigrationProject.Open(request.Path, request.Target, request.Command is not null, request.Source);
        if (request.Command is null && project.Folder.Tool is { } tool)
            throw ErrorCatalogue.ToolNeedsCommand.For(project.Folder.Root, tool.Name, project.History.Name,
                $"{Advice.Of($"--command '{tool.Command}'")}.{(project.Folder.CanBeSql ? $" To run these files as plain SQL files with a separate migration history: {Advice.Of($"--source sql")}." : "")}");
        await using var run = new SafeMigrationRun(request, project, events);
        try
        {
            return await CheckAsync(run, ct) is { } ended ? ended : await ChangeAsync(run, ct);
        }
        catch (NpgsqlException e)
        {
            ct.ThrowIfCancellationRequested();
            throw PgSession.Translate(e, request.Target);
        }
    }

    /// <summary>The stages that do not change production. Returns the result if the run ends there.</summary>
    private static async Task<SafeMigration?> CheckAsync(SafeMigrationRun run, CancellationToken ct)
    {
        try
        {
            await run.StageAsync("preflight", () => Preflight.RunAsync(run, ct));
            if (run.Pending.Count == 0 && !run.IsPendingUnknown)
                return run.Result(SafeMigrationOutcome.NothingToDo);
            await run.StageAsync("analyse", () => AnalyseAsync(run, ct));
            await run.StageAsync("gate", () => Gate.PassAsync(run, ct));
            if (run.Request.WhatIf)
                return await PlanAsync(run);
            await OrSkipAsync(run, "back up", run.Request.SkipBackup, () => BackUp.RunAsync(run, ct));
            await OrSkipAsync(run, "rehearse", run.Request.SkipRehearsal, () => Rehearse.RunAsync(run, ct));
            StepPoint.Reach("migration run: rehearsed");
            // A tool may have created its history since; conditions that do not stop the run were reported in the preflight.
            await OtherHistory.CheckAsync(run.Project, run.History.Expected, run.Connection, run.Request, OperationEvents.None, ct);
            run.Input?.CheckSame(run);
            if (!run.HasNothingToDo)
                return null;
            run.Skip("apply", $"{run.Request.Command} changed nothing on the copy, so it was not run on {run.Request.Target.Database}");
            return run.Result(SafeMigrationOutcome.NothingToDo);
        }
        catch (Exception e)
        {
            var changed = e is DbSafetyException known && known.Definition == ErrorCatalogue.ProductionChanged;
            run.Events.Raise(new SafeMigrationFailedEvent(run.Result(changed ? SafeMigrationOutcome.Unknown : SafeMigrationOutcome.Refused)));
            throw;
        }
    }

    private static async Task<SafeMigration> ChangeAsync(SafeMigrationRun run, CancellationToken ct)
    {
        try
        {
            PinnedBackup.Pin(run);
            await run.StageAsync("apply", () => run.Request.Command is null ? Apply.RunAsync(run, ct) : CommandRun.ApplyAsync(run, ct));
            await run.StageAsync("verify", () => Verify.RunAsync(run, ct));
            PinnedBackup.Decide(run);
            return run.Result(SafeMigrationOutcome.Applied);
        }
        catch (Exception e)
        {
            // A stop on request must not stop the restore.
            run.Since?.Failed(run.ScriptEnd == ScriptEnd.Unknown, run.Events);
            var (outcome, hint) = await RestoreAfterFailure.RunAsync(run, CancellationToken.None);
            run.Events.Raise(new SafeMigrationFailedEvent(run.Result(outcome)));
            if (e is StatementFailedException failure)
                throw ErrorCatalogue.MigrationFailed.Because(e, run.Pending.First(f => f.RelativePath == failure.Error.File).Name, failure.Message, hint);
            if (outcome != SafeMigrationOutcome.RolledBack)
                run.Events.Warning(hint);
            throw;
        }
    }

    private static async Task<string> AnalyseAsync(SafeMigrationRun run, CancellationToken ct)
    {
        if (run.IsPendingUnknown)
            return $"no scripts that can be analysed: only {run.Request.Command} can read them";
        run.Findings = await AnalyseMigrations.JudgeAsync(run.Project.Folder.WithCallbacks(run.Pending), run.Connection, run.Request.Target, run.Project.Schema, Gate.Unprovable(run), run.Events, ct);
        return run.Findings.Count == 0 ? "no findings" : string.Join(", ", run.Findings.GroupBy(f => f.Severity).OrderByDescending(g => g.Key).Select(g => $"{g.Count()} {g.Key}"));
    }

    private static async Task OrSkipAsync(SafeMigrationRun run, string stage, bool skip, Func<Task<string>> work)
    {
        if (skip)
            run.Skip(stage, "skipped by option");
        else
            await run.StageAsync(stage, work);
    }

    private static async Task<SafeMigration> PlanAsync(SafeMigrationRun run)
    {
        var request = run.Request;
        run.Plan("back up", request.SkipBackup ? "skipped by option" : $"to {request.BackupDestination ?? SafeMigrationRequest.DefaultBackupDestination}{await PastAsync("backup", "back up")}");
        run.Plan("rehearse", request.SkipRehearsal ? "skipped by option" : $"on a copy restored from the backup{Rehearse.ByUs(request)}{(request.AllowUnisolatedCommand && request.Command is not null ? ", not isolated from the database itself" : "")}{await PastAsync("rehearsal", "rehearse")}");
        if (request.Command is { } command)
        {
            run.Plan("apply", $"{command}{CommandRun.Place(run)}");
            run.Plan("verify", "rows counted before and after, including changes by other sessions");
            return run.Result(SafeMigrationOutcome.Planned);
        }

        run.Plan("apply", string.Join("; ", run.Pending.Select(f => $"{f.Name} {(ScriptPlan.For(f, run.Project.Folder.Source, run.Connection.PostgreSqlVersion.Major).OwnWay is { } why ? $"statement by statement, because {why}" : "in one transaction")}")));
        run.Plan("verify", "rows changed, by PostgreSQL's own count");
        return run.Result(SafeMigrationOutcome.Planned);

        async Task<string> PastAsync(string what, string stage) => await PastDuration.TextAsync(request.Target, "migration run", what, stage) is { } text ? $"; {text}" : "";
    }
}
