using System.Text.RegularExpressions;

namespace DbSafety.Integration.Tests.Analysis.Peers;

/// <summary>
/// The statements of Atlas's analyser tests. Most of these tests describe changes as Go structures and name no SQL; those that hold whole statements, in MySQL's quotes, are read.
/// </summary>
internal static partial class AtlasTests
{
    public static IEnumerable<PeerInput> Read(string root)
    {
        foreach (var analyser in new[] { "destructive", "incompatible" })
        {
            var file = Path.Combine(root, "sql", "sqlcheck", analyser, analyser + "_test.go");
            if (!File.Exists(file))
                continue;
            foreach (var test in File.ReadAllText(file).Split("\nfunc Test").Skip(1))
            {
                var statements = Text().Matches(test).Select(m => m.Groups[1].Value.Replace('`', '"')).Where(s => Whole().IsMatch(s)).ToList();
                if (statements.Count == 0)
                    continue;
                // What a test expects in full is at its end.
                var reported = Reported().Match(test);
                var isReported = reported.Success && reported.Groups[1].Value != "0";
                yield return new PeerInput("atlas", analyser, test[..test.IndexOf('(', StringComparison.Ordinal)], isReported, [string.Join(";\n", statements)]);
            }
        }
    }

    [GeneratedRegex("""Text: *"([^"]+)""")]
    private static partial Regex Text();

    [GeneratedRegex("^(DROP|CREATE) |RENAME|ADD COLUMN|DROP COLUMN")]
    private static partial Regex Whole();

    [GeneratedRegex(@"require\.Len\(t, report\.Diagnostics, (\d+)\)|require\.Equal\(t, ""[^""]*detected"", report\.Text\)")]
    private static partial Regex Reported();
}
