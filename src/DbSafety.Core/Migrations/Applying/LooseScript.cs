using System.Diagnostics;
using DbSafety.Databases;
using DbSafety.Migrations.Ledgers;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Runs a script that cannot be one transaction, part by part, each in a transaction where it may be. It keeps how far it came, and goes on from
/// there the next time. What a part did that is no transaction is found by comparing row counts before and after, which includes what others did meanwhile.
/// </summary>
internal sealed class LooseScript(ScriptSession session, LockPatience patience)
{
    private readonly NpgsqlConnection connection = session.Connection;
    private readonly StepLog steps = new(session.Project.Ledger);
    private readonly List<TableChange> changes = [];
    private readonly List<UnexpectedLoss> losses = [];
    private bool keepsSteps = true;

    /// <summary>An earlier run may have been killed between the end of the next statement and its mark.</summary>
    private bool resumed;

    /// <summary>Statements that are through, of an earlier run too.</summary>
    public int Done { get; private set; }

    /// <summary>Something of it may have stayed.</summary>
    public bool LeftParts { get; private set; }

    /// <summary>Writes into the ledger and among the marks, in one transaction, that it is begun.</summary>
    /// <param name="begun">The ledger's row of an earlier run.</param>
    /// <returns>The ledger's row.</returns>
    public async Task<string> BeginAsync(MigrationFile file, ScriptPlan plan, string? begun, CancellationToken ct)
    {
        session.Events.Warning($"{file.Name} is run part by part, not as one transaction, because {plan.OwnWay}");
        await connection.ExecuteAsync($"BEGIN; {session.Settings.Sql(local: true)}", ct);
        await session.History.CheckAsync(connection, file, ct);
        var id = begun ?? await session.Project.Ledger.StartAsync(connection, file, ct);
        var history = await session.Project.Ledger.ReadAsync(connection, ct);
        await connection.ExecuteAsync("SAVEPOINT marks", ct);
        await FindPlaceAsync(file, plan, ct);
        await NoteAsync(ct);
        await connection.ExecuteAsync("COMMIT", CancellationToken.None);
        session.History.Committed(history);
        return id;
    }

    /// <param name="id">The ledger's row.</param>
    public async Task<AppliedScript> RunAsync(MigrationFile file, ScriptPlan plan, string id, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        await connection.ExecuteAsync(session.Settings.Sql(local: false), ct);
        var runner = session.Runner(file, plan);
        foreach (var unit in plan.Units.Where(u => u.Last > Done))
        {
            LeftParts |= unit.Begin is null;
            await patience.TryAsync(file.Name, () => unit.Begin is null ? LooseAsync(file, unit, runner, ct) : WholeAsync(file, unit, runner, ct), session.RollBackAsync, ct);
            LeftParts = true;
        }

        await patience.TryAsync(file.Name, () => FinishAsync(file, id, clock.Elapsed, ct), session.RollBackAsync, ct);
        return new AppliedScript(file.Name, clock.Elapsed, OneTransaction: false, patience.Retries) { OwnWay = plan.OwnWay, Changes = changes, Losses = losses };
    }

    public Task FailedAsync(NpgsqlConnection writer, string name, string error) =>
        keepsSteps ? steps.FailAsync(writer, name, error, CancellationToken.None) : Task.CompletedTask;

    public Task ForgetAsync(NpgsqlConnection writer, string name) => steps.EndAsync(writer, name, CancellationToken.None);

