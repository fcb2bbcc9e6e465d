using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Analysis;

/// <summary>Lowers the findings that comments in a script let pass, and says which comments let nothing pass.</summary>
internal sealed class Suppressions
{
    private readonly IReadOnlyList<SuppressionComment> comments;
    private readonly ILookup<(string Rule, string Object), SuppressionComment> byObject;
    private readonly ILookup<(string Rule, int Statement), SuppressionComment> byStatement;
    private readonly HashSet<SuppressionComment> used = [];

    /// <param name="comments">Those of one script.</param>
    public Suppressions(IReadOnlyList<SuppressionComment> comments)
    {
        this.comments = comments;
        var withReason = comments.Where(c => c.Reason is not null).ToList();
        byObject = withReason.Where(c => c.Object is not null).ToLookup(c => (c.Rule, Unquoted(c.Object!)));
        byStatement = withReason.Where(c => c.Object is null).ToLookup(c => (c.Rule, c.Statement));
    }

    public MigrationFinding Apply(MigrationFinding finding)
    {
        if (comments.Count == 0)
            return finding;
        // What a routine of another script does when it is called here has its place there.
        var ofStatement = byStatement[(finding.Rule, finding.Statement)].Where(c => c.File == finding.File);
        foreach (var comment in byObject[(finding.Rule, Unquoted(finding.Object))].Concat(ofStatement).OrderBy(c => c.Line))
        {
            used.Add(comment);
            if (finding.Severity != FindingSeverity.Info)
                return finding with { Severity = FindingSeverity.Info, WouldFail = false, AllowedBecause = comment.Reason, Message = $"{finding.Message}: allowed in line {comment.Line}, because {comment.Reason}" };
        }

        return finding;
    }

    /// <summary>A warning for each comment that let nothing pass; after the script's last finding.</summary>
    public IEnumerable<string> Unused() => comments.Where(c => !used.Contains(c)).Select(c => $"{c.File} line {c.Line}: {Complaint(c)}");

    private static string Unquoted(string name) => name.Replace("\"", "", StringComparison.Ordinal);

    private static string Complaint(SuppressionComment comment)
    {
        var what = comment.Object is null ? comment.Rule : $"{comment.Rule} {comment.Object}";
        if (comment.Reason is null)
            return $"'allow {what}' has no reason (… because …), so it allows nothing";
        return RuleCatalogue.Ids.Contains(comment.Rule, StringComparer.Ordinal)
            ? $"'allow {what}' allows nothing: this script has no such finding"
            : $"'allow {what}' allows nothing: there is no such rule (similar rules: {string.Join(", ", RuleCatalogue.Near(comment.Rule))})";
    }
}
