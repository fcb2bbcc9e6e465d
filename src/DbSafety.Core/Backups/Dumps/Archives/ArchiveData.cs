using DbSafety.Backups.Compression;
using DbSafety.Databases.Tables;
using DbSafety.Errors;

namespace DbSafety.Backups.Dumps.Archives;

/// <summary>The data of an archive's entries, unpacked and counted.</summary>
internal static class ArchiveData
{
    private const int Piece = 256 * 1024;

    /// <exception cref="DbSafetyException"><c>DBS212</c> it is packed in a way that cannot be read here.</exception>
    public static Stream Unpack(ArchiveCompression compression, Stream packed, string tag) => compression switch
    {
        ArchiveCompression.None => packed,
        // A zlib stream, not a gzip stream: it has no file header.
        ArchiveCompression.Gzip => new System.IO.Compression.ZLibStream(packed, System.IO.Compression.CompressionMode.Decompress),
        ArchiveCompression.Zstd => PayloadCompression.Zstd.Decompress(packed, tag),
        _ => throw ErrorCatalogue.CompressionUnknown.For(tag, "lz4"),
    };

    /// <summary>Rows of an entry's data: lines of COPY, or INSERT statements.</summary>
    /// <param name="check">Also checks the number of values in each row.</param>
    /// <exception cref="DumpDamagedException">It does not end as it must.</exception>
    public static (long Rows, long Bytes) CountRows(Stream data, ArchiveEntry entry, bool check)
    {
        if (check && !entry.CopyStatement.StartsWith("COPY ", StringComparison.Ordinal))
            return PlainDump.CountInserts(data, entry.Tag);
        var rows = new CopyRows { Values = check ? CopyRows.Columns(entry.CopyStatement) : null };
        var buffer = new byte[Piece];
        long bytes = 0;
        try
        {
            for (var read = data.Read(buffer, 0, Piece); read > 0; read = data.Read(buffer, 0, Piece))
            {
                rows.Add(buffer.AsSpan(0, read));
                bytes += read;
            }
        }
        catch (Exception e) when (e is DumpDamagedException or InvalidDataException)
        {
            throw new DumpDamagedException($"the data of {entry.Tag} cannot be read: {e.Message}");
        }

        return (rows.Rows(entry.Tag), bytes);
    }

    /// <summary>Reads to the end, because data that cannot be counted must still be readable.</summary>
    public static void Skip(Stream data)
    {
        var buffer = new byte[Piece];
        while (data.Read(buffer, 0, Piece) > 0)
        {
            // Unpacking is the test.
        }
    }

    public static DumpCensus Census(ArchiveToc toc, IReadOnlyList<TableCount> tables, long largeObjects, long bytes) => new()
    {
        Tables = tables,
        Sequences = toc.Sequences(),
        LargeObjects = largeObjects,
        Owners = toc.Owners(),
        Secrets = toc.Secrets(),
        Bytes = bytes,
    };
}
