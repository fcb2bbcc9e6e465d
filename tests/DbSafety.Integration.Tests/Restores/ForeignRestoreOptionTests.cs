using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>The options of a restore, on dumps that others made.</summary>
[Collection(RestoreServerGroup.Name)]
public sealed class ForeignRestoreOptionTests(PgServer pg)
{
    public static TheoryData<string> Archives => [.. ForeignDumps.Shapes.Keys.Where(s => !s.StartsWith("plain", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Archives))]
    public async Task A_foreign_dump_is_restored_with_mapped_roles_and_skipped_extensions(string shape)
    {
        var (old, @new) = (Role("old"), Role("New \"1\""));
        var source = await OwnedAsync(old, @new);
        using var folder = new TempFolder();
        var path = await ForeignDumps.MakeAsync(shape, source, folder.Path);
        await ForgetAsync(source, old);
        var target = pg.Target.On(source.Database + "_mapped");

        Assert.Equal("DBS302", (await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync(path, target, new RestoreOptions()))).Code);
        var restore = await RestoreAsync(path, target, new RestoreOptions { RoleMap = new Dictionary<string, string> { [old] = @new }, SkipExtensions = ["pg_trgm"] });

        Assert.True(restore.Verified);
        Assert.Equal(@new, await PgServer.ScalarAsync<string>(target, "SELECT tableowner::text FROM pg_tables WHERE tablename = 'notes'"));
        Assert.Equal(0, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'"));
        Assert.Equal((2, 500), (await Rows(target, "notes"), await Rows(target, "orders")));
        Assert.True(await PgServer.ScalarAsync<bool>(target, "SELECT nextval('notes_id_seq') = 3 AND to_regclass('notes_pkey') IS NOT NULL"));
        Assert.Equal("held", await PgServer.ScalarAsync<string>(target, "SELECT convert_from(lo_get(oid), 'UTF8') FROM pg_largeobject_metadata"));
    }

    [Theory]
    [MemberData(nameof(Archives))]
    public async Task A_foreign_dump_is_restored_without_owners_and_with_selected_tables_although_roles_are_missing(string shape)
    {
        var old = Role("gone");
        var source = await OwnedAsync(old);
        using var folder = new TempFolder();
        var path = await ForeignDumps.MakeAsync(shape, source, folder.Path);
        await ForgetAsync(source, old);
        var target = pg.Target.On(source.Database + "_part");

        var restore = await RestoreAsync(path, target, new RestoreOptions { NoOwner = true, Tables = ["notes", "public.products"] });
        var unknown = await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync(path, pg.Target.On("nowhere"), new RestoreOptions { NoOwner = true, Tables = ["product"] }));

        Assert.True(restore.Verified);
        Assert.Equal((2, 120, 0), (await Rows(target, "notes"), await Rows(target, "products"), await Rows(target, "orders")));
        Assert.Equal(target.Username, await PgServer.ScalarAsync<string>(target, "SELECT tableowner::text FROM pg_tables WHERE tablename = 'notes'"));
        Assert.Equal("DBS314", unknown.Code);
    }

    [Theory]
    [InlineData("custom")]
    [InlineData("tar")]
    [InlineData("tar in gzip")]
    [InlineData("directory")]
    public async Task A_foreign_archive_is_restored_in_place(string shape)
    {
        var target = await pg.CreateDatabaseAsync("foreignplace", SampleSql.Shop);
        using var folder = new TempFolder();
        var before = await FingerprintReader.ReadAsync(target, CancellationToken.None);
        var path = await ForeignDumps.MakeAsync(shape, target, folder.Path);
        await PgServer.ExecuteAsync(target, "DELETE FROM orders; CREATE TABLE extra (id int)");

        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(path, target) { InPlaceBackup = Path.Combine(folder.Path, "before") }, new RecordedEvents(), CancellationToken.None);

        var after = await FingerprintReader.ReadAsync(target, CancellationToken.None);
        Assert.True(restore.Verified);
        Assert.Equal(before.Tables, after.Tables);
        Assert.Equal(before.SchemaHash, after.SchemaHash);
    }

    [Fact]
    public async Task Options_that_a_plain_dump_does_not_support_are_refused_with_a_hint()
    {
        var target = await pg.CreateDatabaseAsync("plainoptions", SampleSql.Shop);
        using var folder = new TempFolder();
        var path = await ForeignDumps.MakeAsync("plain", target, folder.Path);
        foreach (var options in new[] { new RestoreOptions { Tables = ["orders"] }, new() { SkipExtensions = ["x"] }, new() { RoleMap = new Dictionary<string, string> { ["a"] = "b" } } })
        {
            var refused = await Assert.ThrowsAsync<DbSafetyException>(() => RestoreAsync(path, pg.Target.On("nowhere"), options));
            Assert.Equal(("DBS311", 2), (refused.Code, refused.ExitCode));
            Assert.Contains("custom, tar or directory", refused.Hint, StringComparison.Ordinal);
        }

        var place = await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(new RestoreRequest(path, target) { InPlaceBackup = folder.Path }, new RecordedEvents(), CancellationToken.None));
        var mapped = await Assert.ThrowsAsync<DbSafetyException>(async () => await new RestoreDatabase().RunAsync(
            new RestoreRequest(await ForeignDumps.MakeAsync("tar", target, folder.Path), target) { InPlaceBackup = folder.Path, Options = new RestoreOptions { RoleMap = new Dictionary<string, string> { ["a"] = "b" } } },
            new RecordedEvents(),
            CancellationToken.None));
        Assert.Equal(("DBS318", "DBS318"), (place.Code, mapped.Code));
        Assert.Equal(500, await Rows(target, "orders"));
    }

    private async Task<DatabaseTarget> OwnedAsync(string owner, params string[] more)
    {
        foreach (var role in more.Prepend(owner))
            await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {SqlName.Quote(role)}");
        return await pg.CreateDatabaseAsync("foreignowned", SampleSql.Shop + $"""
            ; CREATE EXTENSION pg_trgm; CREATE TABLE notes (id serial PRIMARY KEY, by text); INSERT INTO notes (by) VALUES ('a'), ('b');
            SELECT lo_from_bytea(0, 'held'); ALTER TABLE notes OWNER TO {owner}; GRANT SELECT ON orders TO {owner};
            """);
    }

    private static Task ForgetAsync(DatabaseTarget source, string role) => PgServer.ExecuteAsync(source, $"DROP OWNED BY {role}; DROP ROLE {role}");

    private static string Role(string name) => name + Guid.NewGuid().ToString("N")[..6];

    private static Task<long> Rows(DatabaseTarget target, string table) => PgServer.ScalarAsync<long>(target, $"SELECT count(*) FROM {table}");

    private static Task<PgRestore> RestoreAsync(string path, DatabaseTarget target, RestoreOptions options) =>
        new RestoreDatabase().RunAsync(new RestoreRequest(path, target) { Options = options }, new RecordedEvents(), CancellationToken.None);
}
