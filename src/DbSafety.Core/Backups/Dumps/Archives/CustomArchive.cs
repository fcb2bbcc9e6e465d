using System.Buffers.Binary;
using DbSafety.Databases.Tables;

namespace DbSafety.Backups.Dumps.Archives;

/// <summary>
/// Reads an uncompressed custom archive from its first byte to its last and counts what is in it
/// (src/bin/pg_dump/pg_backup_custom.c: blocks of a type, a dump id, and chunks that end with one of length 0).
/// </summary>
internal static class CustomArchive
{
    public const int DataBlock = 1;
    public const int LargeObjectsBlock = 3;

    /// <exception cref="DumpDamagedException">It is incomplete, or its structure is invalid.</exception>
    public static DumpCensus Count(Stream stream, CancellationToken ct)
    {
        var input = new DumpInput(stream);
        var toc = ArchiveToc.Read(input, isDirectory: false);
        if (toc.Compression != ArchiveCompression.None)
            throw new DumpDamagedException("its data blocks are compressed, which archives of DbSafety are not");
        var expected = toc.Entries.Where(e => e.HasData).ToDictionary(e => e.DumpId);
        var tables = new List<TableCount>();
        var blocks = new List<(int, long, long)>();
        long largeObjects = 0;
        for (var type = input.TryReadByte(); type >= 0; type = input.TryReadByte())
        {
            ct.ThrowIfCancellationRequested();
            var start = input.Position - 1;
            var id = ArchiveToc.ReadInt(input, toc.IntegerBytes);
            if (type is not (DataBlock or LargeObjectsBlock) || !expected.Remove(id, out var entry))
                throw new DumpDamagedException($"a block that is not in its table of contents begins near byte {input.Position:N0}");
            if (type == LargeObjectsBlock)
                largeObjects += CountLargeObjects(input, toc.IntegerBytes);
            else
                tables.Add(entry.Counted(CountRows(input, toc.IntegerBytes, entry.Tag)));
            blocks.Add((id, start, input.Position));
        }

        if (expected.Count > 0)
            throw new DumpDamagedException($"unexpected end of file before the data of {expected.Values.First().Tag}");
        return ArchiveData.Census(toc, tables, largeObjects, input.Position) with { Blocks = blocks };
    }

    private static long CountRows(DumpInput input, int integerBytes, string table)
    {
        var rows = new CopyRows();
        ReadChunks(input, integerBytes, ref rows);
        return rows.Rows(table);
    }

    /// <summary>Skips the data of a block that begins with this type.</summary>
    public static void Skip(DumpInput input, int type, int integerBytes)
    {
        var ignored = new CopyRows();
        if (type == LargeObjectsBlock)
            CountLargeObjects(input, integerBytes);
        else
            ReadChunks(input, integerBytes, ref ignored);
    }

    private static long CountLargeObjects(DumpInput input, int integerBytes)
    {
        long objects = 0;
        var ignored = new CopyRows();
        while (ArchiveToc.ReadInt(input, integerBytes) != 0)
        {
            objects++;
            ReadChunks(input, integerBytes, ref ignored);
        }

        return objects;
    }

    /// <summary>Up to the chunk of length 0. pg_dump writes one chunk for each row, so chunks that are complete in the buffer are read without a copy.</summary>
    private static void ReadChunks(DumpInput input, int integerBytes, ref CopyRows rows)
    {
        while (true)
        {
            TakeWholeChunks(input, integerBytes, ref rows);
            var left = ArchiveToc.ReadInt(input, integerBytes);
            if (left == 0)
                return;
            while (left > 0)
            {
                var data = input.Peek();
                if (data.IsEmpty)
                    throw input.CutOff();
                var count = Math.Min(left, data.Length);
                rows.Add(data[..count]);
                input.Take(count);
                left -= count;
            }
        }
    }

    private static void TakeWholeChunks(DumpInput input, int integerBytes, ref CopyRows rows)
    {
        if (integerBytes != sizeof(int))
            return;
        var data = input.Peek();
        var at = 0;
        while (data.Length - at > 1 + sizeof(int))
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(data[(at + 1)..]);
            var next = at + 1 + sizeof(int) + length;
            if (data[at] != 0 || length <= 0 || next > data.Length || next < 0)
                break;
            rows.Add(data[(at + 1 + sizeof(int))..next]);
            at = next;
        }

        input.Take(at);
    }
}
