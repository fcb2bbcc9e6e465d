using System.Globalization;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Concurrency;
using DbSafety.Migrations.Live;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Checks a transaction from inside: the rows it wrote, as counted by PostgreSQL, and the tables and columns that it dropped. These are determined
/// only if it wrote to the catalogs, and then by comparison with a second session, which does not see uncommitted changes.
/// </summary>
/// <param name="observer">In no transaction, on the same database.</param>
/// <param name="visible">The changes that the statements of the script show.</param>
internal sealed class ChangeGuard(NpgsqlConnection connection, NpgsqlConnection observer, Coverage coverage, (string Schema, string Table) history, VisibleStatements visible)
{
    private readonly ColumnConversions conversions = new(connection, observer);
    private readonly HiddenValues values = new(connection, observer);
    private HashSet<uint> rewritten = [];
    private ExistingTables standing = ExistingTables.None;
    private XactCounts counted = XactCounts.None;

    /// <summary>The objects that this transaction has proven to be empty, under its locks.</summary>
    public HarmlessProof Proof { get; } = new(connection, observer);

    /// <summary>Dropped objects that were most likely empty, but were not counted under a lock.</summary>
    public IReadOnlyList<HarmlessClaim> Unproven { get; private set; } = [];

    /// <summary>Columns with another type, whose values were not added up before.</summary>
    public IReadOnlyList<HiddenConversion> Conversions => conversions.Unproven;

    /// <summary>Locked tables whose values were not counted before.</summary>
    public IReadOnlyList<uint> Uncounted => values.Unproven;

    public IReadOnlyList<TableChange> Changes { get; private set; } = [];

    /// <summary>Tables with rows that no statement of the script updates by name.</summary>
    public IReadOnlyList<TableChange> HiddenUpdates { get; private set; } = [];

    /// <summary>Tables that were rewritten, although no statement shows it, and whose values could not be compared.</summary>
    public IReadOnlyList<string> HiddenRewrites { get; private set; } = [];

    /// <summary>The transaction can be rolled back and run again, to compare values that are known to be affected only afterwards.</summary>
    public bool RunsAgain { get; set; }

    /// <summary>Tables and columns that were dropped or emptied, as allowed.</summary>
    public IReadOnlyList<UnexpectedLoss> AllowedLosses { get; private set; } = [];

    /// <summary>Large objects that it removed.</summary>
    public long LargeObjects { get; private set; }

    /// <summary>Records what the transaction wrote; null: not needed.</summary>
    public OwnWrites? Own { get; init; }

    /// <summary>Whether the values of tables with updated rows are counted, and those that the script locks before it.</summary>
    public bool CountsValues { get; init; }

    /// <summary>A rehearsal counts all values before and after it on its copy; here only losses that the numbers do not show are detected.</summary>
    public bool IsRehearsal { get; init; }

    /// <summary>The strong locks the transaction holds.</summary>
    public IReadOnlyList<string> Locks { get; private set; } = [];

    /// <param name="begin">What begins the transaction, or the last of it.</param>
    public async Task BeginAsync(string begin, CancellationToken ct)
    {
        // The view may still contain counts of earlier transactions of the session.
        counted = await XactCounts.BeforeAsync(connection, history, begin, ct);
        standing = await ExistingTables.ReadAsync(connection, ct);
        if (CountsValues && !coverage.IsEverything)
            await values.NoteAsync(visible.ChangedUnderLock, standing, ct);
        StepPoint.Reach("migrate: transaction watched");
    }

    /// <summary>Hashes, under a lock, the values of columns that an earlier attempt has converted, and counts those of tables that it has updated.</summary>
    public async Task NoteValuesAsync(IEnumerable<HiddenConversion> converted, IEnumerable<uint> updated, CancellationToken ct)
    {
        await conversions.NoteAsync(converted, ct);
        await values.NoteAsync(updated, ct);
    }

    /// <summary>The second session reads the catalogs: it would wait for the transaction, which waits for it.</summary>
    /// <exception cref="DbSafetyException"><c>DBS438</c>.</exception>
    public async Task CheckCatalogLocksAsync(MigrationFile file, CancellationToken ct)
    {
        var locked = await connection.ListAsync(
            "SELECT DISTINCT relation::pg_catalog.regclass::text FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() AND locktype = 'relation' AND mode = 'AccessExclusiveLock' AND granted AND relation < 16384 ORDER BY 1",
            r => r.GetString(0), ct);
        if (locked.Count > 0)
            throw ErrorCatalogue.CatalogLocked.For(file.Name, string.Join(", ", locked));
    }

