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
using DbSafety.Restores.Filling;
using DbSafety.Scratch;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Backups;

/// <summary>Dumps that were made by hand or by other tools: tested to their end, restored through the same net.</summary>
[Collection(PgServerGroup.Name)]
public sealed class ForeignDumpTests(PgServer pg)
{
    public static TheoryData<string> Shapes => [.. ForeignDumps.Shapes.Keys];

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_foreign_dump_of_any_format_is_tested_restored_to_a_new_database_verified_and_swapped(string shape)
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
        Assert.Contains(test.NotProven, n => n.EndsWith("it has no manifest", StringComparison.Ordinal));
        Assert.NotNull(restore.RetainedAs);
        Assert.Equal(before.Tables, after.Tables);
        Assert.Equal(before.Sequences, after.Sequences);
        Assert.Equal(before.LargeObjects, after.LargeObjects);
        Assert.Equal(before.SchemaHash, after.SchemaHash);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    [Hazard("H2")]
    public async Task A_foreign_dump_truncated_at_any_position_is_detected_by_its_structure(string shape)
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

    [Theory]
    [InlineData("custom in gzip")]
    [InlineData("custom in zstd")]
    [InlineData("tar in gzip")]
    [InlineData("plain in gzip")]
    [InlineData("plain in zstd")]
    [InlineData("plain packed by pg_dump")]
    [Hazard("H2")]
    public async Task A_flipped_bit_of_a_compressed_foreign_dump_is_detected_by_its_checksum(string shape)
    {
        var target = await pg.CreateDatabaseAsync("flipped", SampleSql.Odd + SampleSql.Shop);
        using var folder = new TempFolder();
        var path = await ForeignDumps.MakeAsync(shape, target, folder.Path);
        var whole = await File.ReadAllBytesAsync(path);
        var random = new Random(20261122);
        for (var i = 0; i < 40; i++)
        {
            // In front of that gzip keeps a time and a name, which nothing depends on.
            var (bytes, at) = ((byte[])whole.Clone(), random.Next(20, whole.Length));
            bytes[at] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(path, bytes);
            // Some bits of a packed stream fill it up to a whole byte and mean nothing.
            if (path.EndsWith(".gz", StringComparison.Ordinal) && Same(bytes, whole))
                continue;
            Assert.False((await BackupTests.Test(path)).Passed, $"{shape}: a flipped bit in byte {at} of {whole.Length} was not found");
        }
    }

