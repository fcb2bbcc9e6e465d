
namespace DbSafety.Core.Tests.Analysis.Judge;

/// <summary><c>DBSAFETY_JUDGE_REPORT</c> names a file for all differences.</summary>
public sealed class JudgedCorpusTests(ITestOutputHelper output, PostgresJudge judge) : IClassFixture<PostgresJudge>
{
    [SqlCorpusFact]
    public void The_analysis_of_public_SQL_matches_the_PostgreSQL_parser()
    {
        var (tally, mismatches) = (Tally.Nothing, new List<Mismatch>());
        foreach (var project in SqlCorpus.Projects())
        {
            var comparison = new Comparison(judge);
            foreach (var file in project.Files)
                comparison.Add(Path.GetRelativePath(SqlCorpus.Folder!, file), File.ReadAllText(file));
            output.WriteLine(project.Files.Count == 0 ? $"{project.Name}: passed over, there are no *.sql files" : $"{project.Name}: {comparison.Tally}");
            tally += comparison.Tally;
            mismatches.AddRange(comparison.Mismatches);
        }

        output.WriteLine($"all: {tally}; the parser's own process died {judge.Deaths} times");
        Report(mismatches);
        Assert.True(tally.Scripts > tally.Foreign, "PostgreSQL's parser understood no file at all");
        Assert.True(tally is { Split: 0, Missed: 0 } && tally.FalseRate < 0.01 && judge.Deaths == 0, $"{tally}\n{string.Join('\n', mismatches.Where(m => m.Because is null).Take(50))}");
    }

    private static void Report(List<Mismatch> mismatches)
    {
        if (Environment.GetEnvironmentVariable("DBSAFETY_JUDGE_REPORT") is { Length: > 0 } path)
            File.WriteAllLines(path, mismatches.Select(m => m.ToString()));
    }
}
