using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Reports;

/// <summary>
/// Findings as workflow commands, which GitHub shows at the lines of a pull request
/// (https://docs.github.com/actions/reference/workflow-commands-for-github-actions).
/// </summary>
public static class GitHubAnnotations
{
    /// <param name="path">The file or folder that was analysed.</param>
    /// <returns>A line for each finding.</returns>
    public static IAsyncEnumerable<string> WriteAsync(IAsyncEnumerable<MigrationFinding> findings, string path) => findings.Select(f =>
        $"::{Level(f)} file={Property(ReportPath.Of(f.File, path))},line={f.Line},title={Property($"{f.Severity} {f.AllowAs}")}::{Data($"{f.Message}\n{f.Remedy}".TrimEnd())}");

    private static string Level(MigrationFinding finding) => finding.Refuses ? "error" : finding.Severity == FindingSeverity.Info ? "notice" : "warning";

    private static string Data(string text) =>
        text.Replace("%", "%25", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);

    private static string Property(string text) => Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
