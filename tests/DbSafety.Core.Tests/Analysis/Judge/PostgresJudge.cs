using System.Diagnostics;
using System.Text.Json;

namespace DbSafety.Core.Tests.Analysis.Judge;

/// <summary>
/// PostgreSQL's own parser (Debian's python3-pglast), asked by lines in a process of its own. What it does not understand is given to
/// the parsers of PostgreSQL 18 and 13 (npm's libpg-query).
/// </summary>
public sealed class PostgresJudge : IAsyncLifetime
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    private Process? process;
    private string? otherVersions;

    /// <summary>Rules that say that stored values are lost.</summary>
    public static IReadOnlySet<string> Losses { get; } = new HashSet<string>
    {
        "drop-table", "drop-column", "drop-schema", "drop-database", "drop-materialized-view", "truncate", "delete-rows", "delete-without-where",
    };

    private Constitution? constitution;

    /// <summary>Rules whose findings can be read from a parse tree alone.</summary>
    public IReadOnlySet<string> JudgedRules => About.Rules;

    /// <summary>PostgreSQL's major version whose parser is asked first.</summary>
    public int Version => About.Version;

    /// <summary>How often the parser's process died of an input; each counts as no answer.</summary>
    public int Deaths { get; private set; }

    /// <summary>Null: the parser did not survive this text.</summary>
    internal JudgedScript? Judge(string sql) => Ask<JudgedScript>(new { sql });

    public async ValueTask InitializeAsync() =>
        otherVersions = await NodePackages.InstallAsync("judge", "libpg-query-18@npm:libpg-query@18.1.5", "libpg-query-13@npm:libpg-query@13.7.3");

    public ValueTask DisposeAsync()
    {
        process?.StandardInput.Close();
        process?.WaitForExit();
        process?.Dispose();
        return ValueTask.CompletedTask;
    }

    private Constitution About => constitution ??= Ask<Constitution>(new { about = true })
        ?? throw new InvalidOperationException("python3-pglast is needed to compare with PostgreSQL's own parser (Debian: apt-get install python3-pglast)");

    private T? Ask<T>(object question)
        where T : class
    {
        process ??= Start();
        process.StandardInput.WriteLine(JsonSerializer.Serialize(question));
        process.StandardInput.Flush();
        if (process.StandardOutput.ReadLine() is { } answer)
            return JsonSerializer.Deserialize<T>(answer, Json);
        process.Dispose();
        process = null;
        Deaths++;
        return null;
    }

    private Process Start()
    {
        var script = Repository.Folder("tests/DbSafety.Core.Tests/Analysis/Judge/postgres_judge.py");
        return Process.Start(new ProcessStartInfo("/usr/bin/python3", [script, otherVersions!]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    private sealed record Constitution(int Version, HashSet<string> Rules);
}
