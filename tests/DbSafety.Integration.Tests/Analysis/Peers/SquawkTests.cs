using System.Text.RegularExpressions;

namespace DbSafety.Integration.Tests.Analysis.Peers;

/// <summary>squawk's linter tests, beside each rule's code.</summary>
internal static partial class SquawkTests
{
    public static IEnumerable<PeerInput> Read(string root)
    {
        var folder = Path.Combine(root, "crates", "squawk_linter", "src", "rules");
        foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.rs").Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            var rule = Path.GetFileNameWithoutExtension(file).Replace('_', '-');
            foreach (var test in File.ReadAllText(file).Split("#[test]").Skip(1))
            {
                // PostgreSQL 11 and older are none of ours.
                if (Name().Match(test) is not { Success: true } name || OldVersion().IsMatch(test))
                    continue;
                var body = test.Split("\n    }\n")[0];
                var count = 0;
                foreach (Match sql in Sql().Matches(body))
                {
                    var text = sql.Groups["raw"].Success ? sql.Groups["raw"].Value : sql.Groups["plain"].Value.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\\"", "\"", StringComparison.Ordinal);
                    if (body.Contains("assume_in_transaction: true", StringComparison.Ordinal) && !text.Contains("BEGIN", StringComparison.OrdinalIgnoreCase) && !text.Contains("START TRANSACTION", StringComparison.OrdinalIgnoreCase))
                        text = $"BEGIN;\n{text.TrimEnd().TrimEnd(';')};\nCOMMIT;";
                    var isReported = !body.Contains("lint_ok", StringComparison.Ordinal);
                    yield return new PeerInput("squawk", rule, name.Groups[1].Value + (count++ == 0 ? "" : $" {count}"), isReported, [text]);
                }
            }
        }
    }

    [GeneratedRegex(@"fn (\w+)\(\)")]
    private static partial Regex Name();

    [GeneratedRegex("""pg_version: "(9|10|11)\b""")]
    private static partial Regex OldVersion();

    /// <summary>What a variable holds, or is passed as the SQL; not the snapshots behind <c>@</c>.</summary>
    [GeneratedRegex("""(?:let sql =|(?:lint_errors|lint_errors_with|lint_ok|lint_ok_with|fix|fix_sql|fix_with)\()\s*(?:r#"(?<raw>.*?)"#|"(?<plain>(?:[^"\\]|\\.)*)")""", RegexOptions.Singleline)]
    private static partial Regex Sql();
}
