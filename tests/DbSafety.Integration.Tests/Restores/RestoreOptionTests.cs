using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Errors;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Restores;

[Collection(RestoreServerGroup.Name)]
public sealed class RestoreOptionTests(PgServer pg)
{
    private const string Owned = """
        CREATE TABLE notes (id int PRIMARY KEY, by text); INSERT INTO notes VALUES (1, 'a'), (2, 'b');
        ALTER TABLE notes OWNER TO {0}; GRANT SELECT, INSERT ON notes TO {1} WITH GRANT OPTION; GRANT USAGE ON SCHEMA public TO {1};
        ALTER TABLE notes ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON notes FOR SELECT TO {0}, {1} USING (by <> 'x, {0}');
        ALTER DEFAULT PRIVILEGES FOR ROLE {0} IN SCHEMA public GRANT SELECT ON TABLES TO {1};
        """;

    public static TheoryData<BackupFormat> Archives => [BackupFormat.Custom, BackupFormat.Directory];

    [Theory]
    [MemberData(nameof(Archives))]
    public async Task A_role_map_assigns_owners_grants_and_policies_to_other_roles(BackupFormat format)
    {
        var (old1, old2, new1, new2) = (Role("oldone"), Role("oldtwo"), Role("new"), Role("New \"2\""));
        var source = await OwnedAsync(old1, old2, new1, new2);
        using var folder = new TempFolder();
        var backup = await Backup(source, folder, format);
        await PgServer.ExecuteAsync(source, $"DROP OWNED BY {SqlName.Quote(old1)}; DROP OWNED BY {SqlName.Quote(old2)}; DROP ROLE {SqlName.Quote(old1)}, {SqlName.Quote(old2)}");
        var target = pg.Target.On(source.Database + "_mapped");

        var restore = await Restore(backup, target, new RestoreOptions { RoleMap = new Dictionary<string, string> { [old1] = new1, [old2] = new2 } });

        Assert.True(restore.Verified);
        Assert.Equal(new1, await PgServer.ScalarAsync<string>(target, "SELECT tableowner::text FROM pg_tables WHERE tablename = 'notes'"));
        Assert.True(await PgServer.ScalarAsync<bool>(target, $"SELECT has_table_privilege({SqlName.Literal(new2)}, 'notes', 'INSERT WITH GRANT OPTION')"));
        Assert.Equal(2, await PgServer.ScalarAsync<int>(target, "SELECT cardinality(polroles) FROM pg_policy"));
        Assert.Contains(old1, await PgServer.ScalarAsync<string>(target, "SELECT pg_get_expr(polqual, polrelid) FROM pg_policy"), StringComparison.Ordinal);
        Assert.Equal(1, await PgServer.ScalarAsync<long>(target, $"SELECT count(*) FROM pg_default_acl WHERE pg_get_userbyid(defaclrole) = {SqlName.Literal(new1)}"));
    }

    [Theory]
    [MemberData(nameof(Archives))]
    public async Task A_set_with_missing_roles_is_restored_without_owners(BackupFormat format)
    {
        var (old1, old2) = (Role("gone1"), Role("gone2"));
        var source = await OwnedAsync(old1, old2);
        using var folder = new TempFolder();
        var backup = await Backup(source, folder, format);
        // A policy names its roles whatever the owners are.
        await PgServer.ExecuteAsync(source, "DROP POLICY p ON notes");
        backup = await Backup(source, folder, format);
        await PgServer.ExecuteAsync(source, $"DROP OWNED BY {SqlName.Quote(old1)}; DROP OWNED BY {SqlName.Quote(old2)}; DROP ROLE {SqlName.Quote(old1)}, {SqlName.Quote(old2)}");
        var target = pg.Target.On(source.Database + "_ours");

        Assert.Equal("DBS302", (await Assert.ThrowsAsync<DbSafetyException>(() => Restore(backup, target, new RestoreOptions()))).Code);
        Assert.True((await Restore(backup, target, new RestoreOptions { NoOwner = true })).Verified);
        Assert.Equal(target.Username, await PgServer.ScalarAsync<string>(target, "SELECT tableowner::text FROM pg_tables WHERE tablename = 'notes'"));
    }

