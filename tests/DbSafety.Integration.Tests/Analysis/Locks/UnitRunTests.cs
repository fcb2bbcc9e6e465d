using DbSafety.Databases.Connections;

namespace DbSafety.Integration.Tests.Analysis.Locks;

/// <summary>What the round over public SQL compares.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class UnitRunTests(PgServer pg)
{
    /// <summary>Each statement locks a table of an earlier script, and the analysis does not report the lock on that table.</summary>
    [Theory]
    [InlineData("ANALYZE;", 0)]
    [InlineData("CREATE TABLE kept (id int) USING of_an_extension; ALTER TABLE kept ADD COLUMN b int; DROP TABLE kept;", 0)]
    [InlineData("CREATE TABLE other (id int) USING of_an_extension; ALTER TABLE kept ADD COLUMN b int;", 1)]
    public async Task Statements_about_all_tables_or_about_what_the_server_refused_to_create_are_not_compared(string sql, int compared)
    {
        var target = await pg.CreateDatabaseAsync("round", "SELECT 1");
        await using var connection = await target.OpenAsync(CancellationToken.None);
        await using var watcher = await target.OpenAsync(CancellationToken.None);
        var run = new UnitRun(connection, watcher);
        await run.RunAsync("1.sql", "CREATE TABLE kept (id int); INSERT INTO kept VALUES (1);");
        var before = run.Compared;
        await run.RunAsync("2.sql", sql);
        Assert.Empty(run.Less);
        Assert.Equal(compared, run.Compared - before);
    }
}
