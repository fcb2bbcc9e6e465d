using System.Globalization;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Rules;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis;

/// <summary>Lowers or raises a finding by what the live database answered, and says so in the message.</summary>
internal static class LiveJudgement
{
    /// <summary>What leaves the table in place: nothing that is looked at afterwards shows which table it was.</summary>
    internal static readonly string[] Overwrites = ["delete-rows", "delete-without-where", "update-without-where", "lossy-type-change"];

    public static MigrationFinding Judge(MigrationFinding finding, LiveAnswer answer)
    {
        var question = finding.Question!;
        if (question.TypeChange is { Detail: { Length: > 0 } detail })
            finding = finding with { Message = finding.Message.Replace(detail, "", StringComparison.Ordinal) };
        if (question.Kind is LiveFactKind.Sequence or LiveFactKind.Routine)
            return Other(finding, answer);
        if (question.Kind == LiveFactKind.Uncovered)
            return answer is { Exists: true, Count: 0 } ? Lowered(finding, finding, $"index {string.Join(", ", answer.Names)} begins with these columns") : finding;
        if (answer.RefusedBecause is { } refused)
            return finding with { Severity = FindingSeverity.MayFail, WouldFail = true, Message = $"{finding.Plain ?? finding.Message}: PostgreSQL refuses that, {refused}" };
        // The rows that stay are not counted again.
        if (answer.HarmlessBecause is { } harmless)
            return Lowered(finding, finding, harmless) with { Question = null };
        if (!answer.Exists && (finding.Severity == FindingSeverity.Destructive || question.Overwrite is not null) && !finding.MayBeMissing)
            return finding with { Severity = FindingSeverity.Destructive, Message = $"{finding.Message}: the {Thing(question)} was not found in the live database, so nothing can be counted" };
        if (!answer.Exists)
            return Lowered(finding, finding, $"the {Thing(question)} does not exist now");
        if (question.Kind == LiveFactKind.Read)
            return answer.Count == 0 ? Lowered(finding, finding, "a constraint proves that there are no NULLs") : finding;
        if (question.Kind == LiveFactKind.BoundsRead)
            return answer.Count == 0 ? Lowered(finding, finding, "its constraints prove that every row is within the bounds, and there is no default partition") : finding;
        if (question.Kind == LiveFactKind.Partitioned)
            return answer.Count == 0 ? Lowered(finding with { Plain = $"{(finding.Locks is { } held ? held.Words + "; " : "")}{finding.Plain}" }, finding, "with ONLY, no partition gets an index, and a partitioned table itself has no rows") : finding;
        if (question.Column is not null && question.Kind is LiveFactKind.Rewritten or LiveFactKind.Unconvertible or LiveFactKind.Changed && TypeChangeJudgement.Judge(finding, question, answer) is { } judged)
            return judged;
        if (question is { Kind: LiveFactKind.Rewritten, Column: null })
            return answer.Count == 0 ? finding with { Severity = FindingSeverity.Info, Message = $"{finding.Message}: the type is not a domain with constraints, so the table is not rewritten" } : finding;
        if (answer.ForeignServer is { } server)
            return OnForeignServer(finding, server);
        if (question.Overwrite is { } overwrite)
            return OverwriteJudgement.Judge(finding, question, overwrite, answer);
        if (answer.Count is not { } count)
            return finding with { Message = $"{finding.Message} ({Uncounted(answer)})" };
        var others = answer.PerTable.Where(t => t.Value > 0).ToList();
        var facts = new Dictionary<string, long> { [Fact(question.Kind)] = count };
        foreach (var (table, rows) in others)
            facts[$"rows of {table}"] = rows;
        var before = finding;
        finding = finding with { LiveFacts = facts, Message = answer.Names.Count == 0 ? finding.Message : $"{finding.Message} ({string.Join(", ", answer.Names)})" };
        if (count == 0 && others.Count == 0 && finding is { InBody: true, Severity: FindingSeverity.Destructive } && Overwrites.Contains(finding.Rule))
            return finding with { Message = $"{finding.Message}: {Now(Nothing(question))}, but inside a body the name can refer to another table" };
        if (count == 0 && others.Count == 0 && answer.Through.Count > 0 && finding.Severity == FindingSeverity.Destructive)
            return finding with { Message = $"{finding.Message}: {Now(Nothing(question))}, but the rows of a view cannot be locked and counted again" };
        if (count == 0 && others.Count == 0)
            return Lowered(finding, before, Nothing(question));
        return finding with
        {
            Message = $"{finding.Message}: {Loss(finding, question, count)}{TypeChangeJudgement.Examples(answer)}{Through(answer)}{Others(others)}{(finding.Rule == AddConstraint.RuleId ? ", and can no longer be updated" : "")}{(finding.Rule is "delete-rows" or "delete-without-where" ? Estimate(finding, question) : "")}",
            WouldFail = finding.Severity == FindingSeverity.MayFail && question.Proves && count > 0,
            // With NOT VALID the statement succeeds, and the rows cannot be updated any more.
            Severity = finding.Rule == AddConstraint.RuleId ? FindingSeverity.Breaking : finding.Severity,
        };
    }

    /// <summary>What a change of the rows of a view is about.</summary>
    internal static string Through(LiveAnswer answer) => answer.Through.Count == 0 ? "" : $" in table {string.Join(", ", answer.Through)}";

    internal static string Uncounted(LiveAnswer answer) => $"how many could not be counted{(answer.NotCountedWithin is { } limit ? $" within {limit}" : "")}";

    /// <summary>What was counted is not what the statement will meet.</summary>
    internal static string Estimate(MigrationFinding finding, LiveQuestion question) =>
        question.Proves || finding.InBody ? "" : " (an estimate: migrations that run before it change the same table)";

