using System.Text.RegularExpressions;

namespace DbSafety.Integration.Tests.Analysis.Peers;

/// <summary>pg-schema-diff's acceptance cases that say which plan they expect: the plan on the old schema, and each hazard that it must have.</summary>
internal static partial class SchemaDiffCases
{
    public static IEnumerable<PeerInput> Read(string root)
    {
        var folder = Path.Combine(root, "internal", "migration_acceptance_tests");
        foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder, "*_cases_test.go").Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            foreach (Match found in Case().Matches(File.ReadAllText(file)))
            {
                var (name, body) = (found.Groups["name"].Value, found.Groups["body"].Value);
                var plan = Strings(body, "expectedPlanDDL");
                if (plan.Count == 0)
                    continue;
                var hazards = Hazard().Matches(body).Select(h => h.Groups[1].Value).Distinct().ToList();
                foreach (var hazard in hazards.DefaultIfEmpty("no hazard"))
                {
                    yield return new PeerInput("pg-schema-diff", hazard, name, hazards.Count > 0, [string.Join(";\n", plan.Select(s => s.TrimEnd(';')))])
                    {
                        Given = string.Join(";\n", Strings(body, "oldSchemaDDL")),
                    };
                }
            }
        }
    }

    private static List<string> Strings(string body, string field)
    {
        var at = Regex.Match(body, field + @": *\[\]string\{");
        return at.Success ? [.. GoString().Matches(body[at.Index..]).TakeWhile(m => m.Groups["end"].Length == 0).Select(m => m.Groups["raw"].Success ? m.Groups["raw"].Value : Regex.Unescape(m.Groups["plain"].Value))] : [];
    }

    [GeneratedRegex(@"\n\t\{\n\t\tname: *""(?<name>[^""]+)"",(?<body>.*?)\n\t\},", RegexOptions.Singleline)]
    private static partial Regex Case();

    [GeneratedRegex(@"diff\.MigrationHazardType(\w+)")]
    private static partial Regex Hazard();

    /// <summary>A string, or the brace that ends the list.</summary>
    [GeneratedRegex("""`(?<raw>[^`]*)`|"(?<plain>(?:[^"\\]|\\.)*)"|(?<end>\},?\n\t\t[a-z}])""")]
    private static partial Regex GoString();
}
