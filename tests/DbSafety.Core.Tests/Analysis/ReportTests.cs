using System.Text.Json;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Reports;

namespace DbSafety.Core.Tests.Analysis;

public sealed class ReportTests
{
    private static readonly MigrationFinding Lost = new()
    {
        Rule = "drop-table",
        Severity = FindingSeverity.Destructive,
        File = "migrations/1 a,b/migration.sql",
        Line = 3,
        Statement = 2,
        Object = "app.\"T\"",
        Message = "drops 100 % of app.\"T\"",
        Remedy = "Stop using it:\nSELECT 1;",
        LiveFacts = new Dictionary<string, long> { ["rows"] = 7 },
    };

    [Fact]
    public async Task The_SARIF_report_contains_rules_locations_levels_and_justifications()
    {
        var allowed = Lost with { Severity = FindingSeverity.Info, Rule = "drop-column", AllowedBecause = "it is empty" };
        var fails = Lost with { Severity = FindingSeverity.MayFail, Rule = "set-not-null", WouldFail = true };
        var waits = Lost with { Severity = FindingSeverity.Blocking, Rule = "cluster" };
        using var log = JsonDocument.Parse(string.Join('\n', await SarifReport.WriteAsync(Each(Lost, allowed, fails, waits), ".").ToListAsync()));

        Assert.Equal("2.1.0", log.RootElement.GetProperty("version").GetString());
        var run = log.RootElement.GetProperty("runs")[0];
        var rules = run.GetProperty("tool").GetProperty("driver").GetProperty("rules").EnumerateArray().Select(r => r.GetProperty("id").GetString()).ToList();
        var results = run.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(["error", "note", "error", "warning"], results.Select(r => r.GetProperty("level").GetString()));
        Assert.All(results, r => Assert.Equal(r.GetProperty("ruleId").GetString(), rules[r.GetProperty("ruleIndex").GetInt32()]));
        var place = results[0].GetProperty("locations")[0].GetProperty("physicalLocation");
        Assert.Equal("migrations/1%20a%2Cb/migration.sql", place.GetProperty("artifactLocation").GetProperty("uri").GetString());
        Assert.Equal(3, place.GetProperty("region").GetProperty("startLine").GetInt32());
        Assert.Equal(7, results[0].GetProperty("properties").GetProperty("liveFacts").GetProperty("rows").GetInt64());
        Assert.Equal("it is empty", results[1].GetProperty("suppressions")[0].GetProperty("justification").GetString());
        Assert.False(results[0].TryGetProperty("suppressions", out _));
    }

    [Fact]
    public async Task GitHub_annotations_use_a_line_for_each_finding_and_escape_special_characters()
    {
        var lines = await GitHubAnnotations.WriteAsync(Each(Lost, Lost with { Severity = FindingSeverity.Info }), ".").ToListAsync();
        Assert.Equal(
            "::error file=migrations/1 a%2Cb/migration.sql,line=3,title=Destructive drop-table%3Aapp.\"T\"::drops 100 %25 of app.\"T\"%0AStop using it:%0ASELECT 1;", lines[0]);
        Assert.StartsWith("::notice ", lines[1], StringComparison.Ordinal);
        Assert.Equal(2, lines.Count);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[\n  1\n]", "1")]
    [InlineData("[\n  {\n    \"a\": 1\n  },\n  2\n]", "{\n  \"a\": 1\n}", "2")]
    public async Task A_JSON_array_is_written_incrementally(string expected, params string[] elements) =>
        Assert.Equal(expected, string.Join('\n', await JsonLines.ArrayAsync(Each(elements)).ToListAsync()));

    [Fact]
    public async Task A_SARIF_report_without_findings_has_an_empty_results_array()
    {
        using var log = JsonDocument.Parse(string.Join('\n', await SarifReport.WriteAsync(Each<MigrationFinding>(), ".").ToListAsync()));
        Assert.Empty(log.RootElement.GetProperty("runs")[0].GetProperty("results").EnumerateArray());
    }

    [Fact]
    public void Reported_file_paths_are_relative_to_the_current_directory()
    {
        var folder = Directory.CreateTempSubdirectory("dbsafety-report-");
        Directory.CreateDirectory(Path.Combine(folder.FullName, "prisma", "migrations"));
        File.WriteAllText(Path.Combine(folder.FullName, "prisma", "migrations", "1.sql"), "");
        var here = Path.GetRelativePath(Environment.CurrentDirectory, folder.FullName).Replace('\\', '/');

        Assert.Equal($"{here}/prisma/migrations/1.sql", ReportPath.Of("migrations/1.sql", folder.FullName));
        Assert.Equal($"{here}/prisma/migrations/1.sql", ReportPath.Of("1.sql", Path.Combine(folder.FullName, "prisma", "migrations")));
        Assert.Equal($"{here}/prisma/migrations/1.sql", ReportPath.Of("1.sql", Path.Combine(folder.FullName, "prisma", "migrations", "1.sql")));
        Assert.Equal("gone.sql", ReportPath.Of("gone.sql", folder.FullName));
        folder.Delete(recursive: true);
    }

    private static IAsyncEnumerable<T> Each<T>(params T[] items) => items.ToAsyncEnumerable();
}
