using System.Diagnostics;
using System.Text;
using DbSafety.Analysis;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Benchmarks;

/// <summary>The analysis of a folder of SQL files and of one large file made of them, beside squawk (https://squawkhq.com) where its binary is given.</summary>
internal sealed class AnalysisSpeed(string folder, string? squawk)
{
    private static readonly IReadOnlyDictionary<string, string?> Environment = new Dictionary<string, string?>();

    private readonly List<(string File, string Text)> scripts =
        [.. Directory.EnumerateFiles(folder, "*.sql", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => (Path.GetRelativePath(folder, f), File.ReadAllText(f)))];

    public async Task RunAsync()
    {
        Console.WriteLine($"{scripts.Count} files, {scripts.Sum(s => (long)s.Text.Length) / 1e6:0.0} million characters");
        var first = Analyse("first pass, the compiler's time included", scripts);
        for (var i = 0; i < 3; i++)
            Analyse("again", scripts);
        Console.WriteLine($"  {first} findings");
        var temporary = Directory.CreateTempSubdirectory("dbsafety-analysis-");
        try
        {
            await OneFileAsync(temporary.FullName);
            await SideBySideAsync();
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    private async Task OneFileAsync(string temporary)
    {
        foreach (var megabytes in new[] { 5, 10, 25, 50 })
        {
            var text = OfSize(megabytes * 1_000_000);
            Analyse($"one file of {megabytes} million characters", [("large.sql", text)]);
            var path = Path.Combine(temporary, "large.sql");
            await File.WriteAllTextAsync(path, text);
            Row($"  dbsafety migration test, {megabytes} million characters", await DbSafetyAsync("migration", "test", path));
            if (squawk is not null)
                Row($"  squawk, {megabytes} million characters", await SquawkAsync(path));
        }
    }

    private async Task SideBySideAsync()
    {
        var start = await DbSafetyAsync("--version");
        Row("dbsafety --version (start-up)", start);
        Row("dbsafety migration test --all --json", await DbSafetyAsync("migration", "test", folder, "--all", "--json"));
        if (squawk is not null)
            Row("squawk --reporter json", await SquawkAsync([.. scripts.Select(s => Path.Combine(folder, s.File))]));
    }

    private static Task<Measured> DbSafetyAsync(params string[] arguments) =>
        // 3: something destructive was found.
        Measured.RunAsync(Environment, [0, 3], "dotnet", [Path.Combine(AppContext.BaseDirectory, "dbsafety.dll"), .. arguments]);

    private Task<Measured> SquawkAsync(params string[] files) => Measured.RunAsync(Environment, [0, 1], squawk!, ["--reporter", "json", .. files]);

    private static int Analyse(string name, IReadOnlyList<(string File, string Text)> scripts)
    {
        GC.Collect();
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var clock = Stopwatch.StartNew();
        var findings = MigrationAnalyser.Analyse(scripts.Select(s => new SqlScript(s.File, s.Text))).Count;
        var time = clock.Elapsed;
        var characters = scripts.Sum(s => (long)s.Text.Length);
        Console.WriteLine($"{name,-44}{time.TotalSeconds,8:0.000} s {characters / 1e6 / time.TotalSeconds,7:0.0} million characters a second, {(GC.GetTotalAllocatedBytes(precise: true) - allocated) / 1e6,9:N1} MB allocated");
        return findings;
    }

    /// <summary>The folder's scripts, again and again.</summary>
    private string OfSize(int characters)
    {
        var text = new StringBuilder(characters);
        while (text.Length < characters)
        {
            foreach (var script in scripts)
            {
                if (text.Length >= characters)
                    break;
                text.Append(script.Text).Append("\n;\n");
            }
        }

        return text.ToString();
    }

    private static void Row(string name, Measured measured) =>
        Console.WriteLine($"{name,-50}{measured.Time.TotalSeconds,8:0.00} s, peak {measured.PeakBytes / 1e6:N0} MB");
}
