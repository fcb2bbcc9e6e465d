using DbSafety.Analysis;
using DbSafety.Core.Tests.Analysis;
using DbSafety.Databases;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>Runs the SQL that each rule offers instead.</summary>
[Collection(PgServerGroup.Name)]
public sealed class RemedyTests(PgServer pg)
{
    public static TheoryData<string> RulesWithSql =>
        [.. MigrationAnalyser.RuleIds.Where(id => RuleFixture.Open(id, "remedy.sql")!.Part("instead").Length > 0)];

    [Fact]
    public void Most_of_what_destroys_blocks_or_may_fail_has_a_remedy_in_SQL() => Assert.True(RulesWithSql.Count >= 25, $"only {RulesWithSql.Count}");

    [Theory]
    [MemberData(nameof(RulesWithSql))]
    public async Task PostgreSQL_takes_it_and_the_finding_is_gone(string rule)
    {
        var remedy = RuleFixture.Open(rule, "remedy.sql")!;
        var target = await pg.CreateDatabaseAsync("remedy", remedy.Part("given") is { Length: > 0 } given ? given : "SELECT 1");

        // One by one: some refuse to run in a transaction.
        await using var connection = await target.OpenAsync(CancellationToken.None);
        foreach (var statement in SqlSplitter.Split(remedy.Part("instead")))
            await connection.ExecuteAsync(statement.Text, CancellationToken.None);

        var before = MigrationAnalyser.Analyse([new SqlScript("before.sql", remedy.Part("migration"))]);
        var after = MigrationAnalyser.Analyse([new SqlScript("after.sql", remedy.Part("instead"))]);
        Assert.Contains(before, f => f.Rule == rule && f.Severity != FindingSeverity.Info);
        Assert.DoesNotContain(after, f => f.Rule == rule && f.Severity != FindingSeverity.Info);
    }
}
