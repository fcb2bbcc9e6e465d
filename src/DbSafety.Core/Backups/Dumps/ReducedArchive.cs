namespace DbSafety.Backups.Dumps;

/// <summary>
/// Writes a custom archive that has some of another's entries and no data: all that pg_restore needs to make definitions. It goes through
/// a pipe as well, where a list for <c>--use-list</c> would have to be a file.
/// </summary>
internal static class ReducedArchive
{
    private const int FormatAt = 10;
    private const byte CustomFormat = 1;
    private const byte NoData = 3; // K_OFFSET_NO_DATA in src/bin/pg_dump/pg_backup_custom.c

    /// <param name="head">The archive from its first byte to the end of its table of contents.</param>
    public static byte[] Write(byte[] head, ArchiveToc toc, IEnumerable<ArchiveEntry> entries)
    {
        var kept = entries.ToList();
        var archive = new MemoryStream(head.Length);
        archive.Write(head, 0, toc.CountAt);
        archive.WriteByte(0); // positive
        for (var i = 0; i < toc.IntegerBytes; i++)
            archive.WriteByte(i < sizeof(int) ? (byte)(kept.Count >> (8 * i)) : (byte)0);
        var offset = new byte[1 + toc.OffsetBytes];
        offset[0] = NoData;
        foreach (var entry in kept)
        {
            archive.Write(head, entry.Place.Start, entry.Place.Own - entry.Place.Start);
            archive.Write(offset);
        }

        var written = archive.ToArray();
        written[FormatAt] = CustomFormat;
        return written;
    }
}