    /// <summary>The losses of this transaction that were not allowed. It is not committed yet.</summary>
    /// <param name="first">Statements without a result that come before the look.</param>
    public async Task<IReadOnlyList<UnexpectedLoss>> EndAsync(string first, CancellationToken ct)
    {
        var now = await XactCounts.AfterAsync(connection, history, first, ct);
        var written = now.Since(counted).ToList();
        Changes = [.. written.Select(Change)];
        Locks = now.Locks;
        // Before the commit: if the answer to a COMMIT is lost, the transaction may be committed.
        if (Own is not null)
            await Own.NoteAsync(connection, written.Select(c => new OwnChange(c.Oid, c.Inserted, c.Updated, c.Deleted)), ct);
        var objects = new LargeObjectLosses(connection, observer);
        var objectLosses = await objects.FindAsync(now.LargeObjectsSince(counted), ct);
        LargeObjects = objects.Removed;
        var structure = await MayHaveLostStructureAsync(now, ct) ? await StructureAsync(now, ct) : [];
        if (coverage.IsEverything)
            return [];
        var updated = written.Where(c => c.Updated > 0 && standing.Contains(c.Oid)).ToList();
        var unnamed = updated.Where(c => !visible.Updates(c.Schema, c.Name)).ToList();
        var roots = unnamed.Count == 0 ? [] : await PartitionRoots.ReadAsync(connection, unnamed.Select(c => c.Oid), ct);
        HiddenUpdates = [.. unnamed.Where(c => !(roots.TryGetValue(c.Oid, out var root) && visible.Updates(root.Schema, root.Name))).Select(Change)];
        var nulled = CountsValues || IsRehearsal ? await values.LossesAsync([.. updated, .. Rewritten(now).Where(r => !updated.Exists(u => u.Oid == r.Oid))], coverage, skipsLocked: IsRehearsal, ct) : [];
        AllowedLosses = [.. AllowedLosses, .. values.Allowed];
        List<UnexpectedLoss> losses =
        [
            .. written.Any(c => c.Deleted > 0) ? await DeletedAsync(written, ct) : [],
            .. now.Tables.Values.Where(c => c.IsForeignWrite && !coverage.Rows(c.Oid, RowLoss.Deleted) && !visible.OnlyInsertsInto(c.Schema, c.Name)).Select(ForeignLoss),
            .. objectLosses.Where(l => !coverage.IsNamed(l.AllowAs)),
            .. structure,
            .. nulled,
        ];
        if (now.Attributes > counted.Attributes)
        {
            var (unwritten, others) = Split(Rewritten(now), written);
            losses.AddRange(await conversions.FindAsync(coverage, visible, RunsAgain ? unwritten : new HashSet<uint>(), ct));
            AllowedLosses = [.. AllowedLosses, .. conversions.Allowed];
            HiddenRewrites = [.. RunsAgain ? others : others.Concat(Rewritten(now).Where(c => unwritten.Contains(c.Oid)).Select(c => c.Display))];
        }

        return losses;
    }

    /// <summary>Tables whose rows were deleted before they could be saved.</summary>
    public async Task<IReadOnlyList<HarmlessClaim>> MissedAsync(RowsSinceBackup? since, IReadOnlySet<uint> atStake, CancellationToken ct)
    {
        var missed = new List<HarmlessClaim>();
        foreach (var oid in since is null ? [] : await since.MissedAsync(connection, atStake, standing, ct))
        {
            // Only the second session sees a dropped table.
            if (await TableReach.FindAsync(observer, oid, ct) is { } table)
                missed.Add(HarmlessClaim.OfMissed(table));
        }

        return missed;
    }

    private static TableChange Change(RowCounts c) => new(c.Display, c.Inserted, c.Updated, c.Deleted);

    private static UnexpectedLoss ForeignLoss(RowCounts table) =>
        new($"delete-rows:{table.Display}", $"rows of foreign table {table.Display} may be deleted or overwritten on its server, and their number cannot be counted") { IsOutside = true };

    /// <summary>A change of type can turn values into NULL, and PostgreSQL counts none of the rows that it writes: only the script's own are judged by the safety check.</summary>
    private IEnumerable<RowCounts> Rewritten(XactCounts now) => now.Tables.Values.Where(c => rewritten.Contains(c.Oid) && !visible.OnlyRewrites(c.Schema, c.Name));

