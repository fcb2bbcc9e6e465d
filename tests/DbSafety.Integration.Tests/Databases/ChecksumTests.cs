using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Databases;

[Collection(PgServerGroup.Name)]
public sealed class ChecksumTests(PgServer pg)
{
    /// <summary>A table of every type whose text depends on something beside the value.</summary>
    private const string Values = """
        CREATE TYPE pair AS (a text, b float8);
        CREATE TABLE "Val ues" (gone int, f4 real, f8 double precision, "T" text, d date, ts timestamp, tz timestamptz, tt timetz, iv interval, by bytea, m money, n numeric, c char(5), q "char",
                                j json, jb jsonb, x xml, a text[], af float8[], r tstzrange, u uuid, i inet, b bit varying, p pair, v tsvector, o oid, bo bool, po point, twice int GENERATED ALWAYS AS (id * 2) STORED, id int);
        ALTER TABLE "Val ues" DROP COLUMN gone;
        INSERT INTO "Val ues" (f4, f8, "T", d, ts, tz, tt, iv, by, m, n, c, q, j, jb, x, a, af, r, u, i, b, p, v, o, bo, po, id) VALUES
          (0.1, 1.0 / 3, E'tab\t"quoted" \\ ü , (x)', '0044-03-15 BC', '2026-01-02 03:04:05.678', '2026-06-01 00:00:00+02', '10:00:00-03', '1 mon -2 days 03:04:05.6', '\x00ff5c22', '-1234.56', 1.500, 'ab', 'y',
           '{"b": 1,  "a": 2}', '{"b": 1, "a": 2}', '<a>b</a>', '{NULL,"NULL","",a}', '{1e-300,NaN,Infinity}', '[2026-01-01 00:00+01,2026-02-01 00:00+00)', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '10.0.0.1/24', B'101', ROW('', 0.3), 'a fat cat', 4000000000, true, '(0.1,2)', 1),
          (NULL, 'NaN', '', 'infinity', '-infinity', 'infinity', NULL, '-1 year', '', 0, 'NaN', '', (-61)::"char", 'null', NULL, '', '{}', '{}', 'empty', NULL, '::1', B'', ROW(NULL, NULL), '', 0, false, NULL, 2);
        """;

    private static readonly string[] Strange = ["SET extra_float_digits = -15", "SET DateStyle = 'German'", "SET IntervalStyle = 'sql_standard'", "SET TimeZone = 'Asia/Tokyo'", "SET bytea_output = 'escape'"];

    [Fact]
    public async Task Checksum_does_not_depend_on_row_order_column_order_or_settings()
    {
        var first = await pg.CreateDatabaseAsync("one", "CREATE TABLE t (b text, a int); INSERT INTO t VALUES ('x', 1), ('y', 2), ('x', 1), (NULL, 3)" + ";" + Values);
        var second = await pg.CreateDatabaseAsync("two", "CREATE TABLE t (a int, dropped int, b text); ALTER TABLE t DROP COLUMN dropped; INSERT INTO t VALUES (3, NULL), (1, 'x'), (2, 'y'), (1, 'x')" + ";" + Values);
        foreach (var setting in Strange)
            await PgServer.ExecuteAsync(pg.Target, $"ALTER DATABASE {SqlName.Quote(second.Database)} {setting}");

        Assert.Equal(await Checksums(first), await Checksums(second));
    }

    [Theory]
    [InlineData("UPDATE t SET b = '' WHERE a = 3")]
    [InlineData("UPDATE t SET b = 'X' WHERE a = 2")]
    [InlineData("DELETE FROM t WHERE a = 3; INSERT INTO t VALUES (1, 'x')")]
    [InlineData("UPDATE t SET a = a + 1 WHERE a = 2")]
    [InlineData("DELETE FROM t WHERE a = 1")]
    public async Task A_single_changed_value_changes_the_checksum(string change)
    {
        const string Table = "CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (1, 'x'), (2, 'y'), (3, NULL);";
        var same = await pg.CreateDatabaseAsync("same", Table);
        var changed = await pg.CreateDatabaseAsync("changed", Table + change);

        Assert.NotEqual((await Checksums(same))["t"], (await Checksums(changed))["t"]);
    }

    [Fact]
    public async Task Checksum_does_not_depend_on_encoding_and_is_zero_for_an_empty_table()
    {
        const string Table = "CREATE TABLE t (a text); CREATE TABLE empty (a text); CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES; INSERT INTO t VALUES ('Ärger'), ('façade')";
        var utf8 = await pg.CreateDatabaseAsync("utf8", Table);
        var latin = pg.Target.On(utf8.Database + "_latin");
        await PgServer.ExecuteAsync(pg.Target, $"CREATE DATABASE {SqlName.Quote(latin.Database)} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
        await PgServer.ExecuteAsync(latin, Table);

        var checksums = await Checksums(latin);

        Assert.Equal(await Checksums(utf8), checksums);
        Assert.Equal(new string('0', 32), checksums["empty"]);
        Assert.NotEqual(checksums["t"], checksums["nothing"]);
    }

    [Fact]
    public async Task Backup_checksums_match_the_live_database_and_PostgreSQL_12_and_18()
    {
        var target = await pg.CreateDatabaseAsync("hashed", SampleSql.Odd + SampleSql.Shop + Values);
        using var folder = new TempFolder();
        var backup = await Backup(target, folder);
        var restored = pg.Target.On(target.Database + "_restored");

        await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, restored), new RecordedEvents(), CancellationToken.None);

        Assert.Equal(backup.Manifest.Tables, await Tables(target));
        Assert.Equal(backup.Manifest.Tables, await Tables(restored));
        foreach (var major in new[] { 12, 18 })
        {
            await using var other = await NewerServer.StartAsync(major);
            var there = other.Target.On("hashed");
            await PgServer.ExecuteAsync(other.Target, "CREATE DATABASE hashed TEMPLATE template0");
            await PgServer.ExecuteAsync(there, Values);
            Assert.Equal((await Checksums(target))["Val ues"], (await Checksums(there))["Val ues"]);
        }
    }

    [Fact]
    public async Task Restore_with_different_rows_but_equal_row_count_fails_with_DBS301_and_leaves_live_database_unchanged()
    {
        var target = await pg.CreateDatabaseAsync("changed", "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)");
        using var folder = new TempFolder();
        var backup = await Backup(target, folder);
        var changed = backup.Manifest with { Tables = [.. backup.Manifest.Tables.Select(t => t with { Checksum = new string('1', 32) })] };
        await File.WriteAllTextAsync(backup.Path, ManifestFile.Write(changed));

        var error = await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, target), new RecordedEvents(), CancellationToken.None));

        Assert.Equal(("DBS301", 4), (error.Code, error.ExitCode));
        Assert.Contains("public.t has different rows in the restored database than in the backup", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM t"));
    }

    private static Task<PgBackup> Backup(DatabaseTarget target, TempFolder folder) =>
        new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Checksum = true }, new RecordedEvents(), CancellationToken.None);

    private static async Task<IReadOnlyList<TableCount>> Tables(DatabaseTarget target) => (await FingerprintReader.ReadAsync(target, checksum: true, CancellationToken.None)).Tables;

    private static async Task<Dictionary<string, string?>> Checksums(DatabaseTarget target) => (await Tables(target)).ToDictionary(t => t.Name, t => t.Checksum);
}
