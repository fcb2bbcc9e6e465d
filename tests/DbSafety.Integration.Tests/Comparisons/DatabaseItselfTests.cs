using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Comparisons;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Snapshots;
using DbSafety.Errors;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Comparisons;

/// <summary>What no schema dump prints: the database's own properties, and large objects. With a server of its own for its roles.</summary>
[Collection(PgServerGroup.Name)]
public sealed class DatabaseItselfTests(PgServer pg) : IClassFixture<PgServer>
{
    private const string Objects = "SELECT lo_from_bytea(777, 'seven'); SELECT lo_from_bytea(778, 'eight'); SELECT lo_from_bytea(780, decode(repeat('ab', 3000000), 'hex'))";

    [Fact]
    public async Task Each_database_property_except_the_name_is_compared()
    {
        await PgServer.ExecuteAsync(pg.Target, "CREATE ROLE cmp_owner; CREATE ROLE cmp_user");
        var first = await pg.CreateDatabaseAsync("itself");
        var second = await pg.CreateDatabaseAsync("other_name");
        var before = await FingerprintReader.ReadAsync(second, CancellationToken.None);
        Assert.Equal("", Lines((await CompareAsync(first, second)).Changes));
        var name = SqlName.Quote(second.Database);

        await ExecuteEachAsync(
            pg.Target,
            $"COMMENT ON DATABASE {name} IS 'of the shop'", $"ALTER DATABASE {name} CONNECTION LIMIT 5", $"ALTER DATABASE {name} SET work_mem = '64MB'", $"ALTER DATABASE {name} SET app.jwt_secret = 'hidden'",
            $"ALTER ROLE cmp_user IN DATABASE {name} SET search_path = app, public", $"GRANT CREATE ON DATABASE {name} TO cmp_user", $"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC",
            $"ALTER DATABASE {name} OWNER TO cmp_owner", $"ALTER DATABASE {name} IS_TEMPLATE true");
        string[] expected =
        [
            "database: IS_TEMPLATE changed from false to true", "database: comment changed from none to of the shop", "database: connection limit changed from -1 to 5", "database: owner changed from postgres to cmp_owner",
            "database: privileges of PUBLIC changed from the default to CONNECT", "database: privileges of cmp_user changed from none to CREATE", "database: setting app.jwt_secret changed",
            "database: setting search_path of role cmp_user changed from none to app, public", "database: setting work_mem changed from none to 64MB",
        ];
        Assert.Equal(Lines(expected), Lines((await CompareAsync(first, second)).Changes));
        Assert.Equal(Lines(expected), Lines((await CompareAsync(ComparisonSide.Of(before), ComparisonSide.Of(second))).Changes));
        Assert.DoesNotContain("hidden", System.Text.Json.JsonSerializer.Serialize(await FingerprintReader.ReadAsync(second, CancellationToken.None)), StringComparison.Ordinal);

        using var folder = new TempFolder();
        var set = await new BackupDatabase().RunAsync(new BackupRequest(second, folder.Path), new RecordedEvents(), CancellationToken.None);
        var archive = await DumpAsync(second, folder, "custom.dump", "--format=custom");
        var script = await DumpAsync(second, folder, "create.sql", "--create");
        var plain = await DumpAsync(second, folder, "plain.sql");
        foreach (var file in new[] { set.Path, archive, script })
        {
            var same = await CompareAsync(ComparisonSide.OfFile(file), ComparisonSide.Of(second));
            Assert.Equal("", Lines(same.Changes));
            Assert.DoesNotContain(same.NotCompared, n => n.StartsWith("the database's ", StringComparison.Ordinal));
        }

        var unknown = await CompareAsync(ComparisonSide.OfFile(plain), ComparisonSide.Of(second));
        Assert.Equal("", Lines(unknown.Changes));
        Assert.Contains("the database's own properties (owner, privileges, comment, settings, connection limit, encoding, locale): the dump plain does not hold them", unknown.NotCompared);
        await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {name} CONNECTION LIMIT 6");
        foreach (var file in new[] { set.Path, archive, script })
            Assert.Equal("database: connection limit changed from 5 to 6", Assert.Single((await CompareAsync(ComparisonSide.OfFile(file), ComparisonSide.Of(second))).Changes));
    }

