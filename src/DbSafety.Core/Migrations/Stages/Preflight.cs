using DbSafety.Analysis.Scripts;
using DbSafety.Backups;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Space;
using DbSafety.Errors;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Histories.Reading;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;
using DbSafety.Restores;
using DbSafety.Restores.Sessions;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>Stage 1: checks the prerequisites, and that no other run is in progress.</summary>
internal static class Preflight
{
    /// <summary>The key of Prisma's advisory lock (prisma-engines, flavour/postgres.rs): Prisma's <c>migrate deploy</c> waits for this run, and this run detects Prisma's lock.</summary>
    private const long PrismaLock = 72707369;

    private const int EndingTries = 20;

    private static readonly TimeSpan EndingInterval = TimeSpan.FromMilliseconds(100);

    public static async Task<string> RunAsync(SafeMigrationRun run, CancellationToken ct)
    {
        var target = run.Request.Target;
        run.Input = run.Request.Command is { IsRehearsed: true } ? CommandInput.Of(run.Project.Folder) : null;
        run.Guard = await ServerLock.TakeAsync(target, "migration run", ct);
        if (!run.Request.WhatIf)
            await AbandonedObjects.RemoveAbandonedAsync(run.Guard.Connection, target, run.Events, ct);
        var connection = run.Connection = await run.Project.ConnectAsync(target, "dbsafety migration run", ct);
        // The backup must be restorable in the same way.
        if (!run.Request.SkipBackup)
            await PoolerCheck.CheckToolsAsync(target, ct);
        if (run.Project.Folder.Source == MigrationSource.Prisma)
            await LockPrismaOutAsync(connection, target, ct);
        var (history, states) = await run.Project.WithinLimitAsync(target, connection, run.Events, () => ReadAsync(run, connection, ct), ct);
        if (run.Request.AllowOutOfOrder)
            states = [.. states.Select(s => s.State == MigrationState.OutOfOrder ? s with { State = MigrationState.Pending } : s)];
        if (!run.IsPendingUnknown)
            CheckOrder(target, run.Project.Folder.Tool is null ? states : [.. states.Where(s => s.State != MigrationState.Missing)]);
        foreach (var unlisted in states.Where(s => s.State == MigrationState.Unlisted))
            run.Events.Warning($"{unlisted.Name} is not run: {unlisted.Note}");
        run.Pending = run.Project.FilesOf(states.Where(s => s.IsPending));
        if (run.Request.Command is null && run.Pending.FirstOrDefault(f => f.Doubt is not null) is { } doubtful)
            throw ErrorCatalogue.DoubtfulFile.For(doubtful.Name, doubtful.Doubt!, run.Request.Path);
        if (run.Request.Command is null && run.Pending.FirstOrDefault(f => f.OrderDoubt is not null) is { } unordered && NameOrder.Unknown([.. run.Pending.Select(f => f.Name)]) is { } order)
            throw ErrorCatalogue.FileOrderUnknown.For(unordered.Name, order);
        if (run.Request.Command is null && run.Project.Folder.Source == MigrationSource.Prisma && PrismaOrder.Unknown([.. run.Pending.Select(p => p.Name)]) is var (first, second))
            throw ErrorCatalogue.OrderUnknown.For(first, second);
        run.Project.NameCallbacks(run.Events);
        run.Project.NameUnrecorded(history, run.Events);
        if (run.Project.Folder.Tool is null)
            ScriptPlan.Check(run.Pending, run.Project.Folder.Source, connection.PostgreSqlVersion.Major, StringReading.AreUncertain(connection.PostgresParameters));
        run.HasHistory = states.Any(s => s.AppliedAt is not null || s.State is MigrationState.Applied or MigrationState.RolledBack or MigrationState.Failed);
        await BaselineCheck.CheckAsync(run, ct);
        await IsolatedCopy.PrepareAsync(run, ct);
        WarnOfRedirectedVariables(run);
        await WarnOfForeignTablesAsync(run, connection, ct);
        await WarnOfLongTransactionsAsync(run, connection, ct);
        var server = $"PostgreSQL {connection.PostgreSqlVersion} at {target.Server}, as {target.Username}";
        if (run.IsPendingUnknown)
            return $"{server}; only the command knows which migrations are pending{await FreeSpaceAsync(run, connection, ct)}";
        return $"{server}; {states.Count(s => s.State == MigrationState.Applied)} applied, "
            + (run.Pending.Count == 0 ? "none pending" : $"{run.Pending.Count} pending: {string.Join(", ", run.Pending.Select(p => p.Name))}{await FreeSpaceAsync(run, connection, ct)}");
    }

    private static async Task<(IReadOnlyList<HistoryEntry> History, IReadOnlyList<PgMigration> States)> ReadAsync(SafeMigrationRun run, NpgsqlConnection connection, CancellationToken ct)
    {
        run.Project = await OtherHistory.ForCommandAsync(run, connection, ct);
        var history = await run.Project.History.ReadAsync(connection, ct);
        run.History = new HistoryGuard(run.Project.History, history);
        await OtherHistory.CheckAsync(run.Project, history, connection, run.Request, run.Events, ct);
        return (history, await run.Project.StatesAsync(connection, history, ct));
    }

