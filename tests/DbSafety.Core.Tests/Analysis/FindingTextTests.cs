using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Cli.Rendering;
using DbSafety.Cli.Verbs;

namespace DbSafety.Core.Tests.Analysis;

/// <summary>What the command line prints of findings.</summary>
public sealed class FindingTextTests
{
    [Fact]
    public void The_text_output_prints_a_shared_remedy_only_once()
    {
        const string Sql = "SET lock_timeout = '5s';\nALTER TABLE users ALTER COLUMN email SET NOT NULL;\nUPDATE users SET a = 1 WHERE id = 1;\nUPDATE orders SET a = 1 WHERE id = 1;";
        var text = new FindingText();
        var lines = string.Join('\n', MigrationAnalyser.Analyse([new SqlScript("1.sql", Sql)]).Where(f => f.Severity != FindingSeverity.Info).Select(text.Describe));

        Assert.Single(Matches(lines, "VALIDATE CONSTRAINT"));
        Assert.Single(Matches(lines, "Validate a CHECK constraint first, which avoids the long lock (SQL as above)."));
        Assert.Single(Matches(lines, "Write to a new column if the old values may still be needed."));
        Assert.Equal(2, Matches(lines, "BREAKING update-rows:").Count);
    }

    private static System.Text.RegularExpressions.MatchCollection Matches(string text, string part) =>
        System.Text.RegularExpressions.Regex.Matches(text, System.Text.RegularExpressions.Regex.Escape(part));
}
