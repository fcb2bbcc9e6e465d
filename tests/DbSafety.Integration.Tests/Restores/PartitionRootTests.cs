using DbSafety.Backups;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Comparisons;
using DbSafety.Databases.Connections;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Restores;

/// <summary>
/// Rows of hash partitions on an enum are in other partitions in each database, for the hash is that of the label's OID: pg_dump loads them through the root, and they
/// are compared by it. Other dumps do so where --load-via-partition-root was asked for.
/// </summary>
[Collection(RestoreServerGroup.Name)]
public sealed class PartitionRootTests(PgServer pg)
{
    /// <summary>As many rows of each label that no other way to spread them looks the same; more than one piece of rows.</summary>
    private const string Sql = """
        CREATE TYPE mood AS ENUM ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
        CREATE TABLE feelings (id int, at int, mood mood, note text) PARTITION BY RANGE (at);
        CREATE TABLE feelings_1 PARTITION OF feelings FOR VALUES FROM (0) TO (10) PARTITION BY HASH (mood);
        CREATE TABLE feelings_1_p0 PARTITION OF feelings_1 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE feelings_1_p1 (note text, gone int, mood mood, at int, id int);
        ALTER TABLE feelings_1_p1 DROP gone;
        ALTER TABLE feelings_1 ATTACH PARTITION feelings_1_p1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        CREATE TABLE feelings_2 PARTITION OF feelings FOR VALUES FROM (10) TO (20);
        CREATE INDEX ON feelings (id); CREATE INDEX ON feelings_1_p0 (note);
        INSERT INTO feelings SELECT i, 1, (enum_range(NULL::mood))[1 + floor(log(2, i))], repeat('n' || i, 2000) FROM generate_series(1, 255) i;
        INSERT INTO feelings VALUES (256, 15, 'a', 'later');
        CREATE TABLE events (id int, at int) PARTITION BY RANGE (at);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (10);
        CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (10) TO (20);
        INSERT INTO events SELECT i, i % 20 FROM generate_series(1, 100) i;
        """;

    private const string InPartitions = "SELECT string_agg(tableoid::regclass || ' ' || mood, ',' ORDER BY id) FROM feelings";

    [Theory]
    [MemberData(nameof(SearchPathTests.Formats), MemberType = typeof(SearchPathTests))]
    public async Task Hash_partitions_on_an_enum_are_backed_up_restored_and_compared_by_their_root_table(BackupFormat format)
    {
        using var folder = new TempFolder();
        var source = await pg.CreateDatabaseAsync("moods", Sql);

        var backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path) { Format = format, Checksum = true }, new RecordedEvents(), CancellationToken.None);
        var test = await BackupTests.Test(backup.Path);
        var restored = source.On(source.Database + "_r");
        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, restored), new RecordedEvents(), CancellationToken.None);

        Assert.True(test.Passed, string.Join("; ", test.Problems));
        Assert.True(restore.Verified);
        Assert.NotEqual(await PgServer.ScalarAsync<string>(source, InPartitions), await PgServer.ScalarAsync<string>(restored, InPartitions));
        await AssertSameAsync(ComparisonSide.Of(backup), restored);
        await AssertSameAsync(ComparisonSide.Of(source), restored);

        await PgServer.ExecuteAsync(restored, "UPDATE feelings SET note = 'other' WHERE id = 9; DELETE FROM events WHERE id = 1");
        var difference = await CompareAsync(ComparisonSide.Of(source), restored);
        Assert.Equal(["public.events_1: 1 row fewer (50 before, 49 now)", "public.feelings: the same row count (256), but different rows"], difference.Changes.Order());
        if (format == BackupFormat.Directory)
            return;

        await PgServer.ExecuteAsync(source, "DELETE FROM feelings WHERE id < 9");
        Assert.True((await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, source) { InPlaceBackup = folder.Path }, new RecordedEvents(), CancellationToken.None)).Verified);
        await AssertSameAsync(ComparisonSide.Of(backup), source);
    }

    /// <summary>As sets of before were: each partition with its rows, and nothing about roots.</summary>
    [Fact]
    public async Task A_set_without_partition_information_is_tested_and_restored()
    {
        using var folder = new TempFolder();
        var source = await pg.CreateDatabaseAsync("moods", Sql);
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path) { Checksum = true }, new RecordedEvents(), CancellationToken.None);
        await File.WriteAllTextAsync(backup.Path, ManifestFile.Write(backup.Manifest with { Tables = [.. backup.Manifest.Tables.Select(t => t with { Root = null, LoadsByRoot = null })], SearchPaths = null }));

        var test = await BackupTests.Test(backup.Path);
        var restored = source.On(source.Database + "_r");
        await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, restored), new RecordedEvents(), CancellationToken.None);

        Assert.True(test.Passed, string.Join("; ", test.Problems));
        await AssertSameAsync(ComparisonSide.Of(backup), restored);
        await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, restored) { InPlaceBackup = folder.Path, AllowOtherDatabase = true }, new RecordedEvents(), CancellationToken.None);
        await AssertSameAsync(ComparisonSide.Of(backup), restored);
    }

    public static TheoryData<string, string> Shapes => Round.IsLong
        ? new() { { "custom", "-Fc" }, { "custom with inserts", "-Fc --column-inserts" }, { "tar", "-Ft" }, { "plain", "-Fp" } }
        : new() { { "custom with inserts", "-Fc --column-inserts" }, { "plain", "-Fp" } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_dump_with_load_via_partition_root_is_restored_and_compared_even_if_partitions_were_replaced(string shape, string arguments)
    {
        using var folder = new TempFolder();
        var source = await pg.CreateDatabaseAsync("rooted", Sql);
        var dump = Path.Combine(folder.Path, shape.Split(' ')[0] + ".dump");
        await ForeignDumps.RunAsync("pg_dump", source, ["--load-via-partition-root", "--file=" + dump, .. arguments.Split(' ')]);

        var restored = source.On(source.Database + "_r");
        Assert.True((await new RestoreDatabase().RunAsync(new RestoreRequest(dump, restored), new RecordedEvents(), CancellationToken.None)).Verified);

        await PgServer.ExecuteAsync(restored, """
            ALTER TABLE events DETACH PARTITION events_1; ALTER TABLE events DETACH PARTITION events_2;
            CREATE TABLE events_all PARTITION OF events DEFAULT; INSERT INTO events SELECT * FROM events_1 UNION ALL SELECT * FROM events_2; DROP TABLE events_1, events_2
            """);
        await AssertSameAsync(ComparisonSide.OfFile(dump), restored);
        await PgServer.ExecuteAsync(restored, "DELETE FROM events WHERE id = 1");
        Assert.Equal("public.events: 1 row fewer (100 before, 99 now)", Assert.Single((await CompareAsync(ComparisonSide.OfFile(dump), restored)).Changes));
    }

    private static async Task AssertSameAsync(ComparisonSide reference, DatabaseTarget difference)
    {
        var compared = await CompareAsync(reference, difference);
        Assert.True(compared.Same, string.Join("; ", compared.Changes));
    }

    private static Task<PgDifference> CompareAsync(ComparisonSide reference, DatabaseTarget difference) =>
        new CompareDatabases().RunAsync(new CompareRequest(reference, ComparisonSide.Of(difference)) { Checksum = true }, new RecordedEvents(), CancellationToken.None);
}
