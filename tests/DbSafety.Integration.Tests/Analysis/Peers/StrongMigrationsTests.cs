using System.Text.RegularExpressions;

namespace DbSafety.Integration.Tests.Analysis.Peers;

/// <summary>strong_migrations' tests: which migrations it calls safe on PostgreSQL, with the migrations as the SQL that Rails makes of them.</summary>
internal static partial class StrongMigrationsTests
{
    public static IEnumerable<PeerInput> Read(string root)
    {
        var folder = Path.Combine(root, "test");
        if (!Directory.Exists(folder))
            yield break;
        var migrations = Directory.GetFiles(Path.Combine(folder, "migrations"), "*.rb").SelectMany(f => Class().Matches(File.ReadAllText(f)))
            .DistinctBy(m => m.Groups["name"].Value).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["body"].Value, StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(folder, "*_test.rb").Order(StringComparer.Ordinal))
        {
            var rule = Path.GetFileNameWithoutExtension(file)[..^"_test".Length];
            // These are about options of the tool, not about what is safe.
            if (rule is "safe_by_default" or "start_after" or "timeouts" or "check_down" or "multiple_databases" or "alphabetize_schema")
                continue;
            foreach (Match test in Test().Matches(File.ReadAllText(file)))
            {
                var body = OnPostgres(test.Groups["body"].Value);
                if (body.Contains("with_", StringComparison.Ordinal))
                    continue;
                foreach (Match assertion in Assertion().Matches(body))
                {
                    if (!migrations.TryGetValue(assertion.Groups[2].Value, out var migration) || RailsSql.Of(migration) is not { } sql)
                        continue;
                    yield return new PeerInput("strong_migrations", rule, assertion.Groups[2].Value, assertion.Groups[1].Value == "unsafe", [sql]) { Given = RailsSql.Given };
                }
            }
        }
    }

    /// <summary>Empty where the test skips PostgreSQL; the branch for it where there are several.</summary>
    private static string OnPostgres(string body)
    {
        if (Skipped().IsMatch(body))
            return "";
        var branch = Branch().Match(body);
        return branch.Success ? branch.Groups[1].Value : body;
    }

    [GeneratedRegex(@"^class (?<name>\w+) < TestMigration\n(?<body>.*?)^end", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Class();

    [GeneratedRegex(@"^  def test_\w+\n(?<body>.*?)^  end", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Test();

    [GeneratedRegex(@"assert_(safe|unsafe) (\w+)")]
    private static partial Regex Assertion();

    [GeneratedRegex(@"skip unless (mysql|mariadb)|skip if postgresql|skip unless postgresql\?.*postgresql_version")]
    private static partial Regex Skipped();

    [GeneratedRegex(@"if postgresql\?\n(.*?)\n    (?:else|elsif|end)", RegexOptions.Singleline)]
    private static partial Regex Branch();
}
