using DbSafety.Analysis.Findings;

namespace DbSafety.Cli.Rendering;

/// <summary>Findings as text for people. What was advised once is not advised again, however many findings lead to it.</summary>
internal sealed class FindingText
{
    /// <summary>Of remedies that are remembered; a long script has many that differ.</summary>
    private const int Most = 10_000;

    private readonly HashSet<string> advised = new(StringComparer.Ordinal);

    public string Describe(MigrationFinding finding) =>
        $"{finding.Severity.ToString().ToUpperInvariant()} {finding.AllowAs}  {finding.File}:{finding.Line}\n  {finding.Message}{(Remedy(finding) is { } remedy ? "\n  " + remedy.Replace("\n", "\n    ", StringComparison.Ordinal) : "")}";

    private string? Remedy(MigrationFinding finding)
    {
        if (finding.Remedy.Length == 0 || IsKnown(finding.Remedy))
            return null;
        // The same SQL, for another reason.
        return finding.RemedySql is { } sql && IsKnown(sql) ? finding.Remedy[..^sql.Length].TrimEnd().TrimEnd(':') + " (as above)." : finding.Remedy;
    }

    private bool IsKnown(string text) => advised.Contains(text) || (advised.Count < Most && !advised.Add(text));
}
