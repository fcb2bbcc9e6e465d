using System.Diagnostics;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Concurrency;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>
/// The project's own command between two counts. It has sessions of its own, which nobody can look into: what it did is found by comparing, with what
/// others did meanwhile in it.
/// </summary>
internal static class CommandRun
{
    /// <summary>On the copy.</summary>
    /// <param name="target">As production's role.</param>
    /// <param name="copy">As one who may read everything.</param>
    /// <exception cref="DbSafetyException"><c>DBS417</c> to <c>DBS419</c>.</exception>
    public static Task<AppliedScript> RehearseAsync(SafeMigrationRun run, DatabaseTarget target, NpgsqlConnection copy, CancellationToken ct) =>
        BetweenCountsAsync(run, target, copy, ct);

    /// <summary>Stage 6: on production.</summary>
    /// <exception cref="DbSafetyException"><c>DBS409</c>, <c>DBS417</c> to <c>DBS420</c>.</exception>
    public static async Task<string> ApplyAsync(SafeMigrationRun run, CancellationToken ct)
    {
        await Preflight.LetPrismaInAsync(run, ct);
        run.HalfDone = true;
        var states = await run.Project.StatesAsync(run.Connection!, ct);
        try
        {
            StepPoint.Reach("migration run: command about to start");
            var done = await BetweenCountsAsync(run, run.Request.Target, run.Connection!, ct);
            run.Applied.Add(done);
            if (done.Losses.Count > 0)
                PinnedBackup.Decide(run, more: true);
            if (done.Losses.Count > 0)
                throw ErrorCatalogue.VerifyLost.For(run.Request.Target.Database, string.Join("; ", done.Losses), $"{done.Name} has run. What others deleted meanwhile is counted too: compare before you restore.");
            return done.Evidence;
        }
        catch
        {
            await EndSessionsAsync(run);
            run.HalfDone = await MayHaveWrittenAsync(run, states);
            throw;
        }
    }

    /// <summary>Whether anybody, the command included, has written since the backup, as far as can be found out.</summary>
    private static async Task<bool> MayHaveWrittenAsync(SafeMigrationRun run, IReadOnlyList<PgMigration> states)
    {
        try
        {
            return run.Backup is null || (await run.FindWritesAsync(run.Backup, CancellationToken.None)).Writes is not ConcurrentWrites.None
                || !states.SequenceEqual(await run.Project.StatesAsync(run.Connection!, CancellationToken.None));
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            return true;
        }
    }

    private static async Task<AppliedScript> BetweenCountsAsync(SafeMigrationRun run, DatabaseTarget target, NpgsqlConnection reader, CancellationToken ct)
    {
        var command = run.Request.Command!;
        // No count can be made again inside of its transaction, so none is taken for granted.
        var coverage = await Coverage.ResolveAsync(reader, run.Allowed with { Harmless = [] }, isExact: false, ct);
        var before = await StructureCensus.ReadAsync(reader, run.Project.Ledger.Relation, CensusDepth.Rows, ct);
        var clock = Stopwatch.StartNew();
        await new ProjectCommand(command, run.Request.Path, run.Events).RunAsync(target, ct);
        var held = clock.Elapsed;
        var open = await PendingAsync(run, reader, ct);
        if (open.Count > 0)
            throw ErrorCatalogue.CommandIncomplete.For(command.ToString(), $"{string.Join(", ", open)} {(open.Count == 1 ? "is" : "are")} still pending on {target.Database} at {target.Server}");
        var after = await StructureCensus.ReadAsync(reader, run.Project.Ledger.Relation, CensusDepth.Rows, ct);
        return new AppliedScript(command.ToString(), held, OneTransaction: false, Retries: 0)
        {
            Changes = CensusComparison.Changes(before, after),
            Losses = [.. CensusComparison.Losses(before, after, coverage)],
        };
    }

    private static async Task<List<string>> PendingAsync(SafeMigrationRun run, NpgsqlConnection reader, CancellationToken ct)
    {
        var applied = (await run.Project.StatesAsync(reader, ct)).Where(s => s.State == MigrationState.Applied).Select(s => s.Name);
        return [.. run.Pending.Select(p => p.Name).Except(applied, StringComparer.Ordinal)];
    }

    /// <summary>A client that was killed leaves its statement running on the server.</summary>
    private static async Task EndSessionsAsync(SafeMigrationRun run)
    {
        try
        {
            await run.Connection!.ExecuteAsync(
                "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND application_name = $1", CancellationToken.None, ProjectCommand.SessionName);
        }
        catch (NpgsqlException e)
        {
            run.Events.Warning($"what the command left running could not be ended: {e.Message}");
        }
    }
}
