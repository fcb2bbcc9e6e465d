using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Watches one migration from inside its own transaction. PostgreSQL counts there what this transaction inserted, updated and deleted, cascades
/// included and other sessions excluded (https://www.postgresql.org/docs/current/monitoring-stats.html, pg_stat_xact_user_tables).
/// </summary>
internal sealed class ChangeGuard(NpgsqlConnection connection, Coverage coverage)
{
    private StructureCensus? before;
    private Dictionary<uint, RowCounts> counted = [];

    private sealed record RowCounts(uint Oid, string Schema, string Name, long Inserted, long Updated, long Deleted);

    public IReadOnlyList<TableChange> Changes { get; private set; } = [];

    public async Task BeginAsync(CancellationToken ct)
    {
        before = await StructureCensus.ReadAsync(connection, countRows: false, ct);
        // Counts of the session's transactions before this one may still be in the view.
        counted = await CountsAsync(ct);
    }

    /// <summary>What this transaction has lost beyond what was allowed. It is not committed yet.</summary>
    public async Task<IReadOnlyList<UnexpectedLoss>> EndAsync(CancellationToken ct)
    {
        var changes = new List<(RowCounts Table, TableChange Change)>();
        foreach (var now in (await CountsAsync(ct)).Values)
        {
            var then = counted.GetValueOrDefault(now.Oid);
            var change = new TableChange(new Analysis.RelationName(now.Schema, now.Name).Display("public"),
                now.Inserted - (then?.Inserted ?? 0), now.Updated - (then?.Updated ?? 0), now.Deleted - (then?.Deleted ?? 0));
            if (change.Inserted + change.Updated + change.Deleted > 0)
                changes.Add((now, change));
        }

        Changes = [.. changes.Select(c => c.Change)];
        var after = await StructureCensus.ReadAsync(connection, countRows: false, ct);
        var deleted = changes
            .Where(c => c.Change.Deleted > 0 && before!.Tables.ContainsKey(c.Table.Oid) && !coverage.Rows(c.Table.Oid))
            .Select(c => new UnexpectedLoss($"delete-rows:{c.Change.Table}", $"{c.Change.Deleted:N0} rows of {c.Change.Table} would be deleted"));
        return [.. deleted, .. CensusComparison.Losses(before!, after, coverage)];
    }

    private async Task<Dictionary<uint, RowCounts>> CountsAsync(CancellationToken ct) =>
        (await connection.ListAsync(
            """
            SELECT relid, schemaname, relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_catalog.pg_stat_xact_user_tables
            WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND schemaname <> 'dbsafety' AND relname <> '_prisma_migrations'
            """,
            r => new RowCounts(r.GetFieldValue<uint>(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5)), ct)).ToDictionary(c => c.Oid);
}
