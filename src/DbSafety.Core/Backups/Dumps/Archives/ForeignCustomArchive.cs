using DbSafety.Databases.Tables;
using DbSafety.Errors;

namespace DbSafety.Backups.Dumps.Archives;

/// <summary>
/// Reads a custom archive of any origin to its end. Archives of DbSafety are proven by hash and their data blocks are not compressed; of others
/// everything in their structure is checked: offsets, chunks, zlib's and zstd's checksums, the number of values in each row.
/// </summary>
internal static class ForeignCustomArchive
{
    private const int DataBlock = 1;
    private const int LargeObjectsBlock = 3;

    /// <exception cref="DumpDamagedException">It is incomplete, or its structure is invalid.</exception>
    /// <exception cref="DbSafetyException"><c>DBS212</c>, <c>DBS209</c>: it is packed in a way that cannot be read here.</exception>
    public static (ArchiveToc Toc, DumpCensus Census) Count(Stream stream, CancellationToken ct)
    {
        var input = new DumpInput(stream);
        var toc = ArchiveToc.Read(input, isDirectory: false);
        var expected = toc.Entries.Where(e => e.HasData).ToDictionary(e => e.DumpId);
        var tables = new List<TableCount>();
        long largeObjects = 0;
        var begin = input.Position;
        for (var type = input.TryReadByte(); type >= 0; begin = input.Position, type = input.TryReadByte())
        {
            ct.ThrowIfCancellationRequested();
            if (type == ArchiveToc.Positive && expected.Count == 0)
            {
                toc.ReadAgain(input);
                break;
            }

            if (expected.Count == 0)
                throw MoreThanDumpException.After([(byte)type, .. input.Peek()], begin);
            var id = ArchiveToc.ReadInt(input, toc.IntegerBytes);
            if (type is not (DataBlock or LargeObjectsBlock) || !expected.Remove(id, out var entry))
                throw new DumpDamagedException($"a block that is not in its table of contents begins near byte {begin:N0}");
            if ((entry.Offset ?? begin) != begin)
                throw new DumpDamagedException($"the data of {entry.Tag} begins at byte {begin:N0}, not at byte {entry.Offset:N0} as its table of contents specifies");
            if (type == LargeObjectsBlock)
                largeObjects += CountLargeObjects(input, toc);
            else
                tables.Add(entry.Counted(CountRows(input, toc, entry)));
        }

        if (expected.Count > 0)
            throw new DumpDamagedException($"unexpected end of file before the data of {expected.Values.First().Tag}");
        return (toc, ArchiveData.Census(toc, tables, largeObjects, input.Position));
    }

    private static long CountRows(DumpInput input, ArchiveToc toc, ArchiveEntry entry)
    {
        var block = new ArchiveBlockStream(input, toc.IntegerBytes);
        var rows = ArchiveData.CountRows(ArchiveData.Unpack(toc.Compression, block, entry.Tag), entry, check: true).Rows;
        RefuseMore(block, entry);
        return rows;
    }

    private static long CountLargeObjects(DumpInput input, ArchiveToc toc)
    {
        long objects = 0;
        while (ArchiveToc.ReadInt(input, toc.IntegerBytes) != 0)
        {
            objects++;
            var block = new ArchiveBlockStream(input, toc.IntegerBytes);
            ArchiveData.Skip(ArchiveData.Unpack(toc.Compression, block, "the large objects"));
            RefuseMore(block, null);
        }

        return objects;
    }

    /// <summary>The decompressor stops at the end of the compressed data: nothing must follow it.</summary>
    private static void RefuseMore(ArchiveBlockStream block, ArchiveEntry? entry)
    {
        if (block.Read(stackalloc byte[1]) > 0)
            throw new DumpDamagedException($"trailing data after the data of {entry?.Tag ?? "a large object"}");
    }
}