    /// <summary>The rows that were counted may be others by then.</summary>
    public static MigrationFinding Doubted(MigrationFinding finding) => finding with { WouldFail = false, Message = $"{finding.Message} (an estimate: statements that run before it can change these rows)" };

    /// <summary>Of sequences and routines nothing is counted.</summary>
    private static MigrationFinding Other(MigrationFinding finding, LiveAnswer answer) => answer switch
    {
        { HarmlessBecause: { } reason } => Lowered(finding, finding, reason),
        { Numbers: { IsOwned: true, Highest: { } highest } numbers } when numbers.Next <= highest => finding with { Message = $"{finding.Message}: its next number would be {numbers.Next}, and {highest} is in use" },
        { Numbers: { IsOwned: true } numbers } => Lowered(finding, finding, $"its next number would be {numbers.Next}, and no number in use is as high"),
        { Numbers: { } numbers } when numbers.Next <= numbers.Last => finding with { Message = $"{finding.Message}: its next number would be {numbers.Next}, and its last number was {numbers.Last}" },
        { Numbers: { } numbers } => Lowered(finding, finding, $"its next number would be {numbers.Next}, and its last number was {numbers.Last}"),
        _ => finding,
    };

    /// <summary>A backup holds none of the rows.</summary>
    private static MigrationFinding OnForeignServer(MigrationFinding finding, string server) => finding with
    {
        Severity = finding.Rule == "update-rows" ? FindingSeverity.Destructive : finding.Severity,
        Message = finding.Severity == FindingSeverity.Destructive || finding.Rule == "update-rows"
            ? $"{finding.Message}: rows of it are stored on foreign server {SqlName.Display(server)} and were not counted; DbSafety cannot back them up or restore them"
            : $"{finding.Message} (how many could not be counted: rows of it are stored on foreign server {SqlName.Display(server)})",
    };

    internal static MigrationFinding Lowered(MigrationFinding finding, MigrationFinding before, string why) => finding with
    {
        Severity = FindingSeverity.Info,
        Message = $"{finding.Plain ?? finding.Message}: {why}",
        Locks = null,
        LoweredFrom = before.Severity == FindingSeverity.Destructive ? before : null,
    };

    private static string Thing(LiveQuestion question) =>
        question.Column is not null ? "column" : question.Kind switch
    {
        LiveFactKind.SchemaRows => "schema",
        LiveFactKind.EnumLabels => "type",
        _ => "table",
    };

    private static string Fact(LiveFactKind kind) => kind switch
    {
        LiveFactKind.Values or LiveFactKind.Changed => "values",
        LiveFactKind.Unconvertible => "unconvertible",
        LiveFactKind.Nulls => "nulls",
        LiveFactKind.Duplicates => "duplicates",
        LiveFactKind.Orphans => "orphans",
        LiveFactKind.Violations or LiveFactKind.Constraint => "violations",
        _ => "rows",
    };

    internal static string Now(string why) => why.EndsWith(" now", StringComparison.Ordinal) ? why : $"{why} now";

    private static string Nothing(LiveQuestion question) => question.Kind switch
    {
        LiveFactKind.Values => "it contains no values",
        LiveFactKind.Changed => "every value is preserved",
        LiveFactKind.Nulls => "no row is NULL",
        LiveFactKind.Unconvertible => "every value can be converted",
        LiveFactKind.Duplicates => "there are no duplicate keys",
        LiveFactKind.Orphans => "every row references an existing row",
        LiveFactKind.Violations or LiveFactKind.Constraint => "every row satisfies it",
        LiveFactKind.Bounds => "no row is outside the bounds",
        LiveFactKind.EnumLabels => "no row contains a removed value",
        LiveFactKind.SchemaRows => "its tables are empty",
        LiveFactKind.RowsWhere => "no row matches the condition now",
        _ => "the table is empty",
    };

    private static string Loss(MigrationFinding finding, LiveQuestion question, long count) => (question.Kind, finding.Severity) switch
    {
        (LiveFactKind.Values, _) => $"{Number(count, "value")} would be lost",
        (LiveFactKind.Changed, _) => $"{Number(count, "value")} would not be preserved",
        (LiveFactKind.Unconvertible, _) => $"{Number(count, "value")} cannot be converted",
        (LiveFactKind.Duplicates, _) => $"{Number(count, "row")} {(count == 1 ? "has a duplicate key" : "have duplicate keys")}",
        (LiveFactKind.Orphans, _) => $"{Number(count, "row")} {(count == 1 ? "references" : "reference")} no existing row",
        (LiveFactKind.Violations or LiveFactKind.Constraint, _) => $"{Number(count, "row")} {(count == 1 ? "violates" : "violate")} it",
        (LiveFactKind.Bounds, _) => $"{Number(count, "row")} {(count == 1 ? "is" : "are")} outside the bounds",
        (LiveFactKind.EnumLabels, _) => $"{Number(count, "row")} {(count == 1 ? "contains" : "contain")} a removed value",
        (LiveFactKind.Nulls, _) => $"{Number(count, "row")} {(count == 1 ? "is" : "are")} NULL",
        (_, FindingSeverity.MayFail) => $"the table has {Number(count, "row")}",
        _ when finding.Rule == "update-without-where" => $"{Number(count, "row")} would be overwritten",
        _ => $"{Number(count, "row")} would be lost",
    };

    private static string Others(List<KeyValuePair<string, long>> others) =>
        others.Count == 0 ? "" : ", and with them up to " + string.Join(", ", others.Select(o => $"{Number(o.Value, "row")} of {o.Key}"));

    internal static string Number(long count, string noun) => count.ToString("N0", CultureInfo.InvariantCulture) + " " + noun + (count == 1 ? "" : "s");
}
