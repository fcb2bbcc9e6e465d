using System.Globalization;
using DbSafety.Databases;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Watches one transaction from inside: the rows it wrote by PostgreSQL's own count, and the tables and columns that went. Those are looked for
/// only where its catalogs were written to, and then against the view of a second session, which does not see what is not committed yet.
/// </summary>
/// <param name="observer">In no transaction, on the same database.</param>
internal sealed class ChangeGuard(NpgsqlConnection connection, NpgsqlConnection observer, Coverage coverage, (string Schema, string Table) ledger)
{
    private StandingTables standing = StandingTables.None;
    private XactCounts counted = XactCounts.None;

    public IReadOnlyList<TableChange> Changes { get; private set; } = [];

    /// <summary>The strong locks the transaction holds.</summary>
    public IReadOnlyList<string> Locks { get; private set; } = [];

    /// <param name="begin">What begins the transaction, or the last of it.</param>
    public async Task BeginAsync(string begin, CancellationToken ct)
    {
        // Counts of the session's transactions before this one may still be in the view.
        counted = await XactCounts.BeforeAsync(connection, ledger, begin, ct);
        if (!coverage.IsEverything)
            standing = await StandingTables.ReadAsync(connection, ct);
    }

    /// <summary>What this transaction has lost beyond what was allowed. It is not committed yet.</summary>
    /// <param name="first">Statements without a result that come before the look.</param>
    public async Task<IReadOnlyList<UnexpectedLoss>> EndAsync(string first, CancellationToken ct)
    {
        var now = await XactCounts.AfterAsync(connection, ledger, first, ct);
        var written = now.Since(counted).ToList();
        Changes = [.. written.Select(c => new TableChange(c.Display, c.Inserted, c.Updated, c.Deleted))];
        Locks = now.Locks;
        if (coverage.IsEverything)
            return [];
        var losses = written.Any(c => c.Deleted > 0) ? await DeletedAsync(written, ct) : [];
        return await MayHaveLostStructureAsync(now, ct) ? [.. losses, .. await StructureAsync(ct)] : losses;
    }

    /// <summary>An UPDATE that moves a row to another partition is counted as deleted here and inserted there: such are set off against each other.</summary>
    private async Task<List<UnexpectedLoss>> DeletedAsync(List<RowCounts> written, CancellationToken ct)
    {
        var oids = written.Select(c => c.Oid).ToList();
        var roots = await PartitionRoots.ReadAsync(connection, oids, ct);
        foreach (var (oid, root) in await PartitionRoots.ReadAsync(observer, oids, ct))
            roots[oid] = root;
        var losses = new List<UnexpectedLoss>();
        foreach (var group in written.GroupBy(c => roots.GetValueOrDefault(c.Oid)?.Oid ?? c.Oid))
        {
            var foreseen = group.Where(c => coverage.Rows(c.Oid) || !standing.Contains(c.Oid)).Sum(c => c.Deleted);
            var moved = group.Any(c => c.Oid != group.Key) ? group.Sum(c => c.Inserted) : 0;
            var lost = group.Sum(c => c.Deleted) - foreseen - moved;
            var name = roots.GetValueOrDefault(group.First().Oid)?.Display ?? group.First().Display;
            if (lost > 0)
                losses.Add(new UnexpectedLoss($"delete-rows:{name}", string.Create(CultureInfo.InvariantCulture, $"{lost:N0} {(lost == 1 ? "row" : "rows")} of {name} would be deleted")));
        }

        return losses;
    }

    private async Task<bool> MayHaveLostStructureAsync(XactCounts now, CancellationToken ct)
    {
        // Where nothing is counted, nothing can be told from the counts.
        if (!await connection.ScalarAsync<bool>("SELECT current_setting('track_counts')::bool", ct))
            return true;
        if (now.Classes > counted.Classes && await standing.HaveChangedAsync(connection, ct))
            return true;
        return now.Attributes > counted.Attributes && await DroppedColumnsAsync(connection, ct) != await DroppedColumnsAsync(observer, ct);
    }

    private static Task<long> DroppedColumnsAsync(NpgsqlConnection connection, CancellationToken ct) =>
        connection.ScalarAsync<long>("SELECT count(*) FROM pg_catalog.pg_attribute WHERE attisdropped", ct);

    /// <summary>The observer would have to wait for this transaction's locks to find out sizes: they are known from its beginning.</summary>
    private async Task<IEnumerable<UnexpectedLoss>> StructureAsync(CancellationToken ct)
    {
        var before = await StructureCensus.ReadAsync(observer, CensusDepth.Names, ct);
        var after = await StructureCensus.ReadAsync(connection, CensusDepth.Sizes, ct);
        return CensusComparison.Losses(standing.Of(before), after, coverage);
    }
}
