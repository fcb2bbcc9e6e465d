using System.Globalization;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Migrations.Applying;

/// <summary>A loss that was not allowed.</summary>
/// <param name="AllowAs">How <c>--allow</c> would name it.</param>
internal sealed record UnexpectedLoss(string AllowAs, string Text)
{
    /// <summary>The dropped column, if it is one.</summary>
    public (string Schema, string Table, string Name)? Column { get; init; }

    /// <summary>The oid of the table before the migration; 0: none.</summary>
    public uint Table { get; init; }

    /// <summary>Values that would be lost; 0 where it is about something else.</summary>
    public long Values { get; init; }

    /// <summary>The text contains no number yet.</summary>
    public bool IsUncounted { get; init; }

    /// <summary>The loss would be outside this database, which the copy of a rehearsal does not contain.</summary>
    public bool IsOutside { get; init; }

    /// <summary>With the number of rows or values that are there.</summary>
    public UnexpectedLoss Counted(long number) =>
        this with { IsUncounted = false, Text = string.Create(CultureInfo.InvariantCulture, $"{Text} ({number:N0} {(Column is null ? "row" : "value")}{(number == 1 ? "" : "s")})") };

    public override string ToString() => Text;
}

/// <summary>The losses between two censuses of a database, except those that were allowed.</summary>
internal static class CensusComparison
{
    /// <param name="proof">The tables and columns that a transaction has proven to be empty under a lock; null: there was no transaction.</param>
    /// <param name="isShared">Other sessions may have written to an empty table before it was dropped.</param>
    public static IEnumerable<UnexpectedLoss> Losses(StructureCensus before, StructureCensus after, Coverage coverage, HarmlessProof? proof = null, bool isShared = false) =>
        [.. TableLosses(isShared ? Uncounted(before) : before, after, coverage, proof), .. PartitionLosses(before, after, coverage)];

    /// <summary>A table that was counted as empty may no longer be empty, so it is treated as not empty.</summary>
    private static StructureCensus Uncounted(StructureCensus census) =>
        new(census.Tables.ToDictionary(t => t.Key, t => t.Value.Rows == 0 ? t.Value with { Rows = null, Bytes = Math.Max(t.Value.Bytes, 1) } : t.Value));

    /// <summary>
    /// Tables without pages when the transaction began that were dropped or have another file now. Other sessions may have written to them before they were
    /// locked, and they were not counted since.
    /// </summary>
    public static IReadOnlyList<HarmlessClaim> Unproven(StructureCensus before, StructureCensus after, Coverage coverage, HarmlessProof proof) =>
        [.. before.Tables.Values
            .Where(t => t is { HasRows: true, Bytes: 0 } && !proof.Covers(t.Oid))
            .Where(t => after.Tables.TryGetValue(t.Oid, out var now) ? IsEmptied(t, now) && !coverage.Rows(t.Oid, RowLoss.Emptied) : !coverage.Rows(t.Oid, RowLoss.Dropped))
            .Select(t => HarmlessClaim.OfHidden(t, isDropped: !after.Tables.ContainsKey(t.Oid)))];

    /// <summary>The difference between two row counts, including changes by other sessions, without updates.</summary>
    public static IReadOnlyList<TableChange> Changes(StructureCensus before, StructureCensus after) =>
        [.. before.Tables.Values
            .Where(t => t.Rows is not null && after.Tables.TryGetValue(t.Oid, out var now) && now.Rows != t.Rows)
            .Select(t => (Table: t, Difference: after.Tables[t.Oid].Rows!.Value - t.Rows!.Value))
            .Select(c => new TableChange(Name(c.Table), Math.Max(c.Difference, 0), 0, Math.Max(-c.Difference, 0)) { Exact = false })];

    private static IEnumerable<UnexpectedLoss> TableLosses(StructureCensus before, StructureCensus after, Coverage coverage, HarmlessProof? proof)
    {
        foreach (var table in before.Tables.Values)
        {
            if (!after.Tables.TryGetValue(table.Oid, out var now))
            {
                if (table.HasRows && !coverage.Rows(table.Oid, RowLoss.Dropped) && proof?.Covers(table.Oid) != true && table.Rows != 0 && (table.Rows > 0 || table.Bytes > 0))
                    yield return new UnexpectedLoss($"{(table.IsMaterializedView ? "drop-materialized-view" : "drop-table")}:{Name(table)}", $"table {Name(table)}{Number(table.Rows)} would be dropped") { Table = table.Oid, IsUncounted = table.Rows is null };
                continue;
            }

            if (RowsGone(table, now) is { } loss && !coverage.Rows(table.Oid, IsEmptied(table, now) ? RowLoss.Emptied : RowLoss.Deleted) && proof?.Covers(table.Oid) != true)
                yield return loss;
            foreach (var (number, column) in table.Columns)
            {
                if (!now.Columns.ContainsKey(number) && !coverage.Column(table.Oid, column, ColumnLoss.Dropped) && table.Rows != 0 && !IsHarmless(table, number, column, coverage, proof))
                    yield return new UnexpectedLoss($"drop-column:{Name(table)}.{SqlName.Display(column)}", $"column {Name(table)}.{column} would be dropped") { Column = (table.Schema, table.Name, column), Table = table.Oid, IsUncounted = true };
            }
        }
    }

