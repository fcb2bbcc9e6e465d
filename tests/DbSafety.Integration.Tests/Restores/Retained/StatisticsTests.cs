using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Restores.Retained;

[Collection(RestoreServerGroup.Name)]
public sealed class StatisticsTests(PgServer pg)
{
    [Theory]
    [InlineData(BackupFormat.Custom)]
    [InlineData(BackupFormat.Plain)]
    public async Task Planner_statistics_are_collected_before_the_swap(BackupFormat format)
    {
        var target = await pg.CreateDatabaseAsync("analyzed", """
            CREATE TABLE plain AS SELECT i, i % 3 AS a, i % 7 AS b, 'T' || i AS t FROM generate_series(1, 500) i;
            CREATE INDEX plain_lower ON plain (lower(t)); CREATE STATISTICS plain_both ON a, b FROM plain;
            CREATE TABLE parts (i int) PARTITION BY RANGE (i); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (500); INSERT INTO parts SELECT generate_series(1, 400);
            CREATE TABLE base (i int); CREATE TABLE child () INHERITS (base); INSERT INTO base SELECT 1; INSERT INTO child SELECT generate_series(1, 300);
            CREATE MATERIALIZED VIEW summed AS SELECT sum(i) AS n FROM plain;
            """);
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format }, new RecordedEvents(), CancellationToken.None);
        var (inherited, all, both) = ("", "", -1L);
        using (StepListener.At("swap: checked", async () =>
        {
            var fresh = target.On(await PgServer.ScalarAsync<string>(pg.Target, $"SELECT datname::text FROM pg_database WHERE datname LIKE '{target.Database}\\_restoring%'"));
            all = await PgServer.ScalarAsync<string>(fresh, "SELECT string_agg(DISTINCT tablename::text, ',' ORDER BY tablename::text) FROM pg_stats WHERE schemaname = 'public'");
            inherited = await PgServer.ScalarAsync<string>(fresh, "SELECT string_agg(DISTINCT tablename::text, ',') FROM pg_stats WHERE schemaname = 'public' AND inherited");
            both = await PgServer.ScalarAsync<long>(fresh, "SELECT count(*) FROM pg_stats_ext WHERE statistics_name = 'plain_both'");
        }))
            await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target), new RecordedEvents(), CancellationToken.None);

        Assert.Equal(("base,child,parts,parts_1,plain,plain_lower,summed", "base,parts", 1), (all, inherited, both));
    }
}