    [Theory]
    [MemberData(nameof(Archives))]
    public async Task Selected_tables_are_restored_with_rows_and_other_tables_empty_but_not_over_a_live_database(BackupFormat format)
    {
        var source = await pg.CreateDatabaseAsync("part", SampleSql.Shop);
        using var folder = new TempFolder();
        var backup = await Backup(source, folder, format);
        var target = pg.Target.On(source.Database + "_part");

        var restore = await Restore(backup, target, new RestoreOptions { Tables = ["products", "public.orders"] });
        var live = await Assert.ThrowsAsync<DbSafetyException>(() => Restore(backup, source, new RestoreOptions { Tables = ["products"] }));
        var unknown = await Assert.ThrowsAsync<DbSafetyException>(() => Restore(backup, pg.Target.On("nowhere"), new RestoreOptions { Tables = ["product"] }));

        Assert.True(restore.Verified);
        Assert.Equal([0, 500, 120], (await FingerprintReader.ReadAsync(target, CancellationToken.None)).Tables.Select(t => t.Rows));
        Assert.Equal(("DBS313", 3), (live.Code, live.ExitCode));
        Assert.Equal(("DBS314", 2), (unknown.Code, unknown.ExitCode));
        Assert.Contains("public.products", unknown.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_extension_can_be_skipped()
    {
        var source = await pg.CreateDatabaseAsync("ext", "CREATE EXTENSION pg_trgm; COMMENT ON EXTENSION pg_trgm IS 'x'; CREATE TABLE t (id int)");
        using var folder = new TempFolder();
        var backup = await Backup(source, folder, BackupFormat.Custom);
        var target = pg.Target.On(source.Database + "_without");

        await Restore(backup, target, new RestoreOptions { SkipExtensions = ["pg_trgm"] });

        Assert.Equal(0, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'"));
    }

    [Fact]
    public async Task A_missing_tablespace_is_reported_before_anything_is_created()
    {
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        var place = Path.Combine(Path.GetDirectoryName(server.DataFolder)!, "space");
        await PgServer.ExecuteAsync(server.Target, $"COPY (SELECT 1) TO PROGRAM 'mkdir {place}'");
        await PgServer.ExecuteAsync(server.Target, $"CREATE TABLESPACE far LOCATION '{place}'");
        await PgServer.ExecuteAsync(server.Target, "CREATE TABLE t (id int PRIMARY KEY USING INDEX TABLESPACE far) TABLESPACE far; INSERT INTO t SELECT generate_series(1, 10)");
        using var folder = new TempFolder();
        var backup = await Backup(server.Target, folder, BackupFormat.Custom);

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => Restore(backup, pg.Target.On("nowhere"), new RestoreOptions()));
        var there = await Restore(backup, server.Target.On("copy"), new RestoreOptions());

        Assert.Equal(("DBS312", 3), (error.Code, error.ExitCode));
        Assert.Contains("far", error.Message, StringComparison.Ordinal);
        Assert.True(there.Verified);
        Assert.Equal("far", await PgServer.ScalarAsync<string>(server.Target.On("copy"), "SELECT tablespace::text FROM pg_indexes WHERE tablename = 't'"));
    }

    [Fact]
    public async Task Older_retained_databases_are_dropped_on_request_but_not_the_newest_retained_database()
    {
        var target = await pg.CreateDatabaseAsync("sweep", SampleSql.Shop);
        using var folder = new TempFolder();
        var backup = await Backup(target, folder, BackupFormat.Custom);
        await Restore(backup, target, new RestoreOptions());
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(target.Database + "_before_noon")}");

        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { KeepFor = TimeSpan.Zero }, new RecordedEvents(), CancellationToken.None);

        var names = await PgServer.ScalarAsync<string[]>(pg.Target, $"SELECT array_agg(datname::text ORDER BY datname) FROM pg_database WHERE starts_with(datname, {SqlName.Literal(target.Database)})");
        Assert.Equal(new[] { target.Database, restore.RetainedAs!, target.Database + "_before_noon" }.Order(StringComparer.Ordinal), names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Options_that_require_an_archive_are_refused_for_a_plain_dump()
    {
        var source = await pg.CreateDatabaseAsync("plain", SampleSql.Shop);
        using var folder = new TempFolder();
        var backup = await Backup(source, folder, BackupFormat.Plain);
        Assert.Equal("DBS311", (await Assert.ThrowsAsync<DbSafetyException>(() => Restore(backup, pg.Target.On("nowhere"), new RestoreOptions { Tables = ["orders"] }))).Code);
    }

    private async Task<DatabaseTarget> OwnedAsync(string owner, string reader, params string[] more)
    {
        foreach (var role in more.Prepend(reader).Prepend(owner))
            await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {SqlName.Quote(role)}");
        return await pg.CreateDatabaseAsync("owned", Owned.Replace("{0}", SqlName.Display(owner), StringComparison.Ordinal).Replace("{1}", SqlName.Display(reader), StringComparison.Ordinal));
    }

    private static string Role(string name) => name + Guid.NewGuid().ToString("N")[..6];

    private static Task<PgBackup> Backup(DatabaseTarget target, TempFolder folder, BackupFormat format) =>
        new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format }, new RecordedEvents(), CancellationToken.None);

    private static Task<PgRestore> Restore(PgBackup backup, DatabaseTarget target, RestoreOptions options) =>
        new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target) { Options = options }, new RecordedEvents(), CancellationToken.None);
}
