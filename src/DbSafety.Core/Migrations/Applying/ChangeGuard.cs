using System.Globalization;
using DbSafety.Databases;
using DbSafety.Migrations.Concurrency;
using DbSafety.Operations;
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

    /// <summary>What this transaction has shown to be empty, under its locks.</summary>
    public HarmlessProof Proof { get; } = new(connection, observer);

    /// <summary>What is gone and was most likely empty, but has not been counted under a lock.</summary>
    public IReadOnlyList<HarmlessClaim> Unproven { get; private set; } = [];

    public IReadOnlyList<TableChange> Changes { get; private set; } = [];

    /// <summary>Records what the transaction wrote; null: nobody asks for it.</summary>
    public OwnWrites? Own { get; init; }

    /// <summary>The strong locks the transaction holds.</summary>
    public IReadOnlyList<string> Locks { get; private set; } = [];

    /// <param name="begin">What begins the transaction, or the last of it.</param>
    public async Task<bool> BeginAsync(string begin, CancellationToken ct)
    {
        // Counts of the session's transactions before this one may still be in the view.
        counted = await XactCounts.BeforeAsync(connection, ledger, begin, ct);
        if (!coverage.IsEverything)
            standing = await StandingTables.ReadAsync(connection, ct);
        StepPoint.Reach("migrate: transaction watched");
        return true;
    }

    /// <summary>What this transaction has lost beyond what was allowed. It is not committed yet.</summary>
    /// <param name="first">Statements without a result that come before the look.</param>
    public async Task<IReadOnlyList<UnexpectedLoss>> EndAsync(string first, CancellationToken ct)
    {
        var now = await XactCounts.AfterAsync(connection, ledger, first, ct);
        var written = now.Since(counted).ToList();
        Changes = [.. written.Select(c => new TableChange(c.Display, c.Inserted, c.Updated, c.Deleted))];
        Locks = now.Locks;
        // Before the commit: a commit whose answer is lost may have been one.
        if (Own is not null)
            await Own.NoteAsync(connection, written.Select(c => new OwnChange(c.Oid, c.Inserted, c.Updated, c.Deleted)), ct);
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
        if (now.Classes > counted.Classes && (await standing.HaveChangedAsync(connection, ct) || await NewcomersAsync(ct) is { Count: > 0 }))
            return true;
        return now.Attributes > counted.Attributes && await DroppedColumnsAsync(connection, ct) != await DroppedColumnsAsync(observer, ct);
    }

    /// <summary>
    /// Tables that others made since this transaction began, and that are gone in it: DROP SCHEMA … CASCADE waits for who makes one, and takes it along.
    /// pg_relation_filenode sees what is there now, however old this transaction's snapshot is.
    /// </summary>
    private async Task<List<string>> NewcomersAsync(CancellationToken ct)
    {
        var known = await observer.ListAsync(
            """
            SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND c.oid >= 16384 AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'dbsafety'
            """,
            r => (Oid: r.GetFieldValue<uint>(0), Name: new Analysis.RelationName(r.GetString(1), r.GetString(2)).Display("public")), ct);
        var others = known.Where(t => !standing.Contains(t.Oid)).ToDictionary(t => t.Oid, t => t.Name);
        if (others.Count == 0)
            return [];
        var gone = await connection.ListAsync("SELECT o FROM pg_catalog.unnest($1::oid[]) o WHERE pg_catalog.pg_relation_filenode(o) IS NULL", r => r.GetFieldValue<uint>(0), ct, others.Keys.Select(o => (long)o).ToArray());
        return [.. gone.Select(oid => others[oid])];
    }

    private static Task<long> DroppedColumnsAsync(NpgsqlConnection connection, CancellationToken ct) =>
        connection.ScalarAsync<long>("SELECT count(*) FROM pg_catalog.pg_attribute WHERE attisdropped", ct);

    /// <summary>The observer would have to wait for this transaction's locks to find out sizes: they are known from its beginning.</summary>
    private async Task<IEnumerable<UnexpectedLoss>> StructureAsync(CancellationToken ct)
    {
        var before = await StructureCensus.ReadAsync(observer, CensusDepth.Names, ct);
        var after = await StructureCensus.ReadAsync(connection, CensusDepth.Sizes, ct);
        var sized = standing.Of(before);
        List<UnexpectedLoss> losses =
        [
            .. CensusComparison.Losses(sized, after, coverage, Proof),
            .. (await NewcomersAsync(ct)).Select(name => new UnexpectedLoss($"drop-table:{name}", $"table {name}, which was made while the migration ran, would be dropped")),
        ];
        var dropped = losses.Select(l => l.Column?.Name).ToHashSet(StringComparer.Ordinal);
        Unproven =
        [
            .. CensusComparison.Unproven(sized, after, coverage, Proof),
            .. coverage.Hidden.Where(c => dropped.Contains(c.Question.Column) && !Proof.Covers(c.Oid, c.Column)),
        ];
        return losses;
    }
}
