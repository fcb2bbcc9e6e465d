using DbSafety.Backups;
using DbSafety.Databases;
using DbSafety.Restores;
using DbSafety.Scratch;

namespace DbSafety.Integration.Tests.Backups;

/// <summary>Dumps that were made by hand or by other tools: tested to their end, restored through the same net.</summary>
[Collection(PgServerGroup.Name)]
public sealed class ForeignDumpTests(PgServer pg)
{
    public static TheoryData<string> Shapes => [.. ForeignDumps.Shapes.Keys];

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_dump_of_any_shape_is_tested_and_restored_beside_verified_and_swapped(string shape)
    {
        var target = await pg.CreateDatabaseAsync("Foreign \"x\" ü", SampleSql.Odd + SampleSql.Shop);
        using var folder = new TempFolder();
        var before = await FingerprintReader.ReadAsync(target, CancellationToken.None);
        var path = await ForeignDumps.MakeAsync(shape, target, folder.Path);
        await PgServer.ExecuteAsync(target, "DELETE FROM orders; DROP TABLE typed CASCADE; SELECT setval('never_called', 99)");

        var test = await BackupTests.Test(path);
        Assert.True(test.Passed, string.Join("; ", test.Problems));
        var restore = await new RestoreDatabase().RunAsync(new RestoreRequest(path, target), new RecordedEvents(), CancellationToken.None);
        var after = await FingerprintReader.ReadAsync(target, CancellationToken.None);

        Assert.Equal(BackupState.Foreign, test.State);
        Assert.Equal(before.Tables.Sum(t => t.Rows), test.Rows);
        Assert.Contains(test.NotProven, n => n.StartsWith("no manifest", StringComparison.Ordinal));
        Assert.NotNull(restore.KeptAs);
        Assert.Equal(before.Tables, after.Tables);
        Assert.Equal(before.Sequences, after.Sequences);
        Assert.Equal(before.LargeObjects, after.LargeObjects);
        Assert.Equal(before.SchemaHash, after.SchemaHash);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task H2_a_foreign_dump_cut_anywhere_is_found_by_its_structure(string shape)
    {
        var target = await pg.CreateDatabaseAsync("cut", SampleSql.Odd + SampleSql.Shop);
        using var folder = new TempFolder();
        var path = await ForeignDumps.MakeAsync(shape, target, folder.Path);
        Assert.True((await BackupTests.Test(path)).Passed);
        var random = new Random(20261121);
        foreach (var file in Directory.Exists(path) ? Directory.GetFiles(path).Where(HasStructure) : [path])
        {
            var whole = await File.ReadAllBytesAsync(file);
            var lengths = Enumerable.Range(0, Directory.Exists(path) ? 3 : 20).Select(_ => random.Next(whole.Length)).Append(whole.Length / 2).Append(0);
            foreach (var length in lengths.Where(l => Lost(whole, l)))
            {
                await File.WriteAllBytesAsync(file, whole[..length]);
                Assert.False((await BackupTests.Test(path)).Passed, $"{shape}: {Path.GetFileName(file)} cut to {length} of {whole.Length} bytes was not found");
            }

            await File.WriteAllBytesAsync(file, whole);
        }
    }

    [Fact]
    public async Task A_database_is_restored_from_a_dump_of_the_whole_cluster()
    {
        await using var source = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        foreach (var name in new[] { "shop", "other \"one\"" })
        {
            await PgServer.ExecuteAsync(source.Target, $"CREATE DATABASE {SqlName.Quote(name)}");
            await PgServer.ExecuteAsync(source.Target.On(name), SampleSql.Shop);
        }

        await PgServer.ExecuteAsync(source.Target.On("shop"), "DELETE FROM orders WHERE id > 10");
        var before = await FingerprintReader.ReadAsync(source.Target.On("shop"), CancellationToken.None);
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "everything.sql");
        await ForeignDumps.RunAsync("pg_dumpall", source.Target, ["--file=" + path]);

        var test = await BackupTests.Test(path);
        var wrong = await Dbsafety.RunAsync("restore", "run", path, "--database-url", pg.Target.On("unknown_name").ToString());
        var right = await Dbsafety.RunAsync("restore", "run", path, "--database-url", source.Target.On("shop").ToString());

        Assert.True(test.Passed, string.Join("; ", test.Problems));
        Assert.Equal((3, true), (wrong.ExitCode, wrong.Error.Contains("DBS320", StringComparison.Ordinal)));
        Assert.True(right.ExitCode == 0, right.Error);
        var after = await FingerprintReader.ReadAsync(source.Target.On("shop"), CancellationToken.None);
        Assert.Equal(before.Tables, after.Tables);
        Assert.Equal(before.SchemaHash, after.SchemaHash);
    }

    /// <summary>A large object that is not packed is any bytes at all: a test says that it proves nothing about them.</summary>
    private static bool HasStructure(string file) => !(Path.GetFileName(file).StartsWith("blob_", StringComparison.Ordinal) && file.EndsWith(".dat", StringComparison.Ordinal));

    /// <summary>Whether cutting there takes anything away but empty lines.</summary>
    private static bool Lost(byte[] whole, int length) => whole.AsSpan(length).ContainsAnyExcept((byte)'\n', (byte)'\r', (byte)0);
}