    /// <summary>Inside a transaction, only its own proof counts.</summary>
    private static bool IsHarmless(TableState table, short number, string column, Coverage coverage, HarmlessProof? proof) =>
        proof is not null ? proof.Covers(table.Oid, number) : coverage.IsHarmlessColumn(table.Oid, column);

    /// <summary>Rows move between partitions, so those of a partitioned table are counted together.</summary>
    private static IEnumerable<UnexpectedLoss> PartitionLosses(StructureCensus before, StructureCensus after, Coverage coverage)
    {
        foreach (var group in before.Tables.Values.Where(t => t is { IsPartition: true, Rows: not null }).GroupBy(t => t.Root))
        {
            var members = group.Select(t => t.Oid).ToHashSet();
            var rows = group.Sum(t => t.Rows!.Value);
            var left = after.Tables.Values.Where(t => members.Contains(t.Oid) || t.Root == group.Key).Sum(t => t.Rows ?? 0);
            var allowed = group.Where(t => coverage.Rows(t.Oid, RowLoss.Deleted)).Sum(t => t.Rows!.Value);
            if (rows - left > allowed)
                yield return RowsLost(before.Tables[group.Key], rows, left);
        }
    }

    /// <summary>
    /// Values that have become null, regardless of the statement. Those of a partitioned table are counted together, by the names of its columns.
    /// </summary>
    /// <param name="changes">Allowed deletions also delete values, even if other rows were inserted.</param>
    public static IEnumerable<(UnexpectedLoss Loss, bool IsAllowed)> ValueLosses(StructureCensus before, StructureCensus after, Coverage coverage, IReadOnlyList<TableChange> changes)
    {
        foreach (var group in before.Tables.Values.Where(t => t is { Rows: not null, IsMaterializedView: false }).GroupBy(t => t.Root))
        {
            var left = after.Tables.Values.Where(t => t.Rows is not null && (t.Root == group.Key || group.Any(b => b.Oid == t.Oid))).ToList();
            if (!before.Tables.TryGetValue(group.Key, out var root) || !after.Tables.TryGetValue(root.Oid, out var now) || left.Count == 0)
                continue;
            var names = group.Concat(left).Append(root).Where(t => coverage.Rows(t.Oid, RowLoss.Deleted)).Select(Name).ToHashSet(StringComparer.Ordinal);
            var gone = Math.Max(changes.Where(c => names.Contains(c.Table)).Sum(c => c.Deleted), group.Sum(t => t.Rows!.Value) - left.Sum(t => t.Rows!.Value));
            foreach (var (number, column) in root.Columns.Where(c => now.Columns.ContainsKey(c.Key)))
            {
                var (then, values) = (group.Sum(t => Values(t, column)), left.Sum(t => Values(t, now.Columns[number])));
                if (then - values - gone > 0)
                    yield return (ValuesLost(root.Oid, $"{Name(root)}.{SqlName.Display(column)}", then - values - gone, then), coverage.Column(root.Oid, column, ColumnLoss.Nulled));
            }
        }
    }

    public static UnexpectedLoss ValuesLost(uint table, string column, long lost, long before) =>
        new($"column-values:{column}", $"{Text(lost)} of {Text(before)} values of {column} would be lost") { Table = table, Values = lost };

    /// <summary>The rows of a table, or the values of a column of it; null: they were not counted.</summary>
    public static long? Number(TableState table, string? column) => table.Rows is not { } rows ? null : column is null ? rows : Values(table, column);

    /// <summary>A column that cannot be null has a value in each row.</summary>
    private static long Values(TableState table, string column)
    {
        foreach (var (number, name) in table.Columns)
        {
            if (name == column)
                return table.Values.TryGetValue(number, out var values) ? values : table.Rows ?? 0;
        }

        return 0;
    }

    private static UnexpectedLoss RowsLost(TableState table, long rows, long left) =>
        new($"delete-rows:{Name(table)}", $"{Text(rows - left)} of {Text(rows)} rows of {Name(table)} would be lost") { Table = table.Oid };

    /// <summary>Its rows are in another file, and none of them existed before.</summary>
    private static bool IsEmptied(TableState before, TableState now) => now.FileNode != before.FileNode && !now.IsDeleted && ((now.Rows ?? now.Bytes) == 0 || now.IsRefilled);

    private static UnexpectedLoss? RowsGone(TableState before, TableState now)
    {
        if (before.IsMaterializedView)
            return null;
        if (before.Rows is { } rows && now.Rows is { } left && left < rows && !before.IsPartition)
            return IsEmptied(before, now) ? RowsLost(before, rows, left) with { AllowAs = $"truncate:{Name(before)}", Text = $"{Name(before)} would be emptied ({Text(rows)} {(rows == 1 ? "row" : "rows")})" } : RowsLost(before, rows, left);
        if (before.Rows is null && before.Bytes > 0 && IsEmptied(before, now))
            return new UnexpectedLoss($"truncate:{Name(before)}", $"{Name(before)} would be emptied") { Table = before.Oid, IsUncounted = true };
        return null;
    }

    private static string Name(TableState table) => new RelationName(table.Schema, table.Name).Display("public");

    private static string Number(long? rows) => rows is { } count ? $" with {Text(count)} rows" : "";

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
