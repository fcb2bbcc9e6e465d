using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Live;

namespace DbSafety.Migrations.Stages;

/// <summary>Adds up what the scripts of a run did.</summary>
internal static class RunChanges
{
    private static readonly string[] TakeAll = ["drop-table", "truncate", "drop-schema", "drop-materialized-view"];

    private static readonly string[] TakeValues = ["drop-column", "drop-and-recreate", "lossy-type-change", "column-values"];

    public static IReadOnlyList<TableChange> Sum(IEnumerable<AppliedScript> scripts) =>
        [.. scripts.SelectMany(s => s.Changes).GroupBy(c => c.Table, StringComparer.Ordinal).Select(g =>
            new TableChange(g.Key, g.Sum(c => c.Inserted), g.Sum(c => c.Updated), g.Sum(c => c.Deleted)) { Exact = g.All(c => c.Exact) })];

    /// <summary>Deleted rows, and rows and values of dropped tables and columns, which are not part of PostgreSQL's counts.</summary>
    public static IReadOnlyList<TableChange> Lost(SafeMigrationRun run)
    {
        var (scripts, findings) = (run.Applied, run.Allowed.Findings);
        if (scripts.Count == 0)
            return [];
        var lost = Sum(scripts).Where(c => c.Deleted > 0).ToList();
        // Counted in the transaction or in the rehearsal, and therefore more accurate than the safety check.
        lost.AddRange(scripts.SelectMany(s => s.AllowedLosses).Concat(run.RehearsedValues).Where(l => l.Values > 0).Select(OfValues));
        // An allowed loss that no statement shows may not have happened.
        lost.AddRange(findings.Where(f => f.Statement > 0 || scripts.Any(s => s.AllowedLosses.Any(l => Object(l) == f.Object))).SelectMany(OfFinding));
        lost.AddRange(scripts.SelectMany(s => s.AllowedLosses).Where(l => l.Values == 0 && !findings.Any(f => Names(f, Object(l)))).Select(l => OfLoss(l, run)));
        if (scripts.Sum(s => s.LargeObjects) is > 0 and var objects)
            lost.Add(new TableChange("pg_largeobject", 0, 0, 0) { Gone = true, LargeObjects = objects });
        return [.. lost.DistinctBy(l => (l.Table, l.Column, l.Gone))];
    }

    private static IEnumerable<TableChange> OfFinding(MigrationFinding finding)
    {
        if (TakeAll.Contains(finding.Rule) && finding.LiveFacts.GetValueOrDefault("rows") is > 0 and var rows)
            yield return new TableChange(finding.Object, 0, 0, rows) { Gone = true, Exact = false };
        if (TakeValues.Contains(finding.Rule) && finding.LiveFacts.GetValueOrDefault("values") is > 0 and var values && finding.Object.LastIndexOf('.') is > 0 and var dot)
            yield return new TableChange(finding.Object[..dot], 0, 0, 0) { Gone = true, Exact = false, Column = finding.Object[(dot + 1)..], Values = values };
        foreach (var column in finding.Question?.Overwrite?.Nulled ?? [])
        {
            if (finding.LiveFacts.GetValueOrDefault($"values of {column}") is > 0 and var nulled)
                yield return new TableChange(finding.Object, 0, 0, 0) { Gone = true, Exact = false, Column = SqlName.Display(column), Values = nulled };
        }
    }

    /// <summary>Values that became NULL.</summary>
    private static TableChange OfValues(UnexpectedLoss loss) => Object(loss) is var name && name.LastIndexOf('.') is var dot
        ? new TableChange(name[..dot], 0, 0, 0) { Gone = true, Exact = false, Column = name[(dot + 1)..], Values = loss.Values } : throw new ArgumentException(loss.AllowAs, nameof(loss));

    /// <summary>The number of rows is that of the backup, if there is one, or of a finding.</summary>
    private static TableChange OfLoss(UnexpectedLoss loss, SafeMigrationRun run)
    {
        var name = Object(loss);
        if (loss.Column is { } column)
            return new TableChange(name[..^(column.Name.Length + 1)], 0, 0, 0) { Gone = true, Exact = false, Column = column.Name };
        var rows = run.Allowed.Findings.Select(f => f.LiveFacts.GetValueOrDefault($"rows of {name}")).DefaultIfEmpty().Max();
        if (rows == 0 && run.Backup is { } backup)
            rows = backup.Manifest.Tables.FirstOrDefault(t => new RelationName(t.Schema, t.Name).Display("public") == name)?.Rows ?? 0;
        return new TableChange(name, 0, 0, rows) { Gone = true, Exact = false };
    }

    private static string Object(UnexpectedLoss loss) => loss.AllowAs[(loss.AllowAs.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private static bool Names(MigrationFinding finding, string name) =>
        (TakeAll.Contains(finding.Rule) || TakeValues.Contains(finding.Rule)) && (finding.Object == name || (finding.Rule == "drop-schema" && name.StartsWith(finding.Object + ".", StringComparison.Ordinal)));
}
