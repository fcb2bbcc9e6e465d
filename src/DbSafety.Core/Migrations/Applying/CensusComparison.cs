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
    public static IEnumerable<UnexpectedLoss> Losses(StructureCensus before, StructureCensus after, Coverage coverage)
    {
        foreach (var table in before.Tables.Values)
        {
            if (!after.Tables.TryGetValue(table.Oid, out var now))
            {
                if (table.HasRows && !coverage.Rows(table.Oid) && !coverage.IsKnownEmpty(table.Oid) && table.Rows != 0 && (table.Rows > 0 || table.Bytes > 0))
                    yield return new UnexpectedLoss($"{(table.IsMaterializedView ? "drop-materialized-view" : "drop-table")}:{Name(table)}", $"table {Name(table)}{Number(table.Rows)} would be dropped");
                continue;
            }

            if (RowLoss(table, now) is { } loss && !coverage.Rows(table.Oid))
                yield return loss;
            foreach (var (number, column) in table.Columns)
            {
                if (!now.Columns.ContainsKey(number) && !coverage.Column(table.Oid, column) && table.Rows != 0)
                    yield return new UnexpectedLoss($"drop-column:{Name(table)}.{Databases.SqlName.Display(column)}", $"column {Name(table)}.{column} would be dropped") { Column = (table.Schema, table.Name, column) };
            }
        }
    }

    private static UnexpectedLoss? RowLoss(TableState before, TableState now)
    {
        if (before.IsMaterializedView)
            return null;
        if (before.Rows is { } rows && now.Rows is { } left && left < rows)
            return new UnexpectedLoss($"delete-rows:{Name(before)}", $"{Text(rows - left)} of {Text(rows)} rows of {Name(before)} would be lost");
        if (before.Rows is null && before.Bytes > 0 && now.Bytes == 0 && now.FileNode != before.FileNode)
            return new UnexpectedLoss($"truncate:{Name(before)}", $"{Name(before)} would be emptied");
        return null;
    }

    private static string Name(TableState table) => new Analysis.RelationName(table.Schema, table.Name).Display("public");

    private static string Number(long? rows) => rows is { } count ? $" with {Text(count)} rows" : "";

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