    /// <summary>The stages warn if free space is low; this check reports before any work that free space is insufficient.</summary>
    private static async Task<string> FreeSpaceAsync(SafeMigrationRun run, NpgsqlConnection connection, CancellationToken ct)
    {
        var (request, checks) = (run.Request, new List<DiskSpaceCheck?>());
        if (!request.SkipBackup)
            checks.Add(await BackupSpace.JudgeAsync(connection, new BackupRequest(request.Target, request.BackupDestination ?? SafeMigrationRequest.DefaultBackupDestination) { Environment = request.Environment }, ct));
        if (!request.SkipRehearsal)
            checks.Add(await RestoreSpace.JudgeCopyAsync(connection, request.Target, ct));
        checks.ForEach(check => check?.ThrowOrWarn(OperationEvents.None));
        return string.Concat(checks.OfType<DiskSpaceCheck>().Select(check => $"; {check}"));
    }

    /// <summary>For Prisma itself, which acquires its lock again.</summary>
    public static async Task LetPrismaInAsync(SafeMigrationRun run, CancellationToken ct)
    {
        if (run.Project.Folder.Source == MigrationSource.Prisma)
            await run.Connection.ExecuteAsync("SELECT pg_catalog.pg_advisory_unlock($1)", ct, PrismaLock);
    }

    private static async Task LockPrismaOutAsync(NpgsqlConnection connection, DatabaseTarget target, CancellationToken ct)
    {
        for (var tries = 0; !await connection.ScalarAsync<bool>("SELECT pg_catalog.pg_try_advisory_lock($1)", ct, PrismaLock); tries++)
        {
            // After a run has ended, its session releases the lock a moment later, both Prisma's and DbSafety's.
            if (tries < EndingTries)
            {
                await Task.Delay(EndingInterval, ct);
                continue;
            }

            var holder = await connection.ListAsync(
                """
                SELECT format('pid %s, %s, since %s', a.pid, coalesce(nullif(a.application_name, ''), a.usename), to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"'))
                FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
                WHERE l.locktype = 'advisory' AND l.granted AND l.classid::bigint = 0 AND l.objid::bigint = $1
                  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
                """,
                r => r.GetString(0), ct, PrismaLock);
            throw ErrorCatalogue.AnotherRun.For(target.Database, $"Prisma Migrate ({holder.FirstOrDefault() ?? "its session has just ended"})");
        }
    }

    private static void CheckOrder(DatabaseTarget target, IReadOnlyList<PgMigration> states)
    {
        var blocking = states.Where(s => s.BlocksRun).ToList();
        if (blocking.Count > 0)
        {
            throw ErrorCatalogue.HistoryHasProblems.For(
                target.Database,
                string.Join("; ", blocking.Select(b => $"{b.Name} is {Word(b.State)}{(b.Log is { Length: > 0 } log ? $" (its log: {OneLine(log)})" : "")}")),
                string.Join(" ", blocking.Select(b => b.Note).Distinct()));
        }
    }

    private static string Word(MigrationState state) => state switch
    {
        MigrationState.Failed => "failed",
        MigrationState.Modified => "modified after it was applied",
        MigrationState.Missing => "missing from the folder although it was applied",
        MigrationState.OutOfOrder => "out of order: a later migration has been applied",
        _ => "without a script",
    };

    private static string OneLine(string log)
    {
        var line = string.Join(' ', log.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= 400 ? line : line[^400..];
    }

    /// <summary>A project can use several databases, and only one of them is backed up and checked.</summary>
    private static void WarnOfRedirectedVariables(SafeMigrationRun run)
    {
        var target = run.Request.Target;
        if (run.Request.Command is { IsRehearsed: true } && CommandEnvironment.Redirected(target, ProjectRoot.Of(run.Request.Path)) is { Count: > 0 } names)
            run.Events.Warning($"the command runs with {string.Join(", ", names)} set to {target.Database} on {target.Server}; the environment and the .env files specify other addresses, which are not passed to the command");
    }

    private static async Task WarnOfForeignTablesAsync(SafeMigrationRun run, NpgsqlConnection connection, CancellationToken ct)
    {
        if (run.HasHistory)
            return;
        var schema = run.Project.Folder.Source == MigrationSource.Prisma ? run.Project.Schema : (await SchemaPath.ReadAsync(connection, ct)).First;
        var tables = await connection.ScalarAsync<long>(
            "SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND n.nspname = $1 AND c.relname <> $2",
            ct, schema, run.Project.History.Relation.Table);
        if (tables > 0 && run.Pending.Count > 0)
            run.Events.Warning($"{run.Project.History.Name} has no rows, but schema {schema} already has {tables} tables; if pending migrations created them, mark these migrations as applied first{(run.Project.Folder.Tool is { } tool ? $", with {tool.Name} itself" : $": {Advice.Of($"migration resolve \"{run.Request.Path}\" --baseline NAME")} (Prisma calls it baselining)")}");
    }

    private static async Task WarnOfLongTransactionsAsync(SafeMigrationRun run, NpgsqlConnection connection, CancellationToken ct)
    {
        var old = await connection.ListAsync(
            """
            SELECT format('pid %s (%s, %s) has had its transaction open for %s s', pid, usename, coalesce(nullif(application_name, ''), 'no application name'), round(extract(epoch FROM now() - xact_start)))
            FROM pg_catalog.pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_catalog.pg_backend_pid() AND xact_start < now() - interval '60 s' ORDER BY xact_start
            """,
            r => r.GetString(0), ct);
        foreach (var session in old)
            run.Events.Warning($"{session}: the migration may have to wait for it");
    }
}
