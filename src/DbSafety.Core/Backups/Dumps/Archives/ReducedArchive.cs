using System.Text;

namespace DbSafety.Backups.Dumps.Archives;

/// <summary>
/// Writes a custom archive that has some entries of another archive and no data: all that pg_restore needs to create definitions. It can be sent through
/// a pipe; a list for <c>--use-list</c> would have to be a file.
/// </summary>
internal static class ReducedArchive
{
    private const int FormatAt = 10;
    private const byte CustomFormat = 1;
    private const byte NoData = 3; // K_OFFSET_NO_DATA in src/bin/pg_dump/pg_backup_custom.c

    /// <param name="head">The archive from its first byte to the end of its table of contents.</param>
    /// <param name="entries">What to keep; a changed owner or definition is written with its new value.</param>
    public static byte[] Write(byte[] head, ArchiveToc toc, IEnumerable<ArchiveEntry> entries)
    {
        var kept = entries.ToList();
        var originals = toc.Entries.ToDictionary(e => e.DumpId);
        var archive = new MemoryStream(head.Length);
        archive.Write(head, 0, toc.CountAt);
        WriteInt(archive, kept.Count, toc.IntegerBytes);
        var offset = new byte[1 + toc.OffsetBytes];
        offset[0] = NoData;
        foreach (var entry in kept)
        {
            var (original, place) = (originals[entry.DumpId], entry.Place);
            // The section precedes the definition. A comment has no section: it would be assigned to the section of the entry that precedes it now.
            var section = toc.HasSections ? 1 + toc.IntegerBytes : 0;
            archive.Write(head, place.Start, place.Definition.From - place.Start - section);
            if (toc.HasSections)
                WriteInt(archive, ArchiveToc.SectionNumber(entry), toc.IntegerBytes);
            WriteText(archive, head, place.Definition, original.Definition, entry.Definition, toc);
            archive.Write(head, place.Definition.To, place.Owner.From - place.Definition.To);
            WriteText(archive, head, place.Owner, original.Owner, entry.Owner, toc);
            archive.Write(head, place.Owner.To, place.Own - place.Owner.To);
            archive.Write(offset);
        }

        var written = archive.ToArray();
        written[FormatAt] = CustomFormat;
        return written;
    }

    private static void WriteText(MemoryStream archive, byte[] head, (int From, int To) place, string original, string text, ArchiveToc toc)
    {
        if (text == original)
        {
            archive.Write(head, place.From, place.To - place.From);
            return;
        }

        var bytes = toc.TextEncoding.GetBytes(text);
        WriteInt(archive, bytes.Length, toc.IntegerBytes);
        archive.Write(bytes);
    }

    private static void WriteInt(MemoryStream archive, int value, int integerBytes)
    {
        archive.WriteByte(0); // positive
        for (var i = 0; i < integerBytes; i++)
            archive.WriteByte(i < sizeof(int) ? (byte)(value >> (8 * i)) : (byte)0);
    }
}