    [Fact]
    public async Task A_database_is_restored_from_a_dump_of_the_complete_cluster()
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
        Assert.Equal((3, true), (wrong.ExitCode, wrong.Error.Contains("DBS316", StringComparison.Ordinal)));
        Assert.True(right.ExitCode == 0, right.Error);
        var after = await FingerprintReader.ReadAsync(source.Target.On("shop"), CancellationToken.None);
        Assert.Equal(before.Tables, after.Tables);
        Assert.Equal(before.SchemaHash, after.SchemaHash);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Hazard("H8")]
    public async Task Restrict_lines_are_read_and_are_not_passed_to_a_psql_that_does_not_support_them(bool ours)
    {
        var target = await pg.CreateDatabaseAsync("restricted", SampleSql.Shop);
        using var folder = new TempFolder();
        var path = ours
            ? (await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = BackupFormat.Plain }, new RecordedEvents(), CancellationToken.None)).Path
            : await ForeignDumps.MakeAsync("plain", target, folder.Path);
        if (!ours)
            await RestrictAsync(path);
        await using var old = await OldPsql();

        Assert.True((await BackupTests.Test(path)).Passed);
        var restored = await Dbsafety.RunAsync(old.Environment, "restore", "run", path, "--database-url", target.ToString());

        Assert.True(restored.ExitCode == 0, restored.Error);
        Assert.Equal(500, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM orders"));
    }

    /// <summary>As pg_dump of August 2025 and later writes it, whatever this machine's does.</summary>
    private static async Task RestrictAsync(string path)
    {
        var lines = (await File.ReadAllLinesAsync(path)).Where(l => !l.StartsWith("\\restrict", StringComparison.Ordinal) && !l.StartsWith("\\unrestrict", StringComparison.Ordinal)).ToList();
        lines.Insert(3, "\\restrict x7Qa");
        lines.Add("\\unrestrict x7Qa");
        await File.WriteAllLinesAsync(path, lines);
    }

    [Fact]
    public async Task A_dump_that_would_run_psql_commands_is_refused_before_anything_is_changed()
    {
        var target = await pg.CreateDatabaseAsync("commands", SampleSql.Shop);
        using var folder = new TempFolder();
        var path = Path.Combine(folder.Path, "mine.sql");
        var proof = Path.Combine(folder.Path, "proof");
        await File.WriteAllTextAsync(path, $"CREATE TABLE a (i int);\nINSERT INTO a VALUES (1) \\! touch '{proof}'\n;\n\\! touch '{proof}'\n");

        var result = await Dbsafety.RunAsync("restore", "run", path, "--database-url", target.ToString());

        Assert.Equal((3, true), (result.ExitCode, result.Error.Contains("DBS317", StringComparison.Ordinal)));
        Assert.False(File.Exists(proof));
        Assert.Equal(500, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM orders"));
    }

    /// <summary>Whatever this reader takes for a string or a comment, psql itself is told to obey no command of the script, and says so.</summary>
    [Theory]
    [InlineData("SET standard_conforming_strings = off;\nSET standard_conforming_strings TO on;\nCREATE TABLE a (t text);\nINSERT INTO a VALUES ('a\\');\n\\! touch '{0}'\n-- ');\nINSERT INTO a VALUES ('b');\n")]
    [InlineData("CREATE TABLE a (i int);\nSELECT 1 -- x\r\\! touch '{0}'\n;\n")]
    public async Task A_command_that_only_psql_recognizes_does_not_run(string script)
    {
        var target = pg.Target.On("hidden_command");
        using var folder = new TempFolder();
        var (path, proof) = (Path.Combine(folder.Path, "mine.sql"), Path.Combine(folder.Path, "proof"));
        await File.WriteAllTextAsync(path, script.Replace("{0}", proof, StringComparison.Ordinal));

        await Assert.ThrowsAsync<DbSafetyException>(() => new RestoreDatabase().RunAsync(new RestoreRequest(path, target), new RecordedEvents(), CancellationToken.None));
        await Assert.ThrowsAsync<DbSafetyException>(() => ScriptFill.FeedAsync(
            new PgTool("psql", 15, "15.18"), pg.Target, async (input, token) => await input.WriteAsync(await File.ReadAllBytesAsync(path, token), token), new RecordedEvents(), CancellationToken.None));

        Assert.False(File.Exists(proof));
        await PgServer.ExecuteAsync(pg.Target, "DROP TABLE IF EXISTS a");
    }

    [Theory]
    [InlineData("custom", "terminal", "CR LF")]
    [InlineData("custom in gzip", "terminal", "CR LF")]
    [InlineData("plain", "terminal", "CR LF")]
    [InlineData("plain", "utf-16", "UTF-16")]
    [InlineData("custom", "utf-16", "UTF-16")]
    [InlineData("plain in gzip", "replaced", "converted as text")]
    [InlineData("custom", "replaced", "")]
    [Hazard("H11")]
    public async Task A_dump_that_was_transferred_as_text_is_refused_and_the_cause_is_reported(string shape, string how, string reported)
    {
        var target = await pg.CreateDatabaseAsync("text", SampleSql.Odd + SampleSql.Shop);
        using var folder = new TempFolder();
        var path = await ForeignDumps.MakeAsync(shape, target, folder.Path);
        var bytes = await File.ReadAllBytesAsync(path);
        var text = System.Text.Encoding.UTF8.GetString(bytes);
        await File.WriteAllBytesAsync(path, how switch
        {
            "terminal" => [.. bytes.SelectMany(b => b == (byte)'\n' ? "\r\n"u8.ToArray() : [b])],
            "utf-16" => [0xFF, 0xFE, .. System.Text.Encoding.Unicode.GetBytes(System.Text.Encoding.Latin1.GetString(bytes).Replace("\n", "\r\n", StringComparison.Ordinal))],
            _ => System.Text.Encoding.UTF8.GetBytes(text),
        });

        var test = await Dbsafety.RunAsync("backup", "test", path);
        var restore = await Dbsafety.RunAsync("restore", "run", path, "--database-url", target.ToString());

        Assert.Equal((4, 4), (test.ExitCode, restore.ExitCode));
        Assert.Contains("error DBS204", test.Error, StringComparison.Ordinal);
        Assert.Contains(reported, test.Error, StringComparison.Ordinal);
        Assert.Equal(500, await PgServer.ScalarAsync<long>(target, "SELECT count(*) FROM orders"));
        if (how != "terminal")
            return;
        // What the message says gives back every byte.
        const string Remedy = "LC_ALL=C sed 's/\\r$//' DUMP > NEW";
        Assert.Contains(Remedy, test.Error, StringComparison.Ordinal);
        (await ToolProcess.RunAsync(new ToolCommand("sh", "-c", Remedy.Replace("DUMP", "\"$0\"", StringComparison.Ordinal).Replace("NEW", "\"$1\"", StringComparison.Ordinal), path, path + ".new"), CancellationToken.None)).OrThrow();
        Assert.Equal(bytes, await File.ReadAllBytesAsync(path + ".new"));
    }

    [Fact]
    public async Task A_list_distinguishes_intact_incomplete_damaged_and_foreign_backups()
    {
        var target = await pg.CreateDatabaseAsync("listed_one", SampleSql.Shop);
        using var folder = new TempFolder();
        var sets = new List<PgBackup>();
        for (var i = 0; i < 3; i++)
            sets.Add(await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Environment = "prod" }, new RecordedEvents(), CancellationToken.None));
        File.Delete(sets[1].Path);
        await File.AppendAllTextAsync(sets[2].Path, " ");
        await ForeignDumps.MakeAsync("plain in gzip", target, folder.Path);
        await ForeignDumps.MakeAsync("directory", target, folder.Path);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "notes.txt"), "not a dump");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "empty.sql"), "");
        (await ToolProcess.RunAsync(new ToolCommand("mkfifo", Path.Combine(folder.Path, "pipe"), Path.Combine(folder.Path, "pipe.json")), CancellationToken.None)).OrThrow();

        var list = await new ListBackups().RunAsync(new BackupListRequest(folder.Path), new RecordedEvents(), CancellationToken.None);

        Assert.Equal(
            ["Damaged empty", "Damaged " + target.Database, "Foreign shop", "Foreign shop", "Incomplete " + target.Database, "Intact " + target.Database],
            list.Select(b => $"{b.State} {b.Database}").Order(StringComparer.Ordinal));
        Assert.All(list.Where(b => b.Database == target.Database), b => Assert.Equal("prod", b.Environment));
    }

    /// <summary>The machine's own programs, but a psql that ends with an error at <c>\restrict</c>, as those of before it do.</summary>
    private static async Task<OldPrograms> OldPsql()
    {
        var folder = new TempFolder();
        var (psql, major, _) = await PgTools.FindAsync("psql", 0, CancellationToken.None);
        foreach (var program in Directory.GetFiles(Path.GetDirectoryName(psql)!).Where(p => Path.GetFileName(p) != "psql"))
            File.CreateSymbolicLink(Path.Combine(folder.Path, Path.GetFileName(program)), program);
        var script = Path.Combine(folder.Path, "psql");
        await File.WriteAllTextAsync(script, $"""
            #!/bin/sh
            [ "$1" = --version ] && exec echo 'psql (PostgreSQL) {major}.1'
            input=$(mktemp)
            cat >"$input"
            if grep -q '^.\(un\)\?restrict' "$input"; then
              echo 'error: invalid command \restrict' >&2
              status=3
            else
              '{psql}' "$@" <"$input"
              status=$?
            fi
            rm -f "$input"
            exit $status

            """);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new OldPrograms(folder);
    }

    private sealed record OldPrograms(TempFolder Folder) : IAsyncDisposable
    {
        public IReadOnlyDictionary<string, string?> Environment => new Dictionary<string, string?> { ["DBSAFETY_PG_BIN"] = Folder.Path };

        public ValueTask DisposeAsync()
        {
            Folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private static bool Same(byte[] first, byte[] second)
    {
        try
        {
            return Unpacked(first).SequenceEqual(Unpacked(second));
        }
        catch (InvalidDataException)
        {
            return false;
        }

        static byte[] Unpacked(byte[] packed)
        {
            using var gzip = new System.IO.Compression.GZipStream(new MemoryStream(packed), System.IO.Compression.CompressionMode.Decompress);
            var unpacked = new MemoryStream();
            gzip.CopyTo(unpacked);
            return unpacked.ToArray();
        }
    }

    /// <summary>A large object that is not packed is any bytes at all: a test says that it proves nothing about them.</summary>
    private static bool HasStructure(string file) => !(Path.GetFileName(file).StartsWith("blob_", StringComparison.Ordinal) && file.EndsWith(".dat", StringComparison.Ordinal));

    /// <summary>Whether cutting there takes anything away but empty lines.</summary>
    private static bool Lost(byte[] whole, int length) => whole.AsSpan(length).ContainsAnyExcept((byte)'\n', (byte)'\r', (byte)0);
}
