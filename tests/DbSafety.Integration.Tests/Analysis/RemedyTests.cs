using DbSafety.Analysis;
using DbSafety.Core.Tests.Analysis;
using DbSafety.Databases;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>Runs the SQL that each rule offers instead.</summary>
[Collection(AnalysisServerGroup.Name)]
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

    [Theory]
    [InlineData("add-check", "ALTER TABLE \"user\" ADD CONSTRAINT c CHECK (\n  a > 0\n  AND \"order\" > 0\n)")]
    [InlineData("add-foreign-key", "ALTER TABLE \"user\" ADD FOREIGN KEY (\"order\")\n  REFERENCES \"table\" (id)\n  ON DELETE CASCADE")]
    [InlineData("set-not-null", "ALTER TABLE \"user\" ALTER \"order\" SET NOT NULL")]
    [InlineData("drop-column", "ALTER TABLE \"user\" DROP COLUMN \"order\"")]
    [InlineData("add-unique", "ALTER TABLE public.\"user\" ADD UNIQUE (\"order\")")]
    public async Task It_is_whole_and_quotes_words_that_are_no_names(string rule, string sql)
    {
        var target = await pg.CreateDatabaseAsync("words", "CREATE TABLE \"table\" (id int PRIMARY KEY); CREATE TABLE \"user\" (a int, \"order\" int)");
        var remedy = Assert.Single(MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]), f => f.Rule == rule).RemedySql!;
        await PgServer.ExecuteAsync(target, remedy);
    }

    [Fact]
    public async Task Every_word_that_the_server_reserves_is_quoted()
    {
        await using var connection = await pg.Target.OpenAsync(CancellationToken.None);
        await using var command = new Npgsql.NpgsqlCommand("SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var words = new List<string>();
        while (await reader.ReadAsync())
            words.Add(reader.GetString(0));

        Assert.NotEmpty(words);
        Assert.All(words, word => Assert.Equal(SqlName.Quote(word), SqlName.Display(word)));
    }
}
