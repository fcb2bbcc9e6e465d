using DbSafety.Operations;

namespace DbSafety.Analysis;

/// <summary>Lowers the findings that comments in the scripts let pass, and says which comments let nothing pass.</summary>
internal static class Suppressions
{
    public static IReadOnlyList<MigrationFinding> Apply(IReadOnlyList<MigrationFinding> findings, IReadOnlyList<SqlScript> scripts, IOperationEvents events)
    {
        var comments = scripts.SelectMany(SuppressionComment.ReadAll).ToList();
        if (comments.Count == 0)
            return findings;
        var used = new HashSet<SuppressionComment>();
        var applied = findings.Select(f => Apply(f, comments, used)).ToList();
        foreach (var comment in comments.Where(c => !used.Contains(c)))
            events.Warning($"{comment.File} line {comment.Line}: {Complaint(comment)}");
        return applied;
    }

    private static MigrationFinding Apply(MigrationFinding finding, List<SuppressionComment> comments, HashSet<SuppressionComment> used)
    {
        foreach (var comment in comments)
        {
            if (!comment.Covers(finding))
                continue;
            used.Add(comment);
            if (finding.Severity != FindingSeverity.Info)
                return finding with { Severity = FindingSeverity.Info, WouldFail = false, AllowedBecause = comment.Reason, Message = $"{finding.Message}: allowed in line {comment.Line}, because {comment.Reason}" };
        }

        return finding;
    }

    private static string Complaint(SuppressionComment comment)
    {
        var what = comment.Object is null ? comment.Rule : $"{comment.Rule} {comment.Object}";
        if (comment.Reason is null)
            return $"'allow {what}' gives no reason (… because …), so it lets nothing pass";
        return RuleCatalogue.Ids.Contains(comment.Rule, StringComparer.Ordinal)
            ? $"'allow {what}' lets nothing pass: there is no such finding in this script"
            : $"'allow {what}' lets nothing pass: there is no such rule (like it are {string.Join(", ", RuleCatalogue.Near(comment.Rule))})";
    }
}
