using System.Diagnostics;
using DbSafety.Databases;
using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>Runs a script as one transaction, with the ledger's row inside of it: both are there afterwards, or neither.</summary>
internal sealed class OneTransaction(ScriptSession session)
{
    private readonly NpgsqlConnection connection = session.Connection;

    /// <exception cref="StatementFailedException">It is not rolled back yet.</exception>
    /// <exception cref="DbSafetyException"><c>DBS409</c> it would lose more than was allowed.</exception>
    public async Task<AppliedScript> RunAsync(MigrationFile file, ScriptPlan plan, CancellationToken ct)
    {
        var (ledger, clock) = (session.Project.Ledger, Stopwatch.StartNew());
        var (runner, guard) = (session.Runner(file, plan), session.Guard());
        var begin = await runner.BeginAsync(plan.Begin, [.. plan.Statements.Take(plan.Preamble)], ct);
        await connection.ExecuteAsync(begin.Length == 0 ? session.Settings.Sql(local: true) : $"{begin}; {session.Settings.Sql(local: true)}", ct);
        await session.History.CheckAsync(connection, file, ct);
        await guard.BeginAsync("", ct);
        var id = await ledger.StartAsync(connection, file, ct);
        await session.BegunAsync(session.IsApplied(file, id), ct);
        await runner.RunAsync([.. plan.Statements.Skip(plan.Preamble)], plan.Preamble + 1, ct);
        var losses = await guard.EndAsync(ScriptSession.OwnRole, ct);
        session.CheckAllowed(losses, $"{file.Name} was rolled back.");
        await ledger.FinishAsync(connection, id, clock.Elapsed, ct);
        var history = await ledger.ReadAsync(connection, ct);
        await session.CommitAsync(file, plan.Statements);
        session.History.Committed(history);
        return new AppliedScript(file.Name, clock.Elapsed, OneTransaction: true, Retries: 0) { Changes = guard.Changes, Losses = losses, Locks = guard.Locks };
    }
}
