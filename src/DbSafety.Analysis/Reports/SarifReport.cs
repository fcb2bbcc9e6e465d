using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using DbSafety.Analysis.Findings;

namespace DbSafety.Analysis.Reports;

/// <summary>Findings as SARIF 2.1.0, which code scanners read (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).</summary>
public static class SarifReport
{
    private const string Head = """
        {
          "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
          "version": "2.1.0",
          "runs": [
            {
              "columnKind": "utf16CodeUnits",
              "results": [
        """;

    private const string Foot = """
            }
          ]
        }
        """;

    private static readonly JsonSerializerOptions Form = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="path">The file or folder that was analysed.</param>
    /// <returns>Lines of text, of which each comes as soon as its finding does.</returns>
    public static async IAsyncEnumerable<string> WriteAsync(IAsyncEnumerable<MigrationFinding> findings, string path)
    {
        var rules = new List<string>();
        await foreach (var line in JsonLines.ArrayAsync(Results(), Head, "      ],", indentation: 8))
            yield return line;
        yield return $"      \"tool\": {Tool(rules).ToJsonString(Form).ReplaceLineEndings("\n      ")}";
        yield return Foot;

        async IAsyncEnumerable<string> Results()
        {
            await foreach (var finding in findings)
            {
                if (!rules.Contains(finding.Rule))
                    rules.Add(finding.Rule);
                yield return Result(finding, rules.IndexOf(finding.Rule), path).ToJsonString(Form);
            }
        }
    }

    private static JsonObject Tool(IReadOnlyList<string> rules) => new()
    {
        ["driver"] = new JsonObject
        {
            ["name"] = "DbSafety",
            ["semanticVersion"] = typeof(SarifReport).Assembly.GetName().Version!.ToString(3),
            ["rules"] = new JsonArray([.. rules.Select(Rule)]),
        },
    };

    private static JsonObject Rule(string id) => new JsonObject
    {
        ["id"] = id,
        ["name"] = id,
        ["shortDescription"] = new JsonObject { ["text"] = id.Replace('-', ' ') },
        ["properties"] = new JsonObject { ["severity"] = SeverityOf(id).ToString() },
    };

    /// <summary>What goes along by foreign keys only the database shows: there is no rule for it.</summary>
    private static FindingSeverity SeverityOf(string id) => MigrationAnalyser.Rules.FirstOrDefault(r => r.Id == id)?.Severity ?? FindingSeverity.Destructive;

    private static JsonObject Result(MigrationFinding finding, int ruleIndex, string path)
    {
        var result = new JsonObject
        {
            ["ruleId"] = finding.Rule,
            ["ruleIndex"] = ruleIndex,
            ["level"] = finding.Refuses ? "error" : finding.Severity == FindingSeverity.Info ? "note" : "warning",
            ["message"] = new JsonObject { ["text"] = $"{finding.Message}. {finding.Remedy}".TrimEnd() },
            ["locations"] = new JsonArray(new JsonObject
            {
                ["physicalLocation"] = new JsonObject
                {
                    ["artifactLocation"] = new JsonObject { ["uri"] = string.Join('/', ReportPath.Of(finding.File, path).Split('/').Select(Uri.EscapeDataString)) },
                    ["region"] = new JsonObject { ["startLine"] = finding.Line },
                },
                ["logicalLocations"] = new JsonArray(new JsonObject { ["fullyQualifiedName"] = finding.Object }),
            }),
            ["partialFingerprints"] = new JsonObject { ["finding/v1"] = $"{finding.File}:{finding.Statement}:{finding.AllowAs}" },
            ["properties"] = new JsonObject
            {
                ["severity"] = finding.Severity.ToString(),
                ["inBody"] = finding.InBody,
                ["liveFacts"] = new JsonObject([.. finding.LiveFacts.Select(f => KeyValuePair.Create<string, JsonNode?>(f.Key, f.Value))]),
            },
        };
        if (finding.AllowedBecause is { } reason)
            result["suppressions"] = new JsonArray(new JsonObject { ["kind"] = "inSource", ["justification"] = reason });
        return result;
    }
}
