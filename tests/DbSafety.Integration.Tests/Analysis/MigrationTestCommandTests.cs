using System.Globalization;
using System.Text.Json;
using DbSafety.Integration.Tests.Rounds;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary><c>dbsafety migration test</c> as a process of its own.</summary>
public sealed class MigrationTestCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("dbsafety-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Data_loss_is_refused_with_exit_code_3_and_other_statements_pass()
    {
        Write("1.sql", "CREATE TABLE t (a int); DROP TABLE t; CREATE INDEX i ON u (a);");
        var safe = await Dbsafety.RunAsync("migration", "test", folder);
        Write("2.sql", "DROP TABLE u;");
        var lost = await Dbsafety.RunAsync("migration", "test", folder);
        var file = await Dbsafety.RunAsync("migration", "test", Path.Combine(folder, "2.sql"), "--json");
        var without = await Dbsafety.RunAsync("migration", "test", folder, "--exclude-rule", "drop-table");

        Assert.Equal((0, 3, 3, 0), (safe.ExitCode, lost.ExitCode, file.ExitCode, without.ExitCode));
        Assert.Equal($"no findings in {folder}\n", (await Dbsafety.RunAsync("migration", "test", folder, "--rule", "cluster")).Error);
        Assert.Contains("DESTRUCTIVE drop-table:u  2.sql:1", lost.Output, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(file.Output);
        Assert.Equal("drop-table", json.RootElement[0].GetProperty("Rule").GetString());
    }

    [Fact]
    public async Task Migration_test_reads_standard_input()
    {
        using var run = Dbsafety.Start(null, "migration", "test", "-", "--format", "github");
        run.WriteLine("SELECT 1;\nTRUNCATE t;");
        var result = await run.EndAsync();

        Assert.Equal(3, result.ExitCode);
        Assert.StartsWith("::error file=stdin.sql,line=2,title=Destructive truncate%3At::truncates table t", result.Output, StringComparison.Ordinal);
    }

    /// <summary>The beginning of a script, what it repeats, and its end. Many statements take the longest.</summary>
    public static TheoryData<string, string, string> LongScripts
    {
        get
        {
            var scripts = new TheoryData<string, string, string>
            {
                { "INSERT INTO t VALUES\n", "(1, 'it''s'),\n", "(2, '');" },
                { "COPY t FROM stdin;\n", "1\tit's; DROP TABLE x;\n", "\\.\n" },
                { "INSERT INTO t VALUES ('", "it''s\n", "');" },
            };
            if (Round.IsLong)
                scripts.Add("", "INSERT INTO t VALUES (1, 'it''s one that is long enough for the findings to be fewer than what a test would like to wait for, and still many');\n", "");
            return scripts;
        }
    }

    /// <summary>As UTF-16, which is what .NET's strings are made of, the script alone would be as large as the heap may become.</summary>
    [Theory]
    [MemberData(nameof(LongScripts))]
    public async Task A_script_can_be_larger_than_memory(string start, string piece, string end)
    {
        var length = Round.Times(16, 64) << 20;
        var path = Path.Combine(folder, "long.sql");
        await using (var file = new StreamWriter(path))
        {
            await file.WriteAsync(start);
            for (var written = 0; written < length; written += piece.Length)
                await file.WriteAsync(piece);
            await file.WriteAsync(end + "\nDROP TABLE last;");
        }

        var heap = new Dictionary<string, string?> { ["DOTNET_GCHeapHardLimit"] = (2 * length).ToString("x", CultureInfo.InvariantCulture) };
        var named = await Dbsafety.RunAsync(heap, "migration", "test", path, "--all", "--json");
        using var piped = Dbsafety.Start(heap, "migration", "test", "-", "--all", "--format", "sarif");
        await piped.WriteAsync(path);
        var (fromFile, fromPipe) = (JsonDocument.Parse(named.Output), JsonDocument.Parse((await piped.EndAsync()).Output));

        Assert.Equal("last", fromFile.RootElement.EnumerateArray().Last(f => f.GetProperty("Rule").GetString() == "drop-table").GetProperty("Object").GetString());
        Assert.Equal(fromFile.RootElement.GetArrayLength(), fromPipe.RootElement.GetProperty("runs")[0].GetProperty("results").GetArrayLength());
    }

    [Fact]
    public async Task Standard_input_can_only_be_read_once()
    {
        var result = await Dbsafety.RunAsync("migration", "test", "-", "--database-url", "-");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("DBS521", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_SARIF_output_names_the_file()
    {
        Write("1.sql", "\nDROP TABLE u;");
        var result = await Dbsafety.RunAsync("migration", "test", folder, "--format", "sarif", "--severity", "Destructive");

        using var log = JsonDocument.Parse(result.Output);
        var found = log.RootElement.GetProperty("runs")[0].GetProperty("results")[0];
        Assert.Equal("drop-table", found.GetProperty("ruleId").GetString());
        var place = found.GetProperty("locations")[0].GetProperty("physicalLocation");
        Assert.EndsWith("/1.sql", place.GetProperty("artifactLocation").GetProperty("uri").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, place.GetProperty("region").GetProperty("startLine").GetInt32());
    }

    [Fact]
    public async Task An_unknown_rule_is_a_usage_error()
    {
        Write("1.sql", "SELECT 1;");
        var result = await Dbsafety.RunAsync("migration", "test", folder, "--rule", "drop-tables");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("Similar rules: drop-table", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_allow_comment_without_a_reason_is_warned_about_and_a_comment_with_a_reason_passes()
    {
        Write("1.sql", "-- dbsafety: allow drop-table u because it moved to the archive\nDROP TABLE u;");
        Write("2.sql", "-- dbsafety: allow drop-table v\nDROP TABLE v;");
        var result = await Dbsafety.RunAsync("migration", "test", folder);

        Assert.Equal(3, result.ExitCode);
        Assert.Contains("2.sql line 1: 'allow drop-table v' has no reason", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("drop-table:u", result.Output, StringComparison.Ordinal);
    }

    private void Write(string name, string sql) => File.WriteAllText(Path.Combine(folder, name), sql);
}