    private async Task FindPlaceAsync(MigrationFile file, ScriptPlan plan, CancellationToken ct)
    {
        try
        {
            var mark = (await steps.ReadAsync(connection, ct)).FirstOrDefault(m => m.Name == file.Name && m.Checksum == file.Checksum && m.Statements == plan.Statements.Count);
            Done = mark?.Done ?? 0;
            resumed = mark is not null;
            LeftParts = Done > 0;
            if (Done > 0)
                session.Events.Warning($"{file.Name} was cut off before: it goes on behind statement {Done} of {plan.Statements.Count}");
            await steps.BeginAsync(connection, file, Done, plan.Statements.Count, ct);
            if (session.Own is { } own)
                await own.NoteSubtransactionAsync(connection, StepLog.NewestSql, ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            keepsSteps = false;
            await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT marks", ct);
            session.Events.Warning($"how far {file.Name} comes cannot be kept, for the role may not make the schema dbsafety: {e.MessageText}");
        }
    }

    /// <summary>The ledger and the end of the marks go together.</summary>
    private async Task<bool> FinishAsync(MigrationFile file, string id, TimeSpan duration, CancellationToken ct)
    {
        await session.ResetRoleAsync(ct);
        await connection.ExecuteAsync($"BEGIN; {session.Settings.Sql(local: true)}", ct);
        // The script has run: what others have recorded in the meantime is reported afterwards, and stops the next script.
        var changes = HistoryChanges.Between(session.History.Expected, await session.History.LockAndReadAsync(connection, file, ct));
        await session.Project.Ledger.FinishAsync(connection, id, duration, ct);
        var history = await session.Project.Ledger.ReadAsync(connection, ct);
        if (keepsSteps)
            await steps.EndAsync(connection, file.Name, ct);
        await NoteAsync(ct);
        await connection.ExecuteAsync("COMMIT", CancellationToken.None);
        if (changes.Count == 0)
            session.History.Committed(history);
        return true;
    }

    /// <summary>A part that is a transaction is proven before it is committed, as a whole script is.</summary>
    private async Task<bool> WholeAsync(MigrationFile file, ScriptUnit unit, StatementRunner runner, CancellationToken ct)
    {
        var guard = session.Guard();
        await guard.BeginAsync(await runner.BeginAsync(unit.Begin!, [.. unit.Statements.Take(unit.Preamble)], ct), ct);
        await runner.RunAsync([.. unit.Statements.Skip(unit.Preamble)], unit.First + unit.Preamble, ct);
        var found = await guard.EndAsync("", ct);
        found = [.. found, .. guard.Unproven.Select(c => new UnexpectedLoss(c.Finding.AllowAs, $"{c.Finding.Object} would be gone, and nobody has counted its rows under a lock"))];
        session.CheckAllowed(found, $"Statements {unit.First} to {unit.Last} of {file.Name} were rolled back{(LeftParts ? "; those before them are through" : "")}.");
        await MarkAsync(file, unit, ct);
        await session.CommitAsync(file, unit.Statements);
        Finish(unit, guard.Changes, found);
        return true;
    }

    private async Task<bool> LooseAsync(MigrationFile file, ScriptUnit unit, StatementRunner runner, CancellationToken ct)
    {
        session.Own?.RanOutsideTransaction($"statement {unit.First} of {file.Name} ran outside a transaction");
        var before = unit.MayWriteRows(connection.PostgreSqlVersion.Major) ? await StructureCensus.ReadAsync(connection, CensusDepth.Rows, ct) : null;
        for (var i = 0; i < unit.Statements.Count; i++)
        {
            if (unit.IsConcurrent)
                await ConcurrentlyAsync(unit.Statements[i], () => runner.RunAsync(unit.Statements[i], unit.First + i, ct), ct);
            else
                await runner.RunAsync(unit.Statements[i], unit.First + i, ct);
        }

        await MarkAsync(file, unit, ct);
        var after = before is null ? null : await StructureCensus.ReadAsync(connection, CensusDepth.Rows, ct);
        Finish(unit, after is null ? [] : CensusComparison.Changes(before!, after), after is null ? [] : CensusComparison.Losses(before!, after, session.Coverage, isShared: true));
        return true;
    }

    private Task NoteAsync(CancellationToken ct) => session.Own?.NoteAsync(connection, [], ct) ?? Task.CompletedTask;

    private void Finish(ScriptUnit unit, IEnumerable<TableChange> changed, IEnumerable<UnexpectedLoss> lost)
    {
        changes.AddRange(changed);
        losses.AddRange(lost);
        (Done, resumed) = (unit.Last, false);
    }

    private async Task MarkAsync(MigrationFile file, ScriptUnit unit, CancellationToken ct)
    {
        if (keepsSteps)
        {
            // A script that takes on a role does so again after this.
            var role = await connection.ScalarAsync<string>("SELECT current_setting('role')", ct);
            await connection.ExecuteAsync("RESET ROLE", ct);
            await steps.MarkAsync(connection, file, unit.Last, ct);
            if (role is not null and not "none")
                await connection.ExecuteAsync($"SET ROLE {SqlName.Quote(role)}", ct);
        }
    }

    /// <summary>It waits for others without holding them up, so a time limit on locks would only make it fail half-way.</summary>
    private async Task ConcurrentlyAsync(Analysis.SqlStatement statement, Func<Task> run, CancellationToken ct)
    {
        await connection.ExecuteAsync("SET lock_timeout = 0", ct);
        var indexes = new InvalidIndexes(connection, session.Events);
        await indexes.DropLeftoverAsync(statement, ct);
        try
        {
            if (!resumed || !await indexes.IsDoneAsync(statement, ct))
                await run();
        }
        catch (StatementFailedException)
        {
            await indexes.TellAsync();
            throw;
        }

        await connection.ExecuteAsync(session.Settings.Sql(local: false), ct);
    }
}
