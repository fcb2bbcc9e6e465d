using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Databases.Writes;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Migrations.Concurrency;

/// <summary>The result, and the state in which it was found: after it, this run writes nothing.</summary>
/// <param name="State">Null: it could not be read.</param>
internal sealed record ConcurrentWriteResult(ConcurrentWrites Writes, DatabaseState? State);

/// <summary>
/// Finds out whether other sessions have written since a state that was read earlier, under one snapshot and without locks. Rows are identified by
/// the transactions that wrote them: each must be one that the earlier snapshot sees or one of this run's. Where the migration itself has updated, deleted or
/// rewritten rows of a table, an earlier write of another session would no longer be visible, so a stronger condition applies: that all transactions since are this run's,
/// or that PostgreSQL counted no more rows written than the migration did.
/// </summary>
internal sealed class ConcurrentWriteCheck(DatabaseTarget target, DatabaseState before, OwnWrites own)
{
    public const string SessionName = "dbsafety concurrent writes";

    /// <summary>Counts of rows written, from before the earlier state; null: not recorded.</summary>
    public TableStatistics? Statistics { get; init; }

    /// <summary>A table that is not compared: the migration history, to which this run writes.</summary>
    public (string Schema, string Table)? Ignored { get; init; }

    /// <summary>How long to wait for a lock that blocks reads.</summary>
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
        // The ids are a stronger proof than rows, so they are read first; the rows are counted nevertheless, for the comparison inside the swap.
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