    /// <summary>Where rows were written too, the sums of values differ anyway.</summary>
    private static (HashSet<uint> Unwritten, List<string> Others) Split(IEnumerable<RowCounts> tables, List<RowCounts> written)
    {
        var writes = written.Where(c => c.Inserted + c.Updated + c.Deleted > 0).Select(c => c.Oid).ToHashSet();
        var all = tables.ToList();
        return ([.. all.Where(t => !writes.Contains(t.Oid)).Select(t => t.Oid)], [.. all.Where(t => writes.Contains(t.Oid)).Select(t => t.Display)]);
    }

    /// <summary>An UPDATE that moves a row to another partition is counted as deleted here and inserted there: such rows are offset against each other.</summary>
    private async Task<List<UnexpectedLoss>> DeletedAsync(List<RowCounts> written, CancellationToken ct)
    {
        var oids = written.Select(c => c.Oid).ToList();
        var roots = await PartitionRoots.ReadAsync(connection, oids, ct);
        foreach (var (oid, root) in await PartitionRoots.ReadAsync(observer, oids, ct))
            roots[oid] = root;
        var own = await CreatedAsync(written.Where(c => c.Deleted > 0 && !standing.Contains(c.Oid)).Select(c => c.Oid).ToList(), ct);
        var losses = new List<UnexpectedLoss>();
        foreach (var group in written.GroupBy(c => roots.GetValueOrDefault(c.Oid)?.Oid ?? c.Oid))
        {
            var deleted = group.Where(c => !own.Contains(c.Oid)).Sum(c => c.Deleted);
            var allowed = group.Where(c => !own.Contains(c.Oid) && coverage.Rows(c.Oid, RowLoss.Deleted)).Sum(c => c.Deleted);
            var most = coverage.MostRows(group.Key);
            var lost = deleted - Math.Min(allowed, most ?? allowed);
            // Rows that were rolled back to a savepoint, and rows that the transaction itself had inserted, are counted too.
            if (lost > 0 && await new DeletedRows(connection, observer).CountAsync(group.Key, ct) is { } gone && gone < deleted)
                lost = Math.Max(0, gone - Math.Min(allowed, most ?? allowed));
            if (lost > 0 && group.Any(c => c.Oid != group.Key) && group.Any(c => c.Inserted > 0))
                lost = Math.Min(lost, await new MovedRows(connection, observer).LostAsync(group.Key, ct) ?? deleted - MayHaveMoved(group, roots));
            var name = roots.GetValueOrDefault(group.First().Oid)?.Display ?? group.First().Display;
            if (lost > 0)
                losses.Add(new UnexpectedLoss($"delete-rows:{name}", string.Create(CultureInfo.InvariantCulture, $"{lost:N0} {(lost == 1 ? "row" : "rows")} of {name} would be deleted{Beyond(allowed, most)}")) { Table = group.Key });
        }

        return losses;
    }

    /// <summary>Where the rows cannot be compared, since the transaction locks the table, an UPDATE of the script counts as moving them.</summary>
    private long MayHaveMoved(IEnumerable<RowCounts> group, Dictionary<uint, PartitionRoot> roots) =>
        group.Any(c => visible.Updates(c.Schema, c.Name) || (roots.TryGetValue(c.Oid, out var root) && visible.Updates(root.Schema, root.Name))) ? group.Sum(c => c.Inserted) : 0;

    private static string Beyond(long allowed, long? most) => most < allowed ? string.Create(CultureInfo.InvariantCulture, $" in addition to the {most:N0} allowed") : "";

    /// <summary>The tables that this transaction created: tables that other sessions created since it began are committed and visible to all sessions.</summary>
    private async Task<HashSet<uint>> CreatedAsync(List<uint> newcomers, CancellationToken ct)
    {
        if (newcomers.Count == 0)
            return [];
        var others = await observer.ListAsync("SELECT oid FROM pg_catalog.pg_class WHERE oid = ANY ($1::oid[])", r => r.GetFieldValue<uint>(0), ct, newcomers.Select(o => (long)o).ToArray());
        return [.. newcomers.Except(others)];
    }

    private async Task<bool> MayHaveLostStructureAsync(XactCounts now, CancellationToken ct)
    {
        if (now.Classes > counted.Classes && (await standing.HaveChangedAsync(connection, ct) || await NewcomersAsync(ct) is { Count: > 0 }))
            return true;
        return now.Attributes > counted.Attributes && await DroppedColumnsAsync(connection, ct) != await DroppedColumnsAsync(observer, ct);
    }

