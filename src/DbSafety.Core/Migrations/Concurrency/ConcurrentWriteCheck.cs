using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Databases.Writes;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Migrations.Concurrency;

/// <summary>What was found, and the state it was found in: from there on nothing is this run's own.</summary>
/// <param name="State">Null: it could not be read.</param>
internal sealed record ConcurrentWriteResult(ConcurrentWrites Writes, DatabaseState? State);

/// <summary>
/// Finds out whether other sessions have written since a state that was read earlier, under one snapshot and without locks. Rows are known by
/// the transactions that wrote them: each must be one that the earlier snapshot sees or one of this run's. Where the migration itself has updated, deleted or
/// rewritten rows of a table, a write of another session before it would no longer show, so more is asked for: that all transactions since are this run's,
/// or that PostgreSQL counted no more rows written than the migration did.
/// </summary>
internal sealed class ConcurrentWriteCheck(DatabaseTarget target, DatabaseState before, OwnWrites own)
{
    public const string SessionName = "dbsafety concurrent writes";

    /// <summary>Counts of rows written from before the earlier state; null: not kept.</summary>
    public TableStatistics? Statistics { get; init; }

    /// <summary>A table that is not looked at: the migration history, which this run writes throughout.</summary>
    public (string Schema, string Table)? Ignored { get; init; }

    /// <summary>How long to wait for a lock that keeps readers out.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public async Task<ConcurrentWriteResult> RunAsync(CancellationToken ct)
    {
        try
        {
            await using var connection = await target.OpenAsync(ct, SessionName);
            await connection.ExecuteAsync(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL row_security = off; SET LOCAL statement_timeout = 0; SET LOCAL search_path = pg_catalog; "
                + $"SET LOCAL lock_timeout = {(long)LockTimeout.TotalMilliseconds}", ct);
            var now = await DatabaseState.ReadAsync(connection, ct);
            return await RunAsync(connection, now, ct);
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            return new ConcurrentWriteResult(new ConcurrentWrites.Unknown(e is PostgresException p ? p.MessageText : e.Message), null);
        }
    }

    private async Task<ConcurrentWriteResult> RunAsync(NpgsqlConnection connection, DatabaseState now, CancellationToken ct)
    {
        if (!before.Snapshot.CanCompare(now.Snapshot))
            return new ConcurrentWriteResult(new ConcurrentWrites.Unknown("too many transactions have run since the backup"), null);
        var rows = await RowExamination.BeginAsync(connection, before.Snapshot, now.Snapshot, own.Ids, ct);
        var tables = new Dictionary<uint, TableState>();
        var findings = new ConcurrentWriteFindings(before, own);
        foreach (var table in now.Tables.Values)
        {
            var origins = await rows.ReadAsync(table, ct);
            tables[table.Oid] = table with { Rows = origins.Total };
            if (!IsIgnored(table))
                findings.Add(table, origins);
        }

        findings.AddDropped(now.Tables);
        findings.AddCatalogs(await CatalogExamination.ReadAsync(rows, ct));
        var pages = await LargeObjectPages.ReadAsync(connection, rows, now, ct);
        findings.AddLargeObjects(pages);
        var state = now with { Tables = tables, LargeObjectPages = pages?.Total, Sequences = await SequenceCatalog.ReadAsync(connection, ct) };
        // The ids prove more than rows do, so they are asked first; the rows are counted all the same, for the comparison inside the swap.
        var writes = await TransactionIds.ProveAsync(connection, before.Snapshot, now.Snapshot, own.Ids, ct) ? new ConcurrentWrites.None() : findings.Written ?? await UnprovenAsync(findings, ct);
        return new ConcurrentWriteResult(writes, state);
    }

    private async Task<ConcurrentWrites> UnprovenAsync(ConcurrentWriteFindings findings, CancellationToken ct)
    {
        if (own.Untracked is { } untracked)
            return new ConcurrentWrites.Unknown($"{untracked}, so its rows cannot be distinguished from those of other sessions");
        if (findings.Unclear is { } unclear)
            return new ConcurrentWrites.Unknown(unclear);
        if (findings.Hidden.Count == 0)
            return new ConcurrentWrites.None();
        var names = $"the migration itself has changed rows of {string.Join(", ", findings.Hidden.Select(t => t.Display))}";
        if (Statistics is null)
            return new ConcurrentWrites.Unknown($"{names}, which hides earlier changes");
        await using var connection = await target.OpenAsync(ct, SessionName);
        return await Statistics.DifferAsync(connection, [.. findings.Hidden.Select(t => t.Oid)], own, ct) is { } why ? new ConcurrentWrites.Unknown($"{names}, and {why}") : new ConcurrentWrites.None();
    }

    private bool IsIgnored(TableState table) => (table.Schema, table.Name) == Ignored || table.Schema == "dbsafety";
}
