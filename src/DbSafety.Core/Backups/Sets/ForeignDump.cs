using DbSafety.Backups.Compression;
using DbSafety.Backups.Dumps;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Definitions;
using DbSafety.Errors;

namespace DbSafety.Backups.Sets;

/// <summary>The kind of a dump that DbSafety did not create.</summary>
internal enum ForeignKind
{
    Plain,
    Custom,
    Tar,
    Directory,

    /// <summary>A tar archive of any files, with a dump among them.</summary>
    Packed,
}

/// <summary>A dump that was created manually or by another tool. Its content decides its kind: names and endings are not reliable.</summary>
/// <param name="Path">The file, or the folder of a directory dump.</param>
/// <param name="Compression">Of the entire file; not the compression of pg_dump inside an archive.</param>
internal sealed record ForeignDump(string Path, ForeignKind Kind, PayloadCompression Compression)
{
    private const int TarMark = 257;
    internal const int HeadSize = 4096;

    /// <summary>Everything that was read from it, once it was.</summary>
    public ForeignContent? Content { get; init; }

    /// <summary>The member of a tar archive that the dump is; null where the file itself is one.</summary>
    public PackedDump? Packed { get; init; }

    /// <summary>It has rows of tables and creates none.</summary>
    public bool IsDataOnly => Content switch
    {
        { Toc: { } toc } => toc.Entries.Any(e => e.Description == "TABLE DATA") && !toc.Entries.Any(e => e.Description is "TABLE" or "EXTENSION"),
        { Plain: { } plain } => plain.Sections.FirstOrDefault(s => s.Database == Section) is { HasRows: true, IsCreating: false },
        _ => false,
    };

    /// <summary>The database whose encoding a new database gets if the server's locale does not support the encoding of the dump; null: none.</summary>
    public DatabaseProperties? OtherLocale { get; init; }

    /// <summary>Which part of a plain dump is meant, as its <c>\connect</c> names it; empty where there are no parts.</summary>
    public string Section { get; init; } = "";

    /// <summary>By its first bytes. What a tar archive of any files holds is found by <see cref="Locate"/>.</summary>
    /// <exception cref="DumpDamagedException">It is not a dump, or it is damaged.</exception>
    /// <exception cref="DbSafetyException"><c>DBS209</c>, <c>DBS211</c>, <c>DBS212</c>, <c>DBS227</c>, <c>DBS229</c>, <c>DBS230</c>.</exception>
    public static ForeignDump Identify(string path)
    {
        if (Directory.Exists(path))
        {
            return File.Exists(System.IO.Path.Combine(path, "toc.dat"))
                ? new ForeignDump(path, ForeignKind.Directory, PayloadCompression.None)
                : throw new DumpDamagedException("it is a folder without toc.dat, so it is not a complete directory-format dump");
        }

        var compression = CompressionOf(path, Head(SetFiles.Open(path)));
        var dump = new ForeignDump(path, ForeignKind.Plain, compression);
        var head = Head(dump.Open());
        if (head.Length == 0)
            throw new DumpDamagedException("it is empty");
        DumpEncryption.Refuse(path, head);
        OtherSystems.Refuse(path, head);
        if (head.AsSpan().IndexOf("\nPGDMP\u0001"u8) is > 0 and var end && MoreThanDumpException.Before(DumpText.Raw.GetString(head), end + 2, isLine: false) is var more)
            throw ErrorCatalogue.FileHoldsMore.Because(more, path, more.Message, more.Way);
        return dump with { Kind = KindOf(head) };
    }

    /// <summary>The dump unpacked, from its first byte.</summary>
    public Stream Open() => Packed is { } packed ? packed.Open(Unpack(), Path) : Unpack();

    /// <summary>Finds the dump in a tar archive of any files.</summary>
    /// <exception cref="DumpDamagedException">There is none in it.</exception>
    /// <exception cref="DbSafetyException"><c>DBS212</c>, <c>DBS227</c>, <c>DBS230</c>, <c>DBS231</c>, <c>DBS232</c>.</exception>
    public ForeignDump Locate(CancellationToken ct)
    {
        if (Kind != ForeignKind.Packed)
            return this;
        // One that is not packed is not read but where members begin.
        using var archive = Compression.Name == "none" ? Unpack() : new StoppableStream(Unpack(), ct);
        var packed = PackedDump.Find(Path, archive, ct);
        var found = this with { Kind = packed.Kind, Packed = packed };
        OtherSystems.Refuse($"{Path}: {packed.Name}", Head(found.Open()));
        return found;
    }

    private Stream Unpack() => Compression.Decompress(SetFiles.Open(Path), Path);

    /// <exception cref="DumpDamagedException">It does not look like a dump.</exception>
    internal static ForeignKind KindOf(byte[] head)
    {
        if (head.AsSpan().StartsWith("PGDMP"u8))
            return ForeignKind.Custom;
        if (head.Length > TarMark + 5 && head.AsSpan(TarMark).StartsWith("ustar"u8))
            return head.AsSpan().StartsWith("toc.dat\0"u8) ? ForeignKind.Tar : ForeignKind.Packed;
        if (head.Contains((byte)0) || TextDamage.Explain(head) is not null && head[0] >= 0x80)
            throw new DumpDamagedException("it is neither an archive of pg_dump nor SQL");
        return ForeignKind.Plain;
    }

    /// <exception cref="DbSafetyException"><c>DBS212</c>, <c>DBS230</c>.</exception>
    internal static PayloadCompression CompressionOf(string path, ReadOnlySpan<byte> head)
    {
        DumpEncryption.Refuse(path, head);
        head = AfterSkippable(head);
        if (head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return PayloadCompression.Gzip;
        if (head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) || IsSkippable(head))
            return PayloadCompression.Zstd;
        var other = head.StartsWith((ReadOnlySpan<byte>)[0x04, 0x22, 0x4D, 0x18]) ? "lz4"
            : head.StartsWith("BZh"u8) ? "bzip2"
            : head.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z']) ? "xz"
            : head.StartsWith("PK\x03\x04"u8) ? "zip"
            : head.StartsWith((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C]) ? "7z"
            : head.StartsWith("Rar!\x1A"u8) ? "rar"
            : head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x9D]) ? "compress"
            : null;
        return other is null ? PayloadCompression.None : throw ErrorCatalogue.CompressionUnknown.For(path, other);
    }

    /// <summary>Frames that hold no data can precede the others, as pzstd writes them (RFC 8878, 3.1.2).</summary>
    private static ReadOnlySpan<byte> AfterSkippable(ReadOnlySpan<byte> head)
    {
        const int Start = 8;
        while (head.Length > Start && IsSkippable(head) && System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) is var size && size < head.Length - Start)
            head = head[(Start + (int)size)..];
        return head;
    }

    private static bool IsSkippable(ReadOnlySpan<byte> head) => head.Length > 4 && (head[0] & 0xF0) == 0x50 && head[1..].StartsWith((ReadOnlySpan<byte>)[0x2A, 0x4D, 0x18]);

    internal static byte[] Head(Stream stream)
    {
        using (stream)
        {
            var head = new byte[HeadSize];
            return head[..stream.ReadAtLeast(head, HeadSize, throwOnEndOfStream: false)];
        }
    }
}
