using System.Diagnostics;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Migrations.Sources;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>Runs a script as one transaction, with the ledger's row inside of it: both are there afterwards, or neither.</summary>
internal sealed class OneTransaction(ScriptSession session, bool allowLosses)
{
    private readonly NpgsqlConnection connection = session.Connection;

    /// <exception cref="StatementFailedException">It is not rolled back yet.</exception>
    /// <exception cref="DbSafetyException"><c>DBS409</c> it would lose more than was allowed.</exception>
    public async Task<AppliedScript> RunAsync(MigrationFile file, ScriptPlan plan, CancellationToken ct)
    {
        var (ledger, clock) = (session.Project.Ledger, Stopwatch.StartNew());
        var (runner, guard) = (session.Runner(file, plan), new ChangeGuard(connection, session.Coverage, ledger.Relation));
        await connection.ExecuteAsync(plan.Begin, ct);
        for (var i = 0; i < plan.Preamble; i++)
            await runner.RunAsync(plan.Statements[i], i + 1, ct);
        await connection.ExecuteAsync(session.Settings.Sql(local: true), ct);
        await guard.BeginAsync(ct);
        var id = await ledger.StartAsync(connection, file, ct);
        for (var i = plan.Preamble; i < plan.Statements.Count; i++)
            await runner.RunAsync(plan.Statements[i], i + 1, ct);
        await session.ResetRoleAsync(ct);
        var losses = await guard.EndAsync(ct);
        if (losses.Count > 0 && !allowLosses)
            throw ErrorCatalogue.VerifyLost.For(connection.Database, string.Join("; ", losses), $"{file.Name} was rolled back. Allow what you accept: {string.Join(" ", losses.Select(l => $"--allow '{l.AllowAs}'"))}");
        var locks = await StrongLocks.ReadAsync(connection, ct);
        await ledger.FinishAsync(connection, id, clock.Elapsed, ct);
        await session.CommitAsync(file, plan.Statements);
        return new AppliedScript(file.Name, clock.Elapsed, OneTransaction: true, Retries: 0) { Changes = guard.Changes, Losses = losses, Locks = locks };
    }
}
