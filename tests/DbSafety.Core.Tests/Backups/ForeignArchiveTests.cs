using System.IO.Compression;
using System.Text;
using DbSafety.Backups.Compression;
using DbSafety.Backups.Dumps;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Errors;

namespace DbSafety.Core.Tests.Backups;

/// <summary>Archives as pg_dump 9.0 to 18 write them, made here byte by byte (pg_backup_archiver.c, WriteHead and WriteToc).</summary>
public sealed class ForeignArchiveTests
{
    private const string Rows = "1\ta\n2\tb\n3\t\\N\n\\.\n\n\n";

    [Theory]
    [InlineData(10, 1)]
    [InlineData(11, 0)]
    [InlineData(12, 0)]
    [InlineData(12, 1)]
    [InlineData(13, 1)]
    [InlineData(14, 0)]
    [InlineData(14, 1)]
    [InlineData(15, 0)]
    [InlineData(15, 1)]
    [InlineData(15, 3)]
    [InlineData(16, 1)]
    [InlineData(16, 3)]
    public void Archives_of_every_custom_format_version_are_read_completely(int minor, int compression)
    {
        var (toc, census) = ForeignCustomArchive.Count(new MemoryStream(Archive(minor, compression, Rows)), CancellationToken.None);

        Assert.Equal([("public", "t", 3L)], census.Tables.Select(t => (t.Schema, t.Name, t.Rows)));
        Assert.Equal([("public", "t_id_seq", 3L, true)], census.Sequences.Select(s => (s.Schema, s.Name, s.Value, s.IsCalled)));
        Assert.Equal(["ann"], census.Owners);
        Assert.Equal(("shop", "9.6.24", "9.6.24"), (toc.Database, toc.ServerVersion, toc.PgDumpVersion));
        Assert.Equal("data", toc.Entries[1].Section);
    }

    [Theory]
    [InlineData(12, 1)]
    [InlineData(14, 0)]
    [InlineData(16, 3)]
    [Hazard("H2")]
    public void An_archive_truncated_at_any_byte_is_damaged(int minor, int compression)
    {
        var whole = Archive(minor, compression, Rows);
        for (var length = 0; length < whole.Length; length++)
        {
            var cut = whole[..length];
            var error = Record.Exception(() => ForeignCustomArchive.Count(new MemoryStream(cut), CancellationToken.None));
            Assert.True(error is DumpDamagedException or InvalidDataException, $"cut to {length} of {whole.Length}: {error}");
        }
    }

