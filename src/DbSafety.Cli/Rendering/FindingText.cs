using DbSafety.Analysis.Findings;

namespace DbSafety.Cli.Rendering;

/// <summary>Formats findings as text. The same advice is printed only once, even if several findings have it.</summary>
internal sealed class FindingText
{
    /// <summary>The maximum number of remembered remedies; a long script has many different remedies.</summary>
    private const int Most = 10_000;

    private readonly HashSet<string> advised = new(StringComparer.Ordinal);

    public string Describe(MigrationFinding finding) =>
        $"{finding.Severity.ToString().ToUpperInvariant()} {finding.AllowAs}  {finding.File}:{finding.Line}\n  {finding.Message}{(Remedy(finding) is { } remedy ? "\n  " + remedy.Replace("\n", "\n    ", StringComparison.Ordinal) : "")}";

    private string? Remedy(MigrationFinding finding)
    {
        if (finding.Remedy.Length == 0 || IsKnown(finding.Remedy))
            return null;
        // The same SQL with another reason.
        return finding.RemedySql is { } sql && IsKnown(sql) ? finding.Remedy[..^sql.Length].TrimEnd().TrimEnd(':', '.') + " (SQL as above)." : finding.Remedy;
    }

    private bool IsKnown(string text) => advised.Contains(text) || (advised.Count < Most && !advised.Add(text));
}
