using System.Text;
using DbSafety.Backups.Compression;
using DbSafety.Databases.Tables;

namespace DbSafety.Backups.Dumps.Archives;

/// <summary>
/// Reads pg_dump's tar archives from their first byte to their last (src/bin/pg_dump/pg_backup_tar.c): <c>toc.dat</c>, a member for each table,
/// <c>restore.sql</c>, and two empty blocks. Members are never compressed.
/// </summary>
internal sealed class TarArchive
{
    private const int Block = 512;

    private readonly DumpInput input;
    private readonly List<TableCount> tables = [];
    private ArchiveToc? toc;
    private Dictionary<string, ArchiveEntry> expected = [];
    private readonly HashSet<string> objects = new(StringComparer.Ordinal);
    private readonly HashSet<string> listed = new(StringComparer.Ordinal);
    private int lists;

    private TarArchive(Stream stream) => input = new DumpInput(stream);

    /// <exception cref="DumpDamagedException">It is incomplete, or its structure is invalid.</exception>
    public static (ArchiveToc Toc, DumpCensus Census) Count(Stream stream, CancellationToken ct)
    {
        var archive = new TarArchive(stream);
        while (archive.TakeMember())
            ct.ThrowIfCancellationRequested();
        if (archive.toc is not { } toc)
            throw new DumpDamagedException("it does not contain toc.dat, so it is not a tar archive of pg_dump");
        if (archive.expected.Count > 0)
            throw new DumpDamagedException($"the data of {archive.expected.Values.First().Tag} is missing");
        if (archive.lists != toc.Entries.Count(IsLargeObjects) || !archive.listed.SetEquals(archive.objects))
            throw new DumpDamagedException("its large objects do not match its list of large objects");
        return (toc, ArchiveData.Census(toc, archive.tables, archive.objects.Count, archive.input.Position));
    }

    /// <summary>The <c>toc.dat</c> of an archive, which pg_dump writes first; the archive was already read to its end.</summary>
    public static byte[] Contents(Stream stream)
    {
        var header = new byte[Block];
        stream.ReadExactly(header);
        var contents = new byte[Size(header)];
        stream.ReadExactly(contents);
        return contents;
    }

    private bool TakeMember()
    {
        var header = new byte[Block];
        input.Fill(header);
        if (!header.AsSpan().ContainsAnyExcept((byte)0))
        {
            input.Fill(header);
            // What tar programs write after the two empty blocks is empty too.
            for (var next = input.Peek(); !next.IsEmpty; next = input.Peek())
            {
                if (next.ContainsAnyExcept((byte)0))
                    throw new DumpDamagedException("trailing data after its end");
                input.Take(next.Length);
            }

            return header.AsSpan().ContainsAnyExcept((byte)0) ? throw new DumpDamagedException("its end-of-archive marker is damaged") : false;
        }

        Take(header);
        return true;
    }

    private void Take(byte[] header)
    {
        CheckSum(header);
        var name = Encoding.UTF8.GetString(header.AsSpan(0, 100)).TrimEnd('\0');
        var size = Size(header);
        using var member = new Member(input, size);
        if (name == "toc.dat")
            TakeToc(member);
        else if (expected.Remove(name, out var entry) && entry.Description == "TABLE DATA")
            tables.Add(entry.Counted(ArchiveData.CountRows(member, entry, check: true).Rows));
        else if (name.StartsWith("blob_", StringComparison.Ordinal))
            objects.Add(name);
        else if (name.StartsWith("blobs", StringComparison.Ordinal))
            TakeList(member);
        ArchiveData.Skip(member);
        var padding = new byte[(Block - size % Block) % Block];
        input.Fill(padding);
    }

    private void TakeToc(Member member)
    {
        var contents = new DumpInput(member);
        toc = ArchiveToc.Read(contents, isDirectory: true);
        if (contents.TryReadByte() >= 0)
            throw new DumpDamagedException("trailing data after its table of contents");
        expected = toc.Entries.Where(e => e.HasData && e.FileName is not null && !IsLargeObjects(e)).ToDictionary(e => e.FileName!, StringComparer.Ordinal);
    }

    /// <summary>One line for each object: its OID and its member. It follows them, under a name that the table of contents does not contain.</summary>
    private void TakeList(Member member)
    {
        lists++;
        using var reader = new StreamReader(member);
        while (reader.ReadLine() is { Length: > 0 } line)
            listed.Add(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
    }

    private static bool IsLargeObjects(ArchiveEntry entry) => entry.HasData && entry.Description == "BLOBS";

    /// <summary>The header's bytes added up, its own field taken for blanks.</summary>
    private static void CheckSum(byte[] header)
    {
        long sum = 8 * ' ';
        for (var i = 0; i < Block; i++)
            sum += i is >= 148 and < 156 ? 0 : header[i];
        if (sum != Octal(header.AsSpan(148, 8)))
            throw new DumpDamagedException("the checksum of a member's header is wrong");
    }

    /// <summary>Sizes from 8 GiB on are a binary number with the first bit set.</summary>
    private static long Size(byte[] header)
    {
        var field = header.AsSpan(124, 12);
        if ((field[0] & 0x80) == 0)
            return Octal(field);
        long value = field[0] & 0x7F;
        foreach (var b in field[1..])
            value = (value << 8) | b;
        return value >= 0 ? value : throw new DumpDamagedException("the size of a member is invalid");
    }

    private static long Octal(ReadOnlySpan<byte> field)
    {
        long value = 0;
        foreach (var b in field)
        {
            if (b is >= (byte)'0' and <= (byte)'7')
                value = value * 8 + (b - '0');
            else if (b is not ((byte)' ' or 0))
                throw new DumpDamagedException("a number in a member's header is invalid");
        }

        return value;
    }

    private sealed class Member(DumpInput input, long size) : ReadOnlyStream
    {
        private long left = size;

        public override int Read(Span<byte> buffer)
        {
            if (left == 0)
                return 0;
            var data = input.Peek();
            if (data.IsEmpty)
                throw input.CutOff();
            var count = (int)Math.Min(Math.Min(left, data.Length), buffer.Length);
            data[..count].CopyTo(buffer);
            input.Take(count);
            left -= count;
            return count;
        }
    }
}
