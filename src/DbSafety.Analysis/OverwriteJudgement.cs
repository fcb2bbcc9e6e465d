using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;

namespace DbSafety.Analysis;

/// <summary>
/// Judges an UPDATE by the rows it would touch and the values it would overwrite. All rows is all rows, however the condition is written; and where NULL takes the place
/// of values, or nothing is known of the rows, values are lost as well.
/// </summary>
internal static class OverwriteJudgement
{
    public static MigrationFinding Judge(MigrationFinding finding, LiveQuestion question, LiveOverwrite overwrite, LiveAnswer answer)
    {
        if (overwrite is { IsListed: true, Nulled.Count: 0 } && answer is { Count: null } or { Overwritten.Touched: null })
            return finding with { Message = $"{finding.Message}: values of existing rows may be overwritten ({LiveJudgement.Uncounted(answer)})" };
        if (answer.Count is not { } count)
            return finding with { Severity = FindingSeverity.Destructive, Message = $"{finding.Message} ({LiveJudgement.Uncounted(answer)})" };
        if (answer.Overwritten is not { } overwritten)
        {
            return count == 0 ? LiveJudgement.Lowered(finding, finding, "no row contains a value that it would overwrite")
                : finding with { LiveFacts = new Dictionary<string, long> { ["rows"] = count }, Message = $"{finding.Message}: {LiveJudgement.Number(count, "row")} would be overwritten" };
        }

        if (overwritten.BecomeNull.Count > 0)
        {
            overwrite = overwrite with { Nulled = [.. overwrite.Nulled, .. overwritten.BecomeNull] };
            finding = finding with { Question = question with { Overwrite = overwrite } };
        }

        var facts = new Dictionary<string, long> { ["rows"] = overwritten.Touched ?? overwritten.Total, ["total"] = overwritten.Total };
        foreach (var (column, values) in overwritten.Values)
            facts[$"values of {column}"] = values;
        var counted = finding with { LiveFacts = facts };
        // That no value becomes NULL is counted again under a lock, as all that would be a loss.
        if (count == 0 && overwrite.Nulled.Count > 0)
            (counted, finding) = (counted with { Severity = FindingSeverity.Destructive }, finding with { Severity = FindingSeverity.Destructive });
        if (count == 0)
            return Harmless(counted, finding, overwrite, overwritten, answer);
        var isLoss = (overwritten.IsAllRows && !overwrite.IsListed) || overwrite.Nulled.Any(c => overwritten.Values.GetValueOrDefault(c) > 0);
        return counted with
        {
            Severity = isLoss ? FindingSeverity.Destructive : overwrite.IsComputed ? FindingSeverity.Breaking : finding.Severity,
            Message = $"{finding.Message}: {Rows(overwrite, overwritten)}{LiveJudgement.Through(answer)}{Values(overwrite, overwritten)}{LiveJudgement.Estimate(finding, question)}",
        };
    }

    private static MigrationFinding Harmless(MigrationFinding counted, MigrationFinding before, LiveOverwrite overwrite, LiveOverwritten overwritten, LiveAnswer answer)
    {
        var why = overwritten.Total == 0 ? "the table is empty" : overwritten.Touched == 0 ? overwrite.IsComputed ? "it overwrites no value now" : "no row matches the condition now" : "the columns that it overwrites contain no values";
        if (counted is { InBody: true, Severity: FindingSeverity.Destructive } && LiveJudgement.Overwrites.Contains(counted.Rule))
            return counted with { Message = $"{counted.Message}: {LiveJudgement.Now(why)}, but inside a body the name can refer to another table" };
        if (counted.Severity == FindingSeverity.Destructive && answer.Through.Count > 0)
            return counted with { Message = $"{counted.Message}: {LiveJudgement.Now(why)}, but the rows of a view cannot be locked and counted again" };
        // What was counted is what has to be counted again: of all rows, where it was of all rows. An empty table is known under any name.
        var question = overwritten switch
        {
            { Total: 0 } => counted.Question! with { Kind = LiveFactKind.Rows, Condition = null, Overwrite = null },
            { Touched: null } => counted.Question! with { Condition = overwrite.AllLosing },
            _ => counted.Question!,
        };
        (counted, before) = (counted with { Question = question }, before with { Question = question });
        return LiveJudgement.Lowered(counted, before, why);
    }

    private static string Rows(LiveOverwrite overwrite, LiveOverwritten overwritten) => overwritten.Touched is { } touched
        ? $"{(overwrite.IsComputed ? "changes values in" : "updates")} {touched.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)} of {LiveJudgement.Number(overwritten.Total, "row")}"
        : $"updates up to {LiveJudgement.Number(overwritten.Total, "row")} (how many could not be counted)";

    private static string Values(LiveOverwrite overwrite, LiveOverwritten overwritten) =>
        string.Concat(overwritten.Values.Where(v => v.Value > 0).Select((v, i) =>
            $"{(i == 0 ? ";" : ",")} {LiveJudgement.Number(v.Value, "value")} of {v.Key} would be overwritten{(overwrite.Nulled.Contains(v.Key) ? " with NULL" : "")}"));
}
