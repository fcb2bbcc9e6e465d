using DbSafety.Databases.Tables;

namespace DbSafety.Backups;

/// <summary>
/// Partitions whose rows a dump loads through their root are compared by the root, both counts and checksums: the partition that holds a row can differ between
/// a database and its restored copy. A checksum is a sum over rows, so that of the root is the sum of those of its partitions.
/// </summary>
internal static class RootCounts
{
    /// <summary>Both lists with the partitions of such a root replaced by their root. What one list does not contain of a table, the other list can contain.</summary>
    public static (IReadOnlyList<TableCount> First, IReadOnlyList<TableCount> Second) Align(IReadOnlyList<TableCount> first, IReadOnlyList<TableCount> second)
    {
        var partitions = first.Concat(second).Where(t => t.Root is not null).ToList();
        if (partitions.Count == 0)
            return (first, second);
        var all = partitions.Select(t => t.Root!).ToHashSet();
        // A plain dump names the root itself, where its COPY statements do.
        var roots = first.Concat(second).Select(NameOf).Where(all.Contains).Concat(partitions.Where(t => t.LoadsByRoot == true).Select(t => t.Root!)).ToHashSet();
        if (roots.Count == 0)
            return (first, second);
        var known = new Dictionary<TableName, TableName>();
        foreach (var partition in partitions)
            known.TryAdd(NameOf(partition), partition.Root!);
        return (Align(first, roots, known), Align(second, roots, known));
    }

    private static List<TableCount> Align(IReadOnlyList<TableCount> counts, HashSet<TableName> roots, Dictionary<TableName, TableName> known)
    {
        var byRoot = counts.ToLookup(t => roots.Contains(NameOf(t)) ? NameOf(t) : (t.Root ?? known.GetValueOrDefault(NameOf(t))) is { } root && roots.Contains(root) ? root : null);
        return [.. byRoot[null], .. byRoot.Where(g => g.Key is not null).Select(g => Sum(g.Key!, [.. g]))];
    }

    private static TableCount Sum(TableName root, IReadOnlyList<TableCount> partitions)
    {
        var filled = partitions.Where(p => p.Rows > 0).ToList();
        return new TableCount(root.Schema, root.Name, partitions.Sum(p => p.Rows))
        {
            Checksum = filled.TrueForAll(p => p.Checksum is not null) ? TableChecksum.Sum(filled.Select(p => p.Checksum!)) : null,
        };
    }

    private static TableName NameOf(TableCount table) => new(table.Schema, table.Name);
}