    [Theory]
    [InlineData(12, 1)]
    [InlineData(14, 0)]
    [InlineData(16, 3)]
    public void A_flipped_bit_is_reported_as_damage_or_has_no_effect_but_never_crashes_the_reader(int minor, int compression)
    {
        var whole = Archive(minor, compression, Rows);
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var flipped = (byte[])whole.Clone();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            var error = Record.Exception(() => ForeignCustomArchive.Count(new MemoryStream(flipped), CancellationToken.None));
            Assert.True(error is null or DumpDamagedException or InvalidDataException or DbSafetyException { Code: "DBS212" }, $"bit {bit % 8} of byte {bit / 8}: {error}");
        }
    }

    [Theory]
    [InlineData("1\ta\n2\n3\t\\N\n\\.\n\n\n")]
    [InlineData("1\ta\n2\tb\tc\n\\.\n\n\n")]
    [InlineData("1\ta\n2\tb\n")]
    [InlineData("1\ta\n2\t\0\n\\.\n\n\n")]
    [Hazard("H2")]
    public void Rows_with_a_wrong_number_of_values_or_invalid_values_are_reported_as_damage(string rows) =>
        Assert.Throws<DumpDamagedException>(() => ForeignCustomArchive.Count(new MemoryStream(Archive(14, 0, rows)), CancellationToken.None));

    [Theory]
    [InlineData(12, 0)]
    [InlineData(14, 1)]
    [InlineData(16, 3)]
    public void An_archive_that_a_shell_appended_to_a_file_can_contain_its_table_of_contents_twice(int minor, int compression)
    {
        var once = Archive(minor, compression, Rows);
        var contents = Contents(minor);
        Assert.Equal(3, Count([.. once, .. contents]));
        Assert.Throws<MoreThanDumpException>(() => Count([.. once, .. contents, 0]));
        Assert.Throws<DumpDamagedException>(() => Count([.. once, .. contents[..^1]]));
        Assert.Throws<MoreThanDumpException>(() => Count([.. once, .. once]));
        Assert.Throws<DumpDamagedException>(() => Count([.. once, 0, 1, 0, 0, 0]));

        static long Count(byte[] archive) => ForeignCustomArchive.Count(new MemoryStream(archive), CancellationToken.None).Census.Rows;
    }

    [Fact]
    public void Trailing_data_after_an_archive_is_reported_and_is_not_damage()
    {
        var once = Archive(14, 0, Rows);
        var log = Assert.Throws<MoreThanDumpException>(() => ForeignCustomArchive.Count(new MemoryStream([.. once, .. "pg_dump: done\n"u8]), CancellationToken.None));
        var second = Assert.Throws<MoreThanDumpException>(() => ForeignCustomArchive.Count(new MemoryStream([.. once, .. once]), CancellationToken.None));
        Assert.Equal(($"trailing data follows it after {once.Length:N0} bytes: pg_dump: done", $"another archive follows it after {once.Length:N0} bytes"), (log.Message, second.Message));
        Assert.StartsWith($"Split them: head -c {once.Length} FILE > FIRST; tail -c +{once.Length + 1} FILE > NEXT.", second.Way, StringComparison.Ordinal);
    }

    [Fact]
    public void LZ4_compressed_data_is_reported_as_unsupported()
    {
        var error = Assert.Throws<DbSafetyException>(() => ForeignCustomArchive.Count(new MemoryStream(Archive(16, 2, Rows)), CancellationToken.None));
        Assert.Equal(("DBS212", 5), (error.Code, error.ExitCode));
    }

    private static byte[] Archive(int minor, int compression, string rows)
    {
        var archive = new MemoryStream();
        archive.Write("PGDMP"u8);
        archive.Write([1, (byte)minor, 0, 4, 8, 1]);
        if (minor >= 15)
            archive.WriteByte((byte)compression);
        else
            Int(archive, compression == 0 ? 0 : -1);
        foreach (var time in new[] { 1, 2, 3, 20, 10, 126, 0 })
            Int(archive, time);
        foreach (var name in new[] { "shop", "9.6.24", "9.6.24" })
            Text(archive, name);
        archive.Write(Contents(minor));
        archive.WriteByte(1);
        Int(archive, 2);
        var packed = Packed(compression, Encoding.UTF8.GetBytes(rows));
        foreach (var chunk in packed.Chunk(7))
        {
            Int(archive, chunk.Length);
            archive.Write(chunk);
        }

        Int(archive, 0);
        return archive.ToArray();
    }

    private static byte[] Contents(int minor)
    {
        var contents = new MemoryStream();
        Int(contents, 2);
        Entry(contents, minor, 1, false, "t_id_seq", "SEQUENCE SET", "SELECT pg_catalog.setval('public.t_id_seq', 3, true);\n", "");
        Entry(contents, minor, 2, true, "t", "TABLE DATA", "", "COPY public.t (id, name) FROM stdin;\n");
        return contents.ToArray();
    }

    private static void Entry(MemoryStream archive, int minor, int id, bool data, string tag, string description, string definition, string copy)
    {
        Int(archive, id);
        Int(archive, data ? 1 : 0);
        foreach (var text in new[] { "0", "0", tag, description })
            Text(archive, text);
        if (minor >= 11)
            Int(archive, 3);
        foreach (var text in new[] { definition, "", copy, "public", "" })
            Text(archive, text);
        if (minor >= 14)
            Text(archive, "heap");
        if (minor >= 16)
            Int(archive, 'r');
        Text(archive, "ann");
        Text(archive, "false");
        Int(archive, -1);
        archive.Write([1, .. new byte[8]]);
    }

    private static byte[] Packed(int compression, byte[] data)
    {
        var packed = new MemoryStream();
        switch (compression)
        {
            case 1:
                using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
                    zlib.Write(data);
                return packed.ToArray();
            case 3:
                using (var zstd = PayloadCompression.Zstd.Compress(packed, 1))
                {
                    zstd.Write(data);
                    zstd.Complete();
                }

                return packed.ToArray();
            default:
                return data;
        }
    }

    private static void Int(MemoryStream archive, int value)
    {
        archive.WriteByte((byte)(value < 0 ? 1 : 0));
        archive.Write(BitConverter.GetBytes(Math.Abs(value)));
    }

    private static void Text(MemoryStream archive, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Int(archive, bytes.Length);
        archive.Write(bytes);
    }
}
