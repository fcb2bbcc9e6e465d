
namespace DbSafety.Core.Tests.Analysis.Judge;

public sealed class JudgedSqlTests(ITestOutputHelper output, PostgresJudge judge) : IClassFixture<PostgresJudge>
{
    public static TheoryData<string> Scripts { get; } = [.. JudgedSql.Files().Select(f => Path.GetFileName(f)!)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void The_analysis_of_hand_written_SQL_matches_the_PostgreSQL_parser(string script)
    {
        var comparison = new Comparison(judge);
        comparison.Add(script, JudgedSql.Read(script));
        output.WriteLine(comparison.Tally.ToString());

        Assert.DoesNotContain(comparison.Mismatches, m => m.Because is null);
        Assert.True(comparison.Tally is { Statements: > 0, Wanted: > 0 });
        Assert.Equal(0, judge.Deaths);
    }
}
