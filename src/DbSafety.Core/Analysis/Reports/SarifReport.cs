using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace DbSafety.Analysis.Reports;

/// <summary>Findings as SARIF 2.1.0, which code scanners read (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html).</summary>
public static class SarifReport
{
    private static readonly JsonSerializerOptions Form = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="path">The file or folder that was analysed.</param>
    public static string Write(IReadOnlyList<MigrationFinding> findings, string path)
    {
        var rules = findings.Select(f => f.Rule).Distinct().Order(StringComparer.Ordinal).ToList();
        var log = new JsonObject
        {
            ["$schema"] = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
            ["version"] = "2.1.0",
            ["runs"] = new JsonArray(new JsonObject
            {
                ["tool"] = new JsonObject
                {
                    ["driver"] = new JsonObject
                    {
                        ["name"] = "DbSafety",
                        ["semanticVersion"] = typeof(SarifReport).Assembly.GetName().Version!.ToString(3),
                        ["rules"] = new JsonArray([.. rules.Select(Rule)]),
                    },
                },
                ["columnKind"] = "utf16CodeUnits",
                ["results"] = new JsonArray([.. findings.Select(f => Result(f, rules.IndexOf(f.Rule), path))]),
            }),
        };
        return log.ToJsonString(Form);
    }

    private static JsonObject Rule(string id) => new JsonObject
    {
        ["id"] = id,
        ["name"] = id,
        ["shortDescription"] = new JsonObject { ["text"] = id.Replace('-', ' ') },
        ["properties"] = new JsonObject { ["severity"] = MigrationAnalyser.Rules.Single(r => r.Id == id).Severity.ToString() },
    };

    private static JsonObject Result(MigrationFinding finding, int ruleIndex, string path)
    {
        var result = new JsonObject
        {
            ["ruleId"] = finding.Rule,
            ["ruleIndex"] = ruleIndex,
            ["level"] = finding.Refuses ? "error" : finding.Severity == FindingSeverity.Info ? "note" : "warning",
            ["message"] = new JsonObject { ["text"] = $"{finding.Message}. {finding.Remedy}" },
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
