using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;

namespace DbSafety.Analysis;

/// <summary>Judges a change of a column's type by what PostgreSQL makes of it: it refuses the statement, fails on values, loses some, rewrites the table, builds indexes again, or none of these.</summary>
internal static class TypeChangeJudgement
{
    /// <summary>Null if the number of values alone decides.</summary>
    public static MigrationFinding? Judge(MigrationFinding finding, LiveQuestion question, LiveAnswer answer) => (question.Kind, answer.Conversion) switch
    {
        // Rule risky-cast is silent about a type that takes every value.
        (LiveFactKind.Rewritten, { RefusedBecause: { } reason } conversion) when question.TypeChange is { } change && TypeConversion.TakesEverything(change.Type) =>
            Refused(finding, reason, conversion.Using) with { Severity = FindingSeverity.MayFail },
        (LiveFactKind.Rewritten, { RefusedBecause: { } reason }) => finding with { Severity = FindingSeverity.Info, Message = $"{finding.Message}: PostgreSQL refuses the statement ({reason})" },
        (LiveFactKind.Rewritten, { IsStoredAlike: true } conversion) => Stored(finding, conversion),
        (LiveFactKind.Rewritten, _) => finding,
        (LiveFactKind.Unconvertible, { RefusedBecause: { } reason } conversion) => Refused(finding, reason, conversion.Using),
        // The count is what is counted again right before the statement, in case the type of the column is another one by then.
        (LiveFactKind.Changed, { RefusedBecause: { } reason }) =>
            LiveJudgement.Lowered(finding with { LiveFacts = new Dictionary<string, long> { ["values"] = 0 } }, finding, $"PostgreSQL refuses the statement, so no value is converted ({reason})"),
        _ => null,
    };

    /// <summary>Behind the number of values.</summary>
    public static string Examples(LiveAnswer answer) => answer.Conversion is { Examples: { Count: > 0 } examples } ? $", for example {string.Join(", ", examples)}" : "";

    private static MigrationFinding Refused(MigrationFinding finding, string reason, string? sql) => finding with
    {
        WouldFail = true,
        Message = $"{finding.Message}: PostgreSQL refuses it, whatever the data: {reason}",
        Remedy = sql is null ? finding.Remedy : "Specify the conversion with USING, and check the converted values; or add a new column and fill it with the values that can be converted.",
        RemedySql = sql ?? finding.RemedySql,
    };

    private static MigrationFinding Stored(MigrationFinding finding, LiveConversion conversion)
    {
        var work = new List<string>();
        if (conversion.Rebuilt.Count > 0)
            work.Add($"rebuilds {(conversion.Rebuilt.Count == 1 ? "index" : "indexes")} {string.Join(", ", conversion.Rebuilt)}");
        if (conversion.Checked.Count > 0)
            work.Add($"validates {(conversion.Checked.Count == 1 ? "constraint" : "constraints")} {string.Join(", ", conversion.Checked)} again");
        if (work.Count == 0 && conversion.IsReadAgain)
            return finding;
        return work.Count == 0
            ? finding with { Severity = FindingSeverity.Info, Message = $"{finding.Message}: the table is not rewritten" }
            : finding with { Message = $"{finding.Message}: the table is not rewritten, but the statement {string.Join(" and ", work)}" };
    }
}
