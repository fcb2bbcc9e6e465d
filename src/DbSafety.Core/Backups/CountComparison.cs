using DbSafety.Databases.Tables;

namespace DbSafety.Backups;

/// <summary>Compares two lists of counts.</summary>
internal static class CountComparison
{
    /// <summary>What differs, in words; tables that only the second list has are not a difference but a list of their own.</summary>
    public static List<string> Differences(
        IReadOnlyList<TableCount> first, IReadOnlyList<TableCount> second, string firstName, string secondName, out IReadOnlyList<TableCount> onlyInSecond)
    {
        (first, second) = RootCounts.Align(first, second);
        var others = second.ToDictionary(t => (t.Schema, t.Name));
        var differences = new List<string>();
        foreach (var table in first)
        {
            if (!others.Remove((table.Schema, table.Name), out var other))
                differences.Add($"{table} is missing in {secondName}");
            else if (other.Rows != table.Rows)
                differences.Add($"{table} has {table.Rows:N0} rows in {firstName}, {other.Rows:N0} in {secondName}");
            else if (table.Checksum is not null && other.Checksum is not null && table.Checksum != other.Checksum)
                differences.Add($"{table} has different rows in {secondName} than in {firstName}, with the same row count");
        }

        onlyInSecond = [.. others.Values];
        return differences;
    }
}
