using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Comparisons;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>Functions that find what they call by search_path, in indexes, constraints, generated columns and materialized views.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class SearchPathTests(PgServer pg)
{
    private const string Functions = """
        CREATE SCHEMA app; SET search_path = app, public;
        CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
        CREATE FUNCTION quad(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT twice(twice($1))';
        CREATE FUNCTION slow_quad(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN twice(twice($1)); END';
        """;

    private const string Indexed = Functions + """
        CREATE TABLE t (id int, note text); INSERT INTO t SELECT i, 'n' || i FROM generate_series(1, 300) i;
        CREATE INDEX t_quad ON t (quad(id)); CREATE INDEX t_slow ON t (slow_quad(id)); CREATE INDEX t_partial ON t (note) WHERE quad(id) > 8;
        """;

    private const string Checked = """
        CREATE TABLE c (id int, q int GENERATED ALWAYS AS (quad(id)) STORED, CONSTRAINT c_quad CHECK (quad(id) > 0)); INSERT INTO c SELECT i FROM generate_series(1, 50) i;
        CREATE DOMAIN even AS int CHECK (quad(VALUE) > 3); CREATE TABLE d (e even); INSERT INTO d VALUES (2), (4);
        CREATE MATERIALIZED VIEW m AS SELECT id, quad(id) AS q FROM t; CREATE UNIQUE INDEX ON m (id); CREATE MATERIALIZED VIEW mm AS SELECT count(*) AS n FROM m;
        """;

    private const string CheckedSlowly = "CREATE TABLE s (id int CONSTRAINT s_quad CHECK (slow_quad(id) > 0), note text); INSERT INTO s SELECT i, repeat('n', 3000) FROM generate_series(1, 1500) i; CREATE MATERIALIZED VIEW ms AS SELECT slow_quad(id) AS q FROM t;";

    public static TheoryData<BackupFormat> Formats => Round.IsLong ? [BackupFormat.Custom, BackupFormat.Plain, BackupFormat.Directory] : [BackupFormat.Custom, BackupFormat.Plain];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Objects_that_depend_on_search_path_are_backed_up_reported_with_a_fix_and_restored(BackupFormat format)
    {
        using var folder = new TempFolder();
        // psql would stop at what no finding names.
        var source = await CreateAsync(format == BackupFormat.Plain ? Indexed.Replace("CREATE INDEX t_slow ON t (slow_quad(id));", "", StringComparison.Ordinal) + Checked : Indexed + Checked + CheckedSlowly);
        var events = new RecordedEvents();

        var backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path) { Format = format, Checksum = true }, events, CancellationToken.None);

        Assert.Contains("ALTER FUNCTION app.quad(integer) SET search_path = app, public;", Assert.Single(backup.Manifest.Findings), StringComparison.Ordinal);
        Assert.Contains("function twice(integer) does not exist", events.Text, StringComparison.Ordinal);
        Assert.Equal(
            ["constraint c_quad of table app.c", "constraint even_check of domain app.even", "generated column q of table app.c", "index app.t_partial", "index app.t_quad", "materialized view app.m", "materialized view app.mm"],
            backup.Manifest.DependOnSearchPath!.Order(StringComparer.Ordinal));
        Assert.True((await BackupTests.Test(backup.Path)).Passed);

        var restored = source.On(source.Database + "_r");
        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, restored), new RecordedEvents(), CancellationToken.None);
        Assert.True(restore.Verified);
        Assert.DoesNotContain(restore.Notes, n => n.Contains("definition", StringComparison.Ordinal));
        Assert.Equal(300L, await PgServer.ScalarAsync<long>(restored, "SELECT count(*) FROM app.m WHERE q = 4 * id"));
        var difference = await new CompareDatabases().RunAsync(new CompareRequest(ComparisonSide.Of(source), ComparisonSide.Of(restored)) { Checksum = true }, new RecordedEvents(), CancellationToken.None);
        Assert.True(difference.Same, string.Join("; ", difference.Changes));
    }

    [Fact]
    public async Task Objects_that_depend_on_search_path_are_restored_in_place()
    {
        using var folder = new TempFolder();
        var source = await CreateAsync(Indexed + Checked);
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path), new RecordedEvents(), CancellationToken.None);
        await PgServer.ExecuteAsync(source, "SET search_path = app; DELETE FROM t WHERE id > 100; DELETE FROM c");

        Assert.True((await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, source) { InPlaceBackup = folder.Path }, new RecordedEvents(), CancellationToken.None)).Verified);

        var difference = await new CompareDatabases().RunAsync(new CompareRequest(ComparisonSide.Of(backup), ComparisonSide.Of(source)), new RecordedEvents(), CancellationToken.None);
        Assert.True(difference.Same, string.Join("; ", difference.Changes));
    }

    /// <summary>Such a dump names the search_path of its database; where it names none, functions of the schema public are found.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_foreign_archive_with_indexes_and_views_that_depend_on_search_path_is_restored(bool isSet)
    {
        const string View = "CREATE MATERIALIZED VIEW m AS SELECT id, quad(id) AS q FROM t;";
        using var folder = new TempFolder();
        var source = isSet ? await CreateAsync(Indexed + View) : await pg.CreateDatabaseAsync("path", (Indexed + View).Replace("CREATE SCHEMA app; SET search_path = app, public;", "", StringComparison.Ordinal));
        var dump = await ForeignDumps.MakeAsync("custom", source, folder.Path);

        var restored = source.On(source.Database + "_r");
        await new RestoreDatabase().RunAsync(new RestoreRequest(dump, restored), new RecordedEvents(), CancellationToken.None);

        var difference = await new CompareDatabases().RunAsync(new CompareRequest(ComparisonSide.Of(source), ComparisonSide.Of(restored)) { Checksum = true }, new RecordedEvents(), CancellationToken.None);
        Assert.True(difference.Same, string.Join("; ", difference.Changes));
    }

    /// <summary>What cannot be created with any search_path is no damage to the file.</summary>
    [Fact]
    public async Task A_drill_distinguishes_a_backup_that_does_not_restore_from_a_damaged_backup()
    {
        using var folder = new TempFolder();
        var source = await CreateAsync(Functions + "CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2); CREATE INDEX t_quad ON t (quad(id)); DROP FUNCTION twice(int);");
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path) { Checksum = true }, new RecordedEvents(), CancellationToken.None);
        Assert.Equal(2L, InPlaceDatabase.Rows(backup, "app.t"));

        var result = await Dbsafety.RunAsync("backup", "test", backup.Path, "--drill");

        Assert.Equal(4, result.ExitCode);
        Assert.Contains("DOES NOT RESTORE: ", result.Output, StringComparison.Ordinal);
        Assert.Contains("error DBS226: backup ", result.Error, StringComparison.Ordinal);
        Assert.Contains("index app.t_quad cannot be restored as it is in the backup: function twice(integer) does not exist", result.Error, StringComparison.Ordinal);
    }

    /// <summary>PostgreSQL 17 and later build indexes and fill materialized views with a search_path of their own.</summary>
    [Fact]
    public async Task On_PostgreSQL_18_a_view_that_cannot_be_populated_is_restored_empty_and_a_failing_index_is_reported_with_a_fix()
    {
        await using var goal = await NewerServer.StartAsync();
        using var folder = new TempFolder();
        var views = await CreateAsync(Functions + "CREATE TABLE t (id int); INSERT INTO t VALUES (1);" + Checked);
        var events = new RecordedEvents();
        foreach (var format in new[] { BackupFormat.Custom, BackupFormat.Plain })
        {
            var backup = await new BackupDatabase().RunAsync(new BackupRequest(views, folder.Path) { Format = format }, new RecordedEvents(), CancellationToken.None);
            var restored = goal.Target.On(format.ToString());
            await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, restored), events, CancellationToken.None);
            Assert.Equal("f 50", await PgServer.ScalarAsync<string>(restored, "SELECT left(relispopulated::text, 1) || ' ' || (SELECT count(*) FROM app.c WHERE q = 4 * id) FROM pg_class WHERE oid = 'app.m'::regclass"));
        }

        Assert.Equal(2, events.Text.Split("materialized view app.m is not populated").Length - 1);
        var indexed = await new BackupDatabase().RunAsync(new BackupRequest(await CreateAsync(Indexed), folder.Path), new RecordedEvents(), CancellationToken.None);
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(new RestoreRequest(indexed.Path, goal.Target.On("indexed")), new RecordedEvents(), CancellationToken.None));
        Assert.Equal("DBS329", error.Code);
        Assert.Contains("function twice(integer) does not exist", error.Message, StringComparison.Ordinal);
        Assert.Contains("ALTER FUNCTION ... SET search_path", error.Hint, StringComparison.Ordinal);
    }

    private async Task<DatabaseTarget> CreateAsync(string sql)
    {
        var source = await pg.CreateDatabaseAsync("path", sql);
        await PgServer.ExecuteAsync(source, $"ALTER DATABASE {SqlName.Quote(source.Database)} SET search_path = app, public");
        return source;
    }
}
