using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Watches one migration from inside its own transaction. PostgreSQL counts there what this transaction inserted, updated and deleted, cascades
/// included and other sessions excluded (https://www.postgresql.org/docs/current/monitoring-stats.html, pg_stat_xact_user_tables).
/// </summary>
internal sealed class ChangeGuard(NpgsqlConnection connection, Coverage coverage, (string Schema, string Table) ledger)
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
        return [.. Deleted(changes, after), .. CensusComparison.Losses(before!, after, coverage)];
    }

    /// <summary>An UPDATE that moves a row to another partition is counted as deleted here and inserted there: such are set off against each other.</summary>
    private IEnumerable<UnexpectedLoss> Deleted(IReadOnlyList<(RowCounts Table, TableChange Change)> changes, StructureCensus after)
    {
        uint Root(uint oid) => before!.Tables.GetValueOrDefault(oid)?.Root ?? after.Tables.GetValueOrDefault(oid)?.Root ?? oid;
        foreach (var group in changes.GroupBy(c => Root(c.Table.Oid)))
        {
            var foreseen = group.Where(c => c.Change.Deleted > 0 && (coverage.Rows(c.Table.Oid) || !before!.Tables.ContainsKey(c.Table.Oid))).Sum(c => c.Change.Deleted);
            var moved = group.Any(c => c.Table.Oid != group.Key) ? group.Sum(c => c.Change.Inserted) : 0;
            var lost = group.Sum(c => c.Change.Deleted) - foreseen - moved;
            var name = before!.Tables.TryGetValue(group.Key, out var root) ? new Analysis.RelationName(root.Schema, root.Name).Display("public") : group.First().Change.Table;
            if (lost > 0)
                yield return new UnexpectedLoss($"delete-rows:{name}", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{lost:N0} {(lost == 1 ? "row" : "rows")} of {name} would be deleted"));
        }
    }

    private async Task<Dictionary<uint, RowCounts>> CountsAsync(CancellationToken ct) =>
        (await connection.ListAsync(
            """
            SELECT relid, schemaname, relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_catalog.pg_stat_xact_user_tables
            WHERE n_tup_ins + n_tup_upd + n_tup_del > 0 AND schemaname <> 'dbsafety' AND (schemaname, relname) <> ($1, $2)
            """,
            r => new RowCounts(r.GetFieldValue<uint>(0), r.GetString(1), r.GetString(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5)), ct, ledger.Schema, ledger.Table)).ToDictionary(c => c.Oid);
}
