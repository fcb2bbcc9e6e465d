using DbSafety.Backups;
using DbSafety.Databases.Connections;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>What is computed from the name of a database, which is a temporary one while it is restored.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class DatabaseNameTests(PgServer pg)
{
    [Fact]
    public async Task Materialized_views_that_contain_the_database_name_are_refreshed_after_the_rename()
    {
        var target = await pg.CreateDatabaseAsync("named", """
            CREATE SCHEMA app; CREATE FUNCTION app.here() RETURNS text LANGUAGE sql STABLE AS 'SELECT current_database()::text'; CREATE VIEW app.v AS SELECT CURRENT_CATALOG::text AS n;
            CREATE MATERIALIZED VIEW app.m1 AS SELECT current_database()::text AS n; CREATE MATERIALIZED VIEW app.m2 AS SELECT n FROM app.v; CREATE MATERIALIZED VIEW app.m3 AS SELECT app.here() AS n;
            CREATE MATERIALIZED VIEW app.m4 AS SELECT n FROM app.m1; CREATE MATERIALIZED VIEW app.other AS SELECT 1 AS n; CREATE MATERIALIZED VIEW app.empty AS SELECT current_database()::text AS n WITH NO DATA;
            """);
        using var folder = new TempFolder();
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path), new RecordedEvents(), CancellationToken.None);

        var restore = await RestoreAsync(backup.Path, target);

        Assert.Equal(4, restore.Notes.Count(n => n.Contains("was refreshed after the database was renamed", StringComparison.Ordinal)));
        Assert.Equal(string.Join(' ', Enumerable.Repeat(target.Database, 4)), await PgServer.ScalarAsync<string>(target, "SELECT concat_ws(' ', a.n, b.n, c.n, d.n) FROM app.m1 a, app.m2 b, app.m3 c, app.m4 d"));
        Assert.False(await PgServer.ScalarAsync<bool>(target, "SELECT relispopulated FROM pg_class WHERE relname = 'empty'"));
    }

    [Fact]
    public async Task A_materialized_view_that_cannot_be_refreshed_after_the_rename_is_reported_with_the_REFRESH_command()
    {
        var target = await pg.CreateDatabaseAsync("namedonce");
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "once.sql");
        await File.WriteAllTextAsync(path, "CREATE MATERIALIZED VIEW once AS SELECT current_database()::text AS n, 1 / (CASE WHEN current_database() ~ 'restoring' THEN 1 ELSE 0 END) AS x;\nCREATE TABLE names (n text);\nINSERT INTO names SELECT current_database();\n");
        var events = new RecordedEvents();

        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(path, target), events, CancellationToken.None);

        Assert.Contains("REFRESH MATERIALIZED VIEW \"public\".\"once\"", events.Text, StringComparison.Ordinal);
        Assert.Contains("not proven: values that are the name of the database, which has a temporary name while it is restored: INSERT INTO names SELECT current_database()", restore.Notes);
    }

    private static Task<PgRestore> RestoreAsync(string path, DatabaseTarget target) => new RestoreDatabase().RunAsync(new RestoreRequest(path, target), new RecordedEvents(), CancellationToken.None);
}