    [Fact]
    public async Task Encoding_and_locale_of_databases_are_compared()
    {
        var first = await pg.CreateDatabaseAsync("utf");
        var second = first.On(first.Database + "_latin");
        var own = await PgServer.ScalarAsync<string>(first, "SELECT datcollate::text FROM pg_database WHERE datname = current_database()");
        var other = own == "C" ? "C.UTF-8" : "C";
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(second.Database)} TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE '{other}' LC_CTYPE 'C'");

        var changes = (await CompareAsync(first, second)).Changes;

        Assert.Contains("database: encoding changed from UTF8 to SQL_ASCII", changes);
        Assert.Contains($"database: LC_COLLATE changed from {own} to {other}", changes);
    }

    [Fact]
    public async Task Large_objects_are_compared_individually_with_contents_owners_privileges_and_comments()
    {
        await PgServer.ExecuteAsync(pg.Target, "CREATE ROLE cmp_lo_owner; CREATE ROLE cmp_lo_user");
        var first = await pg.CreateDatabaseAsync("objects", Objects);
        var second = await pg.CreateDatabaseAsync("objects", Objects);
        using var folder = new TempFolder();
        var set = await new BackupDatabase().RunAsync(new BackupRequest(second, folder.Path) { Checksum = true }, new RecordedEvents(), CancellationToken.None);
        Assert.True(await CompareAsync(first, second, checksum: true) is { Same: true, NotCompared: [] });

        await ExecuteEachAsync(
            second, "SELECT lo_put(777, 0, 'S')", "SELECT lo_put(780, 2500000, 'x')", "SELECT lo_unlink(778)", "SELECT lo_create(779)", "COMMENT ON LARGE OBJECT 777 IS 'a photo'",
            "GRANT SELECT ON LARGE OBJECT 777 TO cmp_lo_user", "ALTER LARGE OBJECT 780 OWNER TO cmp_lo_owner");
        string[] expected =
        [
            "large object 777: comment changed from none to a photo", "large object 777: contents changed", "large object 777: privileges of cmp_lo_user changed from none to SELECT", "large object 778: it is missing",
            "large object 779: it is new", "large object 780: contents changed", "large object 780: owner changed from postgres to cmp_lo_owner",
        ];
        Assert.Equal(Lines(expected), Lines((await CompareAsync(first, second, checksum: true)).Changes));
        Assert.Equal(Lines(expected), Lines((await CompareAsync(ComparisonSide.OfFile(set.Path), ComparisonSide.Of(second))).Changes));

        var counted = await CompareAsync(first, second);
        Assert.Equal(Lines(expected.Where(e => !e.Contains("contents", StringComparison.Ordinal))), Lines(counted.Changes));
        Assert.Contains("the contents of large objects: they were not hashed on both sides", counted.NotCompared);
    }

    /// <summary>Holes and short pages become zeros when they are dumped.</summary>
    [Fact]
    public async Task A_restored_copy_has_the_same_large_objects_and_different_contents_fail_the_restore()
    {
        using var folder = new TempFolder();
        await PgServer.ExecuteAsync(pg.Target, "CREATE ROLE cmp_lo_restored");
        var source = await pg.CreateDatabaseAsync("sparse", Objects + "; SELECT lo_create(781); SELECT lo_put(781, 0, 'begin'); SELECT lo_put(781, 5000000, 'end'); SELECT lo_create(782); ALTER LARGE OBJECT 781 OWNER TO cmp_lo_restored; COMMENT ON LARGE OBJECT 781 IS 'with a hole'; GRANT UPDATE ON LARGE OBJECT 782 TO PUBLIC; CREATE TABLE t (id int)");
        var set = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path) { Checksum = true }, new RecordedEvents(), CancellationToken.None);

        foreach (var (i, options) in new RestoreOptions[] { new(), new() { NoOwner = true } }.Index())
        {
            var target = source.On($"{source.Database}_{i}");
            Assert.Empty((await new RestoreDatabase().RunAsync(new RestoreRequest(set.Path, target) { AllowOtherDatabase = true, Options = options }, new RecordedEvents(), CancellationToken.None)).Notes);
            Assert.Equal(i == 0 ? "" : "large object 781: owner changed from cmp_lo_restored to postgres\nlarge object 782: privileges of PUBLIC changed from UPDATE to the default", Lines((await CompareAsync(source, target, checksum: true)).Changes));
        }

        var saved = SchemaDefinitions.Decode(set.Manifest.LargeObjectDefinitions!);
        saved.Objects[0].Set(LargeObjectReader.Contents, TextHash.Of("other"));
        await File.WriteAllTextAsync(set.Path, ManifestFile.Write(set.Manifest with { LargeObjectDefinitions = new SchemaDefinitions(saved.Objects, []).Encode() }));
        var refused = await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(new RestoreRequest(set.Path, source.On(source.Database + "_bad")) { AllowOtherDatabase = true }, new RecordedEvents(), CancellationToken.None));
        Assert.Equal("DBS301", refused.Code);
        Assert.Contains("large object 777: contents changed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unreadable_objects_and_properties_that_older_backups_and_dumps_do_not_contain_are_not_compared()
    {
        await PgServer.ExecuteAsync(pg.Target, "CREATE ROLE cmp_lo_reader LOGIN");
        using var folder = new TempFolder();
        var source = await pg.CreateDatabaseAsync("unread", Objects + "; GRANT SELECT ON LARGE OBJECT 777 TO cmp_lo_reader; CREATE TABLE t (id int); GRANT SELECT ON t TO PUBLIC");

        var read = await CompareAsync(source, source with { Username = "cmp_lo_reader" }, checksum: true);
        Assert.Empty(read.Changes);
        Assert.Contains("the contents of 2 large objects: they were not hashed on both sides, for example because the role cannot read them", read.NotCompared);

        var set = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path), new RecordedEvents(), CancellationToken.None);
        var dump = await DumpAsync(source, folder, "custom.dump", "--format=custom");
        await File.WriteAllTextAsync(set.Path, ManifestFile.Write(set.Manifest with { LargeObjectDefinitions = null }));
        await ExecuteEachAsync(source, "COMMENT ON LARGE OBJECT 777 IS 'x'");
        foreach (var (file, name) in new[] { (set.Path, "the backup " + Path.GetFileNameWithoutExtension(set.Path)), (dump, "the dump custom") })
        {
            var difference = await CompareAsync(ComparisonSide.OfFile(file), ComparisonSide.Of(source));
            Assert.Empty(difference.Changes);
            Assert.Contains($"large objects one by one (OIDs, contents, owners, privileges, comments): {name} does not hold these properties", difference.NotCompared);
        }
    }

    [Fact]
    public async Task Large_objects_beyond_the_listing_limit_are_compared_as_a_group()
    {
        const string Many = "SELECT lo_create(100000 + i) FROM generate_series(1, 10001) i";
        var first = await pg.CreateDatabaseAsync("many", Many);
        var second = await pg.CreateDatabaseAsync("many", Many);
        Assert.Equal("", Lines((await CompareAsync(first, second, checksum: true)).Changes));

        await ExecuteEachAsync(second, "SELECT lo_put(100007, 0, 'S')", "COMMENT ON LARGE OBJECT 100009 IS 'x'");

        Assert.Equal(Lines(["large objects: comments changed", "large objects: contents changed"]), Lines((await CompareAsync(first, second, checksum: true)).Changes));
    }

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines.Order(StringComparer.Ordinal));

    private static Task<PgDifference> CompareAsync(DatabaseTarget reference, DatabaseTarget difference, bool checksum = false) => CompareAsync(ComparisonSide.Of(reference), ComparisonSide.Of(difference), checksum);

    private static Task<PgDifference> CompareAsync(ComparisonSide reference, ComparisonSide difference, bool checksum = false) =>
        new CompareDatabases().RunAsync(new CompareRequest(reference, difference) { Checksum = checksum }, new RecordedEvents(), CancellationToken.None);

    /// <summary>Not in one transaction, which some statements refuse.</summary>
    private static async Task ExecuteEachAsync(DatabaseTarget target, params string[] statements)
    {
        await using var connection = await target.OpenAsync(CancellationToken.None);
        foreach (var statement in statements)
            await connection.ExecuteAsync(statement, CancellationToken.None);
    }

    private static async Task<string> DumpAsync(DatabaseTarget database, TempFolder folder, string name, params string[] arguments)
    {
        var file = Path.Combine(folder.Path, name);
        var tool = await PgTools.FindAsync("pg_dump", 15, CancellationToken.None);
        (await ToolProcess.RunAsync(new ToolCommand(tool.Path, [.. arguments, "--file=" + file]) { Environment = database.ToolEnvironment() }, CancellationToken.None)).OrThrow();
        return file;
    }
}
