using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Integration.Tests.Analysis.Locks;

/// <summary>What is said of one statement beside what it did.</summary>
/// <param name="Less">Where the server does more than is said.</param>
/// <param name="More">Where it does less.</param>
internal sealed record LockComparison(IReadOnlyList<string> Less, IReadOnlyList<string> More)
{
    /// <param name="path">The schemas of names without one.</param>
    public static LockComparison Of(SqlStatement statement, IReadOnlyList<MigrationFinding> findings, CatalogShape shape, IReadOnlyList<string> path, ObservedStatement observed)
    {
        var (less, more) = (new List<string>(), new List<string>());
        var prediction = LockPrediction.Of(statement, shape, path);
        var empties = CommandParser.Parse(statement) is Command.Truncate;
        foreach (var (oid, mode) in observed.Locks.Where(l => l.Value >= (shape.All[l.Key].Kind == 'S' ? LockMode.ShareUpdateExclusive : LockMode.RowExclusive)))
        {
            if (prediction.Mode(shape.All[oid]) is var reported && reported < mode)
                less.Add($"{mode} on {shape.All[oid]}, reported is {reported}");
        }

        foreach (var oid in prediction.Relations)
        {
            if (prediction.Mode(shape.All[oid]) is var reported && reported > LockMode.RowExclusive && observed.Locks.GetValueOrDefault(oid) is var mode && mode < reported)
                more.Add($"{mode} on {shape.All[oid]}, reported is {reported}");
        }

        foreach (var (oid, work) in observed.Work)
        {
            var reported = prediction.Work(oid);
            // Which types are domains no statement shows; the database does.
            if (findings.Any(f => f is { Rule: "rewrite-table", Severity: FindingSeverity.Blocking }))
                reported = TableWork.Rewrite;
            if (reported < work && !empties)
                less.Add($"{work} of {shape.All[oid]}, reported is {reported}");
            else if (reported > work)
                more.Add($"{work} of {shape.All[oid]}, reported is {reported}");
        }

        // Nobody writes to a materialized view but REFRESH.
        var working = observed.Work.Where(w => w.Value > TableWork.Catalog && (shape.All[w.Key].Kind != 'm' || observed.Locks[w.Key] == LockMode.AccessExclusive)).Select(w => shape.All[w.Key]).ToList();
        if (working.Count > 0 && !findings.Any(f => f.Severity >= FindingSeverity.Blocking))
            less.Add($"{string.Join(", ", working)}: kept from others while it works, and nothing blocking is reported: {Rules(findings)}");
        if (observed.Losses.Count > 0 && !findings.Any(f => f.Severity == FindingSeverity.Destructive || f.Rule is "update-rows"))
            less.Add($"{string.Join(", ", observed.Losses)}, and nothing destructive is reported: {Rules(findings)}");
        return new LockComparison(less, more);
    }

    private static string Rules(IReadOnlyList<MigrationFinding> findings) => string.Join(", ", findings.Select(f => $"{f.Severity} {f.Rule}"));
}
