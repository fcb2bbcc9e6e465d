using DbSafety.Analysis;
using DbSafety.Migrations.Applying;

namespace DbSafety.Migrations.Stages;

/// <summary>Adds up what the scripts of a run did.</summary>
internal static class RunChanges
{
    private static readonly string[] TakeAll = ["drop-table", "truncate", "drop-schema", "drop-materialized-view"];

    public static IReadOnlyList<TableChange> Sum(IEnumerable<AppliedScript> scripts) =>
        [.. scripts.SelectMany(s => s.Changes).GroupBy(c => c.Table, StringComparer.Ordinal).Select(g =>
            new TableChange(g.Key, g.Sum(c => c.Inserted), g.Sum(c => c.Updated), g.Sum(c => c.Deleted)) { Exact = g.All(c => c.Exact) })];

    /// <summary>Rows that were deleted, and those that went with their table, which PostgreSQL's own counts leave out.</summary>
    public static IReadOnlyList<TableChange> Lost(IReadOnlyCollection<AppliedScript> scripts, Allowances allowed)
    {
        if (scripts.Count == 0)
            return [];
        var gone = allowed.Findings
            .Where(f => TakeAll.Contains(f.Rule) && f.LiveFacts.GetValueOrDefault("rows") > 0)
            .Select(f => new TableChange(f.Object, 0, 0, f.LiveFacts["rows"]) { Gone = true, Exact = false });
        return [.. Sum(scripts).Where(c => c.Deleted > 0), .. gone];
    }
}
