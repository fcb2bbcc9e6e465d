using System.Text.RegularExpressions;
using DbSafety.Backups.Dumps;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Tables;

namespace DbSafety.Comparisons;

/// <summary>Tables and sequences that a dump of another tool defines, and whose rows or values it does not contain.</summary>
/// <param name="Empty">Tables without a row: where rows are INSERT statements, an empty table has none.</param>
/// <param name="WithoutRows">Tables whose rows are not in the dump.</param>
/// <param name="HoldsNoRows">It holds rows of no table.</param>
/// <param name="HoldsNoValues">It holds values of no sequence, but can define sequences.</param>
internal sealed partial record DumpedDefinitions(IReadOnlyList<TableCount> Empty, IReadOnlySet<TableName> WithoutRows, bool HoldsNoRows, bool HoldsNoValues)
{
    /// <summary>All tables that it creates, but partitioned ones.</summary>
    public IReadOnlySet<TableName> Tables { get; private init; } = new HashSet<TableName>();

    /// <summary>The partitioned table at the top of each partition's tree.</summary>
    public IReadOnlyDictionary<TableName, TableName> Roots { get; private init; } = new Dictionary<TableName, TableName>();

    /// <summary>The table with its root, if the dump contains it: another side can have the root's rows.</summary>
    public TableCount WithRoot(TableCount table) => table.Root is null && Roots.TryGetValue(new TableName(table.Schema, table.Name), out var root) ? table with { Root = root } : table;

    /// <summary>It defines the table, or a partition of it, without the rows.</summary>
    public bool HoldsNoRowsOf(TableName table) => WithoutRows.Contains(table) || WithoutRows.Any(t => Roots.GetValueOrDefault(t) == table);

    /// <summary>Null for a set of DbSafety.</summary>
    public static DumpedDefinitions? Of(PgBackup backup)
    {
        if (backup.Foreign?.Content is not { } content)
            return null;
        var counted = backup.Manifest.Tables.Select(t => new TableName(t.Schema, t.Name)).ToHashSet();
        var noValues = backup.Manifest.Sequences.Count == 0;
        if (content.Toc is { } toc)
        {
            var tables = toc.Entries.Where(e => e.Description == "TABLE" && !PartitionedPattern().IsMatch(e.Definition)).Select(e => new TableName(e.Schema, e.Tag)).ToHashSet();
            var without = tables.Where(t => !counted.Contains(t)).ToHashSet();
            return new DumpedDefinitions([], without, counted.Count == 0 && without.Count > 0, noValues && toc.Entries.Any(e => e.Description == "SEQUENCE"))
            {
                Tables = tables,
                Roots = RootsOf(toc.Entries.Where(e => e.Description is "TABLE" or "TABLE ATTACH").Select(e => (new TableName(e.Schema, e.Tag), PlainSection.AttachPattern().Match(e.Definition)))
                    .Where(e => e.Item2.Success).Select(e => (e.Item1, new TableName(PlainSection.Unquote(e.Item2.Groups[1].Value), PlainSection.Unquote(e.Item2.Groups[2].Value))))),
            };
        }

        var section = (backup.Foreign.Section is { Length: > 0 } named ? content.Plain!.Sections.FirstOrDefault(s => s.Database == named) : content.Plain!.For("")) ?? content.Plain.Sections[0];
        var roots = RootsOf(section.Attached);
        // Rows of partitions can be loaded through the root.
        List<TableName> others = [.. section.Created.Where(t => !counted.Contains(t) && !(roots.TryGetValue(t, out var root) && counted.Contains(root)))];
        var found = section.HasInserts
            ? new DumpedDefinitions([.. others.Select(t => new TableCount(t.Schema, t.Name, 0))], new HashSet<TableName>(), false, noValues)
            : new DumpedDefinitions([], others.ToHashSet(), counted.Count == 0 && others.Count > 0, noValues);
        return found with { Tables = section.Created.ToHashSet(), Roots = roots };
    }

    private static Dictionary<TableName, TableName> RootsOf(IEnumerable<(TableName Partition, TableName Parent)> attached)
    {
        var parents = new Dictionary<TableName, TableName>();
        foreach (var (partition, parent) in attached)
            parents.TryAdd(partition, parent);
        return parents.Keys.ToDictionary(p => p, p => Root(p, parents));
    }

    /// <summary>No tree is as high as there are partitions, however a script is written.</summary>
    private static TableName Root(TableName table, Dictionary<TableName, TableName> parents)
    {
        for (var height = 0; height < parents.Count && parents.TryGetValue(table, out var parent); height++)
            table = parent;
        return table;
    }

    [GeneratedRegex(@"\)\s*PARTITION BY (?:RANGE|LIST|HASH) ")]
    private static partial Regex PartitionedPattern();
}