    /// <summary>
    /// Tables that other sessions created since this transaction began, and that it dropped: DROP SCHEMA … CASCADE waits for a session that creates a table, and drops the table too.
    /// pg_relation_filenode sees the current state, however old this transaction's snapshot is.
    /// </summary>
    private async Task<List<string>> NewcomersAsync(CancellationToken ct)
    {
        var known = await observer.ListAsync(
            """
            SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND c.oid >= 16384 AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'dbsafety'
            """,
            r => (Oid: r.GetFieldValue<uint>(0), Name: new RelationName(r.GetString(1), r.GetString(2)).Display("public")), ct);
        var others = known.Where(t => !standing.Contains(t.Oid)).ToDictionary(t => t.Oid, t => t.Name);
        if (others.Count == 0)
            return [];
        var gone = await connection.ListAsync("SELECT o FROM pg_catalog.unnest($1::oid[]) o WHERE pg_catalog.pg_relation_filenode(o) IS NULL", r => r.GetFieldValue<uint>(0), ct, others.Keys.Select(o => (long)o).ToArray());
        return [.. gone.Select(oid => others[oid])];
    }

    /// <summary>Their identities, not their number: dropping a table or type removes its dropped attributes too.</summary>
    private static Task<string> DroppedColumnsAsync(NpgsqlConnection connection, CancellationToken ct) =>
        connection.ScalarAsync<string>("SELECT coalesce(pg_catalog.md5(pg_catalog.string_agg(attrelid || '.' || attnum, ' ' ORDER BY attrelid, attnum)), '') FROM pg_catalog.pg_attribute WHERE attisdropped", ct)!;

    /// <summary>The observer would wait for this transaction's locks to read sizes, so those from its beginning are used.</summary>
    private async Task<IReadOnlyList<UnexpectedLoss>> StructureAsync(XactCounts now, CancellationToken ct)
    {
        var before = await StructureCensus.ReadAsync(observer, history, CensusDepth.Names, ct);
        var after = await RefilledAsync(await StructureCensus.ReadAsync(connection, history, CensusDepth.Sizes, ct), now, ct);
        var sized = standing.Of(before);
        List<UnexpectedLoss> losses =
        [
            .. CensusComparison.Losses(sized, after, coverage, Proof),
            .. (await NewcomersAsync(ct)).Select(name => new UnexpectedLoss($"drop-table:{name}", $"table {name}, which was created while the migration ran, would be dropped")),
        ];
        rewritten = after.Tables.Values.Where(t => t is { HasRows: true, IsMaterializedView: false, IsRefilled: false, Bytes: > 0 } && standing.Contains(t.Oid) && standing.FileNode(t.Oid) != t.FileNode).Select(t => t.Oid).ToHashSet();
        AllowedLosses = [.. CensusComparison.Losses(sized, after, Coverage.Nothing, Proof).ExceptBy(losses.Select(l => l.AllowAs), l => l.AllowAs)];
        var dropped = losses.Select(l => l.Column?.Name).ToHashSet(StringComparer.Ordinal);
        Unproven =
        [
            .. CensusComparison.Unproven(sized, after, coverage, Proof),
            .. coverage.Hidden.Where(c => dropped.Contains(c.Question.Column) && !Proof.Covers(c.Oid, c.Column)),
        ];
        return losses;
    }

    /// <summary>
    /// TRUNCATE resets PostgreSQL's counts of the transaction, and a rewrite does not count the rows that it copies: a table in a new file that has no more
    /// rows than were counted as inserted has no previous rows. Rows that were rolled back to a savepoint are counted too, so the number can be lower. A table that is empty in a
    /// new file was emptied by DELETE if more rows were deleted than inserted. It is locked by this transaction, so its rows are those of this transaction.
    /// </summary>
    private async Task<StructureCensus> RefilledAsync(StructureCensus after, XactCounts now, CancellationToken ct)
    {
        var tables = after.Tables.ToDictionary();
        foreach (var table in after.Tables.Values.Where(t => t is { HasRows: true, IsMaterializedView: false } && standing.Contains(t.Oid) && standing.FileNode(t.Oid) != t.FileNode))
        {
            if (!now.Tables.TryGetValue(table.Oid, out var counts))
                continue;
            if (table.Bytes == 0)
                tables[table.Oid] = table with { IsDeleted = counts.Deleted > counts.Inserted };
            else if (counts.Inserted > 0 && await connection.ScalarAsync<long>($"SELECT count(*) FROM ONLY {SqlName.Quote(table.Schema, table.Name)}", ct) <= counts.Inserted)
                tables[table.Oid] = table with { IsRefilled = true };
        }

        return new StructureCensus(tables);
    }
}
