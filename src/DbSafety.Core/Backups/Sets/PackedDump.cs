using System.Formats.Tar;
using System.Text;
using DbSafety.Backups.Compression;
using DbSafety.Backups.Dumps;
using DbSafety.Errors;

namespace DbSafety.Backups.Sets;

/// <summary>The dump in a tar archive that also contains other files, as backups of applications do.</summary>
/// <param name="Name">The member's name.</param>
/// <param name="Compression">Of the member.</param>
internal sealed record PackedDump(string Name, ForeignKind Kind, PayloadCompression Compression)
{
    private const string PlainHeader = "PostgreSQL database";

    private static readonly string[] PlainEndings = [".sql", ".sql.gz", ".sql.zst"];

    /// <summary>Parts of the name of a packed or encrypted dump, before the ending of its format.</summary>
    private static readonly string[] InnerEndings = [".sql.", ".dump."];

    /// <summary>Reads the archive to its end. A dump is recognised by how it begins, or, if none is, by its name.</summary>
    /// <param name="archive">Unpacked; not disposed of here.</param>
    /// <exception cref="DumpDamagedException">There is none in it.</exception>
    /// <exception cref="DbSafetyException"><c>DBS231</c> several; <c>DBS232</c> a directory dump; <c>DBS212</c>, <c>DBS230</c> one that cannot be read here.</exception>
    public static PackedDump Find(string path, Stream archive, CancellationToken ct)
    {
        var (certain, likely, members) = (new List<PackedDump>(), new List<PackedDump>(), 0);
        using var reader = new TarReader(archive, leaveOpen: true);
        while (reader.GetNextEntry() is { } entry)
        {
            ct.ThrowIfCancellationRequested();
            if (!IsFile(entry))
                continue;
            members++;
            if (Path.GetFileName(entry.Name) == "toc.dat")
                throw ErrorCatalogue.DirectoryDumpPacked.For(path, Path.GetDirectoryName(entry.Name) is { Length: > 0 } folder ? folder : ".");
            if (Look(path, entry) is not { } found)
                continue;
            (found.IsCertain ? certain : likely).Add(found.Dump);
        }

        var dumps = certain.Count > 0 ? certain : likely;
        return dumps.Count switch
        {
            1 => dumps[0],
            0 => throw new DumpDamagedException($"it is a tar archive, and none of its {members:N0} files is a dump of PostgreSQL"),
            _ => throw ErrorCatalogue.SeveralDumpsPacked.For(path, string.Join(", ", dumps.Select(d => d.Name))),
        };
    }

    /// <summary>The dump, unpacked, from its first byte.</summary>
    /// <param name="archive">Is disposed of with it.</param>
    public Stream Open(Stream archive, string path)
    {
        var reader = new TarReader(archive);
        try
        {
            while (reader.GetNextEntry() is { } entry)
            {
                if (IsFile(entry) && entry.Name == Name)
                    return Compression.Decompress(new MemberStream(reader, entry.DataStream!), $"{path}: {Name}");
            }

            throw new DumpDamagedException($"it no longer contains {Name}");
        }
        catch
        {
            reader.Dispose();
            archive.Dispose();
            throw;
        }
    }

    private static bool IsFile(TarEntry entry) => entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile && entry.DataStream is not null;

    private static (PackedDump Dump, bool IsCertain)? Look(string path, TarEntry entry)
    {
        var isNamedSo = PlainEndings.Any(e => entry.Name.EndsWith(e, StringComparison.OrdinalIgnoreCase));
        var begin = new byte[ForeignDump.HeadSize];
        begin = begin[..entry.DataStream!.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false)];
        try
        {
            var compression = ForeignDump.CompressionOf($"{path}: {entry.Name}", begin);
            var head = compression.Name == "none" ? begin : Unpacked(compression, begin, entry.DataStream!);
            var (kind, isDump) = ForeignDump.KindOf(head) is var known && known == ForeignKind.Plain
                ? (known, Encoding.Latin1.GetString(head).Contains(PlainHeader, StringComparison.Ordinal))
                : (known, known != ForeignKind.Packed);
            return isDump || (isNamedSo && kind == ForeignKind.Plain && head.Length > 0) ? (new PackedDump(entry.Name, kind, compression), isDump) : null;
        }
        catch (Exception e) when (e is DumpDamagedException or InvalidDataException or EndOfStreamException)
        {
            return null;
        }
        catch (DbSafetyException) when (!IsNamedAsDump(entry.Name))
        {
            // Another packed or encrypted file is skipped.
            return null;
        }
    }

    private static byte[] Unpacked(PayloadCompression compression, byte[] begin, Stream rest) =>
        ForeignDump.Head(compression.Decompress(new Joined(begin, rest), ""));

    private static bool IsNamedAsDump(string name) => InnerEndings.Any(e => Path.GetFileName(name).Contains(e, StringComparison.OrdinalIgnoreCase));

    /// <summary>The bytes that were read, and those that follow; a member is closed by its reader.</summary>
    private sealed class Joined(byte[] begin, Stream rest) : ReadOnlyStream
    {
        private int at;

        public override int Read(Span<byte> buffer)
        {
            if (at == begin.Length)
                return rest.Read(buffer);
            var count = Math.Min(buffer.Length, begin.Length - at);
            begin.AsSpan(at, count).CopyTo(buffer);
            at += count;
            return count;
        }
    }

    private sealed class MemberStream(TarReader reader, Stream data) : ReadOnlyStream
    {
        public override int Read(Span<byte> buffer) => data.Read(buffer);

        /// <summary>The reader disposes of the archive.</summary>
        protected override void Dispose(bool disposing)
        {
            if (disposing)
                reader.Dispose();
            base.Dispose(disposing);
        }
    }
}
