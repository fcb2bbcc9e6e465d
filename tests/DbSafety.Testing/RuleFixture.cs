using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Testing;

/// <summary>
/// One file of a rule's fixture folder: SQL, and behind each statement what the rule says of it, as <c>--&gt; Severity object: message</c>.
/// </summary>
internal sealed record RuleFixture(string Rule, string File, string Sql)
{
    public const string Mark = "--> ";

    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "DbSafety.Core.Tests", "Analysis", "Fixtures");

    public IReadOnlyList<string> Expected => [.. Sql.Split('\n').Where(l => l.StartsWith(Mark, StringComparison.Ordinal)).Select(l => l[Mark.Length..])];

    public static RuleFixture? Open(string rule, string file) =>
        Path.Combine(Folder, rule, file) is var path && System.IO.File.Exists(path) ? new RuleFixture(rule, file, System.IO.File.ReadAllText(path)) : null;

    public static string Tell(MigrationFinding finding) => $"{finding.Severity} {finding.Object}: {finding.Message}";

    public IReadOnlyList<MigrationFinding> Findings(int? serverMajor = null) =>
        [.. MigrationAnalyser.Analyse([new SqlScript(File, Sql)], serverMajor: serverMajor, withStyle: true).Where(f => f.Rule == Rule)];

    /// <summary>A part of remedy.sql: from its heading to the next.</summary>
    public string Part(string heading)
    {
        var lines = Sql.Split('\n').SkipWhile(l => l != "-- " + heading).Skip(1).TakeWhile(l => !l.StartsWith("-- ", StringComparison.Ordinal));
        return string.Join('\n', lines).Trim();
    }
}
