using System.Diagnostics;
using DbSafety.Databases;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Runs a script that cannot be one transaction, statement by statement. What it did is found by comparing row counts before and after, which
/// includes what others did meanwhile.
/// </summary>
internal sealed class LooseScript(MigrationProject project, NpgsqlConnection connection, Coverage coverage, ApplySettings settings, IOperationEvents events)
{
    public async Task<AppliedScript> RunAsync(MigrationFile file, ScriptPlan plan, string id, CancellationToken ct)
    {
        events.Warning($"{file.Name} is run statement by statement, not as one transaction, because {plan.OwnWay}");
        var before = await StructureCensus.ReadAsync(connection, countRows: true, ct);
        var clock = Stopwatch.StartNew();
        await connection.ExecuteAsync($"SET lock_timeout = '{settings.LockTimeoutSetting}'", ct);
        var runner = new StatementRunner(connection, file.RelativePath);
        foreach (var statement in plan.Statements)
            await RunAsync(runner, statement, ct);
        await connection.ExecuteAsync("RESET ROLE", ct);
        await project.Ledger.FinishAsync(connection, id, clock.Elapsed, ct);
        var held = clock.Elapsed;
        var after = await StructureCensus.ReadAsync(connection, countRows: true, ct);
        return new AppliedScript(file.Name, held, OneTransaction: false, Retries: 0)
        {
            OwnWay = plan.OwnWay,
            Changes = Changes(before, after),
            Losses = [.. CensusComparison.Losses(before, after, coverage)],
        };
    }

    private async Task RunAsync(StatementRunner runner, Analysis.SqlStatement statement, CancellationToken ct)
    {
        var concurrent = ScriptPlan.IsConcurrent(statement);
        if (concurrent)
        {
            await connection.ExecuteAsync("SET lock_timeout = 0", ct);
            await DropInvalidIndexAsync(statement, ct);
        }

        try
        {
            await runner.RunAsync(statement, ct);
        }
        catch (StatementFailedException) when (concurrent)
        {
            await TellInvalidIndexesAsync();
            throw;
        }

        if (concurrent)
            await connection.ExecuteAsync($"SET lock_timeout = '{settings.LockTimeoutSetting}'", ct);
    }

    /// <summary>What an earlier try left behind would be in the way, or with IF NOT EXISTS be taken for the index itself.</summary>
    private async Task DropInvalidIndexAsync(Analysis.SqlStatement statement, CancellationToken ct)
    {
        if (Analysis.NewIndex.Read(new Analysis.StatementContext(statement, new Analysis.SchemaHistory(), "public")) is not { IsConcurrent: true, Name: { } index } create)
            return;
        var invalid = await connection.ScalarAsync<string>(
            """
            SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE i.indrelid = to_regclass($1) AND c.relname = $2 AND NOT i.indisvalid
            """,
            ct, create.Table.Sql, index);
        if (invalid is null)
            return;
        await connection.ExecuteAsync($"DROP INDEX CONCURRENTLY {invalid}", ct);
        events.Warning($"dropped the invalid index {invalid}, which a try that failed had left behind");
    }

    /// <summary>CREATE INDEX CONCURRENTLY that fails leaves an index behind that is kept up and never used.</summary>
    private async Task TellInvalidIndexesAsync()
    {
        try
        {
            foreach (var index in await connection.ListAsync("SELECT indexrelid::regclass::text FROM pg_catalog.pg_index WHERE NOT indisvalid", r => r.GetString(0), CancellationToken.None))
                events.Warning($"the index {index} is invalid: it costs every write and serves no query. The next try drops it first.");
        }
        catch (NpgsqlException)
        {
            // The session is in a failed transaction or gone; the error itself is on its way.
        }
    }

    private static List<TableChange> Changes(StructureCensus before, StructureCensus after) =>
        [.. before.Tables.Values
            .Where(t => t.Rows is not null && after.Tables.TryGetValue(t.Oid, out var now) && now.Rows != t.Rows)
            .Select(t => (Table: t, Difference: after.Tables[t.Oid].Rows!.Value - t.Rows!.Value))
            .Select(c => new TableChange(new Analysis.RelationName(c.Table.Schema, c.Table.Name).Display("public"), Math.Max(c.Difference, 0), 0, Math.Max(-c.Difference, 0)) { Exact = false })];
}
