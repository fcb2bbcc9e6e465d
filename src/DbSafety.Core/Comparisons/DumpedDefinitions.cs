using System.Text.RegularExpressions;
using DbSafety.Backups;
using DbSafety.Databases;

namespace DbSafety.Comparisons;

/// <summary>Tables and sequences that a dump of another tool defines, and whose rows or values it does not hold.</summary>
/// <param name="Empty">Tables without a row: where rows are INSERT statements, an empty table has none.</param>
/// <param name="WithoutRows">Tables whose rows are not in the dump.</param>
/// <param name="HoldsNoRows">It holds rows of no table.</param>
/// <param name="HoldsNoValues">It holds values of no sequence, and may define some.</param>
internal sealed partial record DumpedDefinitions(IReadOnlyList<TableCount> Empty, IReadOnlySet<TableName> WithoutRows, bool HoldsNoRows, bool HoldsNoValues)
{
    /// <summary>Null for a set of our own.</summary>
    public static DumpedDefinitions? Of(PgBackup backup)
    {
        if (backup.Foreign?.Content is not { } content)
            return null;
        var counted = backup.Manifest.Tables.Select(t => new TableName(t.Schema, t.Name)).ToHashSet();
        var noValues = backup.Manifest.Sequences.Count == 0;
        if (content.Toc is { } toc)
        {
            var without = toc.Entries.Where(e => e.Description == "TABLE" && !PartitionedPattern().IsMatch(e.Definition)).Select(e => new TableName(e.Schema, e.Tag)).Where(t => !counted.Contains(t)).ToHashSet();
            return new DumpedDefinitions([], without, counted.Count == 0 && without.Count > 0, noValues && toc.Entries.Any(e => e.Description == "SEQUENCE"));
        }

        var section = (backup.Foreign.Section is { Length: > 0 } named ? content.Plain!.Sections.FirstOrDefault(s => s.Database == named) : content.Plain!.For("")) ?? content.Plain.Sections[0];
        List<TableName> others = [.. section.Created.Where(t => !counted.Contains(t))];
        return section.HasInserts
            ? new DumpedDefinitions([.. others.Select(t => new TableCount(t.Schema, t.Name, 0))], new HashSet<TableName>(), false, noValues)
            : new DumpedDefinitions([], others.ToHashSet(), counted.Count == 0 && others.Count > 0, noValues);
    }

    [GeneratedRegex(@"\)\s*PARTITION BY (?:RANGE|LIST|HASH) ")]
    private static partial Regex PartitionedPattern();
}
