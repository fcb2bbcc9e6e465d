using System.Globalization;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Live;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>
/// Values that became NULL in tables whose rows were updated or rewritten, whatever did it: those that are not null are counted as the transaction and as a second session see
/// them. If the transaction locks the table, the second session would wait for it: then the transaction counts the values itself before the script.
/// </summary>
internal sealed class HiddenValues(NpgsqlConnection connection, NpgsqlConnection observer)
{
    private const string ColumnsSql = "SELECT attnum, attname FROM pg_catalog.pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped";

    /// <param name="Values">By the number of a column that can be null, those that are not.</param>
    private sealed record Counted(long Rows, IReadOnlyDictionary<short, long> Values);

    private readonly Dictionary<uint, Counted> noted = [];

    /// <summary>Locked tables whose values must be counted before the script runs.</summary>
    public IReadOnlyList<uint> Unproven { get; private set; } = [];

    /// <summary>Losses that were allowed.</summary>
    public IReadOnlyList<UnexpectedLoss> Allowed { get; private set; } = [];

    /// <summary>Call it in the transaction, before the script, for what its statements lock and update.</summary>
    public async Task NoteAsync(IEnumerable<RelationName> tables, ExistingTables standing, CancellationToken ct)
    {
        foreach (var name in tables.ToList())
        {
            if (await TableReach.FindAsync(connection, name, ct) is { } table)
                await NoteAsync((await TableReach.ReachedAsync(connection, table, LiveReach.Children, ct)).Where(t => t.Kind == 'r' && standing.Contains(t.Oid)).Select(t => t.Oid), ct);
        }
    }

    /// <inheritdoc cref="NoteAsync(IEnumerable{RelationName}, ExistingTables, CancellationToken)"/>
    public async Task NoteAsync(IEnumerable<uint> tables, CancellationToken ct)
    {
        foreach (var oid in tables.Where(t => !noted.ContainsKey(t)).ToList())
        {
            if (await TableReach.FindAsync(connection, oid, ct) is not { } table)
                continue;
            await connection.ExecuteAsync($"LOCK TABLE ONLY {table.Sql} IN ACCESS EXCLUSIVE MODE", ct);
            noted[oid] = await CountAsync(connection, oid, null, ct);
        }
    }

    /// <param name="skipsLocked">Tables that the transaction locks are compared elsewhere.</param>
    public async Task<IReadOnlyList<UnexpectedLoss>> LossesAsync(IEnumerable<RowCounts> changed, Coverage coverage, bool skipsLocked, CancellationToken ct)
    {
        var (losses, allowed, unproven) = (new List<UnexpectedLoss>(), new List<UnexpectedLoss>(), new List<uint>());
        foreach (var table in changed)
        {
            if (!noted.TryGetValue(table.Oid, out var before) && await ReaderLocks.AreTakenAsync(connection, table.Oid, ct))
            {
                if (skipsLocked || coverage.Column(table.Oid, Coverage.AnyColumn, ColumnLoss.Nulled))
                    continue;
                unproven.Add(table.Oid);
                losses.Add(new UnexpectedLoss($"column-values:{table.Display}", string.Create(CultureInfo.InvariantCulture,
                    $"{(table.Updated > 0 ? $"{table.Updated:N0} {(table.Updated == 1 ? "row" : "rows")} of {table.Display} would be updated" : $"{table.Display} would be rewritten")}; the table is locked, so its values cannot be compared here (a rehearsal can compare them)")) { Table = table.Oid });
                continue;
            }

            before ??= await CountAsync(observer, table.Oid, null, ct);
            var after = await CountAsync(connection, table.Oid, before.Values.Keys, ct);
            var names = (await connection.ListAsync(ColumnsSql, r => (Number: r.GetInt16(0), Name: r.GetString(1)), ct, (long)table.Oid)).ToDictionary(c => c.Number, c => c.Name);
            // Allowed deletions also delete values, even if other rows were inserted.
            var gone = Math.Max(coverage.Rows(table.Oid, RowLoss.Deleted) ? table.Deleted : 0, before.Rows - after.Rows);
            var exact = noted.ContainsKey(table.Oid) || table.Updated == 0 || table.Deleted + table.Inserted == 0 ? null : await ExactAsync(table, after, names, coverage, ct);
            long Lost(short number) => exact?.GetValueOrDefault(number) ?? before.Values[number] - after.Values[number] - gone;
            foreach (var number in after.Values.Keys.Where(n => Lost(n) > 0))
            {
                var loss = CensusComparison.ValuesLost(table.Oid, $"{table.Display}.{SqlName.Display(names[number])}", Lost(number), before.Values[number]);
                (coverage.Column(table.Oid, names[number], ColumnLoss.Nulled) ? allowed : losses).Add(loss);
            }
        }

        (Unproven, Allowed) = (unproven, allowed);
        return losses;
    }

    /// <summary>Where rows were inserted or deleted too, numbers alone do not show it.</summary>
    private async Task<IReadOnlyDictionary<short, long>?> ExactAsync(RowCounts table, Counted after, Dictionary<short, string> names, Coverage coverage, CancellationToken ct)
    {
        var before = (await observer.ListAsync(ColumnsSql, r => (Number: r.GetInt16(0), Name: r.GetString(1)), ct, (long)table.Oid)).ToDictionary(c => c.Number, c => c.Name);
        var columns = after.Values.Keys.Where(n => before.ContainsKey(n) && names.ContainsKey(n)).Select(n => (n, before[n], names[n])).ToList();
        return await new NulledRows(connection, observer).CountAsync(table, columns, coverage.Rows(table.Oid, RowLoss.Deleted) ? table.Deleted : 0, ct);
    }

    /// <param name="columns">Null: those that can be null.</param>
    private static async Task<Counted> CountAsync(NpgsqlConnection connection, uint oid, IEnumerable<short>? columns, CancellationToken ct)
    {
        if (await TableReach.FindAsync(connection, oid, ct) is not { } table)
            return new Counted(0, new Dictionary<short, long>());
        var wanted = columns?.ToHashSet();
        var found = (await connection.ListAsync(wanted is null ? ColumnsSql + " AND NOT attnotnull" : ColumnsSql, r => (Number: r.GetInt16(0), Name: r.GetString(1)), ct, (long)oid))
            .Where(c => wanted?.Contains(c.Number) != false).ToList();
        var counts = await StructureCensus.CountAsync(connection, table.Schema, table.Name, [.. found.Select(c => c.Name)], ct);
        return new Counted(counts[0], found.Select((c, i) => (c.Number, Count: counts[i + 1])).ToDictionary(c => c.Number, c => c.Count));
    }
}
