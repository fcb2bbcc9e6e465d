using System.Globalization;

namespace DbSafety.Migrations.Applying;

/// <summary>A loss that nobody allowed.</summary>
/// <param name="AllowAs">How <c>--allow</c> would name it.</param>
internal sealed record UnexpectedLoss(string AllowAs, string Text)
{
    /// <summary>The column that went, where it is one.</summary>
    public (string Schema, string Table, string Name)? Column { get; init; }

    public override string ToString() => Text;
}

/// <summary>What is gone between two censuses of one database, but for what was allowed.</summary>
internal static class CensusComparison
{
    public static IEnumerable<UnexpectedLoss> Losses(StructureCensus before, StructureCensus after, Coverage coverage) =>
        [.. TableLosses(before, after, coverage), .. PartitionLosses(before, after, coverage)];

    /// <summary>Rows more or fewer, by two counts: with what everybody did in between, and without updates.</summary>
    public static IReadOnlyList<TableChange> Changes(StructureCensus before, StructureCensus after) =>
        [.. before.Tables.Values
            .Where(t => t.Rows is not null && after.Tables.TryGetValue(t.Oid, out var now) && now.Rows != t.Rows)
            .Select(t => (Table: t, Difference: after.Tables[t.Oid].Rows!.Value - t.Rows!.Value))
            .Select(c => new TableChange(Name(c.Table), Math.Max(c.Difference, 0), 0, Math.Max(-c.Difference, 0)) { Exact = false })];

    private static IEnumerable<UnexpectedLoss> TableLosses(StructureCensus before, StructureCensus after, Coverage coverage)
    {
        foreach (var table in before.Tables.Values)
        {
            if (!after.Tables.TryGetValue(table.Oid, out var now))
            {
                if (table.HasRows && !coverage.Rows(table.Oid) && !coverage.IsKnownEmpty(table.Oid) && table.Rows != 0 && (table.Rows > 0 || table.Bytes > 0))
                    yield return new UnexpectedLoss($"{(table.IsMaterializedView ? "drop-materialized-view" : "drop-table")}:{Name(table)}", $"table {Name(table)}{Number(table.Rows)} would be dropped");
                continue;
            }

            if (!table.IsPartition && RowLoss(table, now) is { } loss && !coverage.Rows(table.Oid))
                yield return loss;
            foreach (var (number, column) in table.Columns)
            {
                if (!now.Columns.ContainsKey(number) && !coverage.Column(table.Oid, column) && table.Rows != 0)
                    yield return new UnexpectedLoss($"drop-column:{Name(table)}.{Databases.SqlName.Display(column)}", $"column {Name(table)}.{column} would be dropped") { Column = (table.Schema, table.Name, column) };
            }
        }
    }

    /// <summary>Rows move between partitions, so those of a partitioned table are counted together.</summary>
    private static IEnumerable<UnexpectedLoss> PartitionLosses(StructureCensus before, StructureCensus after, Coverage coverage)
    {
        foreach (var group in before.Tables.Values.Where(t => t is { IsPartition: true, Rows: not null }).GroupBy(t => t.Root))
        {
            var members = group.Select(t => t.Oid).ToHashSet();
            var rows = group.Sum(t => t.Rows!.Value);
            var left = after.Tables.Values.Where(t => members.Contains(t.Oid) || t.Root == group.Key).Sum(t => t.Rows ?? 0);
            var allowed = group.Where(t => coverage.Rows(t.Oid)).Sum(t => t.Rows!.Value);
            if (rows - left > allowed)
                yield return RowsLost(before.Tables[group.Key], rows, left);
        }
    }

    private static UnexpectedLoss RowsLost(TableState table, long rows, long left) =>
        new($"delete-rows:{Name(table)}", $"{Text(rows - left)} of {Text(rows)} rows of {Name(table)} would be lost");

    private static UnexpectedLoss? RowLoss(TableState before, TableState now)
    {
        if (before.IsMaterializedView)
            return null;
        if (before.Rows is { } rows && now.Rows is { } left && left < rows)
            return RowsLost(before, rows, left);
        if (before.Rows is null && before.Bytes > 0 && now.Bytes == 0 && now.FileNode != before.FileNode)
            return new UnexpectedLoss($"truncate:{Name(before)}", $"{Name(before)} would be emptied");
        return null;
    }

    private static string Name(TableState table) => new Analysis.RelationName(table.Schema, table.Name).Display("public");

    private static string Number(long? rows) => rows is { } count ? $" with {Text(count)} rows" : "";

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
