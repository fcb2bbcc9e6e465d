using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Databases.Tables;

namespace DbSafety.Backups.Dumps.Archives;

/// <summary>One entry of an archive's table of contents.</summary>
internal sealed partial record ArchiveEntry(int DumpId, bool HasData, string Tag, string Description, string Definition, string Schema, string Owner)
{
    /// <summary>The file of a directory dump that holds the data.</summary>
    public string? FileName { get; init; }

    /// <summary>Where the data begins, as a custom archive records it; null if it does not, as in an archive written to a pipe.</summary>
    public long? Offset { get; init; }

    /// <summary><c>COPY schema.table (columns) FROM stdin;</c>, where it has a table's rows.</summary>
    public string CopyStatement { get; init; } = "";

    /// <summary>Empty: the database's own.</summary>
    public string Tablespace { get; init; } = "";

    /// <summary>Dump IDs of the entries that must exist before it.</summary>
    public IReadOnlyList<int> Dependencies { get; init; } = [];

    /// <summary><c>pre-data</c>, <c>data</c> or <c>post-data</c>; comments, privileges and security labels are in the section of their object.</summary>
    public string Section { get; init; } = "";

    /// <summary>Settings of the session, for every section that is restored.</summary>
    public bool IsForSession => Description is "ENCODING" or "STDSTRINGS" or "SEARCHPATH";

    public ArchivePlace Place { get; init; }

    /// <summary>When it is restored: as by pg_restore (src/bin/pg_dump/pg_backup_archiver.c, function _tocEntryRestorePass), but event triggers come last.</summary>
    public RestorePass Pass => Description switch
    {
        "ACL" or "ACL LANGUAGE" or "DEFAULT ACL" => RestorePass.Privileges,
        "EVENT TRIGGER" => RestorePass.EventTriggers,
        "COMMENT" or "SECURITY LABEL" when Tag.StartsWith("EVENT TRIGGER ", StringComparison.Ordinal) => RestorePass.EventTriggers,
        "MATERIALIZED VIEW DATA" => RestorePass.Last,
        "STATISTICS DATA" when Section == "post-data" => RestorePass.Last,
        _ => RestorePass.Objects,
    };

    /// <summary>The partitioned table through which the rows are loaded; null: they are loaded into the table itself.</summary>
    public TableName? Root =>
        Description == "TABLE DATA" && (TargetPattern().Match(CopyStatement) is { Success: true } copy ? copy : TargetPattern().Match(Definition)) is { Success: true } named
        && new TableName(PlainSection.Unquote(named.Groups[1].Value), PlainSection.Unquote(named.Groups[2].Value)) is var target && target != new TableName(Schema, Tag) ? target : null;

    public TableCount Counted(long rows) => new(Schema, Tag, rows) { Root = Root, LoadsByRoot = Root is null ? null : true };

    /// <summary>Where rows are INSERT statements, a comment alone names the root.</summary>
    [GeneratedRegex("""\A(?:COPY |-- load via partition root )("(?:[^"]|"")+"|[^\s".(;]+)\.("(?:[^"]|"")+"|[^\s".(;]+)""")]
    private static partial Regex TargetPattern();
}

/// <summary>The passes of a restore, each over all sections, one after the other.</summary>
internal enum RestorePass
{
    /// <summary>Objects and rows.</summary>
    Objects,

    /// <summary>Privileges: a role that grants its own privileges to others needs the grants that it received first.</summary>
    Privileges,

    /// <summary>What uses privileges.</summary>
    Last,

    /// <summary>Objects that must not fire during the restore.</summary>
    EventTriggers,
}

/// <summary>The positions of an entry in the archive, of its definition and owner, and of the part that only its own format has.</summary>
internal readonly record struct ArchivePlace(int Start, (int From, int To) Definition, (int From, int To) Owner, int Own);

/// <summary>
/// The head of pg_dump's custom and directory archives: format versions 1.10 to 1.16, as PostgreSQL 8.0 to 18 write them
/// (src/bin/pg_dump/pg_backup_archiver.c, functions ReadHead and ReadToc).
/// </summary>
internal sealed partial class ArchiveToc
{
    /// <summary>Before 1.11 (PostgreSQL 8.4) entries have no section.</summary>
    private const int OldestMinor = 10, WithSections = 11;

    private const int FirstSection = 2; // SECTION_PRE_DATA in src/bin/pg_dump/pg_backup.h

    /// <summary>The sign before a number.</summary>
    internal const int Positive = 0;

    private static readonly string[] Sections = ["pre-data", "data", "post-data"];

    /// <summary>As an archive has it.</summary>
    public static int SectionNumber(ArchiveEntry entry) => FirstSection + Array.IndexOf(Sections, entry.Section);

    private ArchiveToc(ArchiveCompression compression, IReadOnlyList<ArchiveEntry> entries, int integerBytes, int offsetBytes)
    {
        OffsetBytes = offsetBytes;
        Compression = compression;
        Entries = entries;
        IntegerBytes = integerBytes;
    }

    /// <summary>How the data of each entry is packed.</summary>
    public ArchiveCompression Compression { get; }

    public required string Database { get; init; }

    public required string ServerVersion { get; init; }

    /// <summary>Of names and definitions.</summary>
    public Encoding TextEncoding { get; private init; } = Encoding.UTF8;

    public required string PgDumpVersion { get; init; }

    public IReadOnlyList<ArchiveEntry> Entries { get; }

    public int IntegerBytes { get; }

    public int OffsetBytes { get; }

    /// <summary>Whether each entry records its section.</summary>
    public bool HasSections => Minor >= WithSections;

    private int Minor { get; init; }

    /// <summary>The position of the number of entries in the archive.</summary>
    public int CountAt { get; private init; }

    /// <param name="isDirectory">True for a tar archive's <c>toc.dat</c> too: it has the format and the entries of a directory dump's.</param>
    public static ArchiveToc Read(DumpInput input, bool isDirectory)
    {
        if (input.ReadText(5) != "PGDMP")
            throw new DumpDamagedException("it does not begin with the header of a pg_dump archive");
        int major = input.ReadByte(), minor = input.ReadByte();
        _ = input.ReadByte();
        if (major != 1 || minor is < OldestMinor or > 16)
            throw new DumpDamagedException($"its archive version {major}.{minor} is not supported");
        int integerBytes = input.ReadByte(), offsetBytes = input.ReadByte(), format = input.ReadByte();
        if (integerBytes is < 4 or > 8 || offsetBytes is < 4 or > 8 || format != (isDirectory ? 3 : 1))
            throw new DumpDamagedException("its header is invalid");
        var compression = ReadCompression(input, minor, integerBytes);
        for (var i = 0; i < 7; i++)
            ReadInt(input, integerBytes);
        input.TextEncoding = DumpText.Raw;
        var names = Enumerable.Range(0, 3).Select(_ => ReadString(input, integerBytes) ?? "").ToList();
        var countAt = (int)input.Position;
        var count = ReadInt(input, integerBytes);
        if (count < 0)
            throw new DumpDamagedException("its number of entries is invalid");
        var entries = new List<ArchiveEntry>(Math.Clamp(count, 0, 100_000));
        input.TextEncoding = Encoding.UTF8;
        for (var i = 0; i < count; i++)
        {
            var entry = ReadEntry(input, minor, integerBytes, offsetBytes, isDirectory);
            // What has no section of its own follows its object (ProcessArchiveRestoreOptions).
            entries.Add(entry.Section.Length > 0 ? entry : entry with { Section = i > 0 ? entries[^1].Section : Sections[0] });
            // pg_dump writes this entry first of all.
            if (entry.Description == "ENCODING" && PlainSection.EncodingIn(entry.Definition) is { } named)
                input.TextEncoding = DumpText.EncodingOf(named);
        }

        if (entries.Select(e => e.DumpId).Distinct().Count() != entries.Count)
            throw new DumpDamagedException("two of its entries have the same dump ID");
        return new ArchiveToc(compression, entries, integerBytes, offsetBytes) { CountAt = countAt, Minor = minor, TextEncoding = input.TextEncoding, Database = DumpText.Decode(names[0], input.TextEncoding), ServerVersion = names[1], PgDumpVersion = names[2] };
    }

    /// <summary>
    /// pg_dump writes the table of contents a second time, with the offsets of the data: over the first copy, or to the end of a file to which a shell appends
    /// (<c>&gt;&gt;</c>). Reads the second copy, after its first byte, and checks that nothing follows.
    /// </summary>
    /// <exception cref="DumpDamagedException">It differs from the first copy.</exception>
    public void ReadAgain(DumpInput input)
    {
        input.TextEncoding = TextEncoding;
        if (ReadMagnitude(input, IntegerBytes) != Entries.Count || Entries.Any(e => ReadEntry(input, Minor, IntegerBytes, OffsetBytes, isDirectory: false) is var again && (again.DumpId, again.HasData, again.Tag) != (e.DumpId, e.HasData, e.Tag)))
            throw new DumpDamagedException($"its data is not followed by a second copy of its table of contents, near byte {input.Position:N0}");
        if (input.Peek() is { IsEmpty: false } more)
            throw MoreThanDumpException.After(more, input.Position);
    }

    /// <summary>Before PostgreSQL 16 this was gzip's level, 0 for none.</summary>
    private static ArchiveCompression ReadCompression(DumpInput input, int minor, int integerBytes)
    {
        var value = minor >= 15 ? input.ReadByte() : ReadInt(input, integerBytes) == 0 ? 0 : 1;
        return value <= (int)ArchiveCompression.Zstd ? (ArchiveCompression)value : throw new DumpDamagedException("its header is invalid");
    }

    public static int ReadInt(DumpInput input, int bytes)
    {
        var sign = input.ReadByte();
        var value = ReadMagnitude(input, bytes);
        return sign == Positive ? value : -value;
    }

    private static int ReadMagnitude(DumpInput input, int bytes)
    {
        long value = 0;
        for (var i = 0; i < bytes; i++)
            value |= (long)input.ReadByte() << (8 * i);
        return value is < 0 or > int.MaxValue ? throw new DumpDamagedException($"invalid number near byte {input.Position:N0}") : (int)value;
    }

    /// <summary>Sequence values, from the archive's setval calls.</summary>
    public IReadOnlyList<SequenceValue> Sequences() =>
        [.. Entries.Where(e => e.Description == "SEQUENCE SET").Select(SequenceOf).OrderBy(s => s.Schema, StringComparer.Ordinal).ThenBy(s => s.Name, StringComparer.Ordinal)];

    public IReadOnlyList<string> Owners() =>
        [.. Entries.Select(e => e.Owner).Where(o => o.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Passwords in the options of user mappings and subscriptions.</summary>
    public IReadOnlyList<string> Secrets() =>
        [.. Entries.Where(e => e.Description is "USER MAPPING" or "SUBSCRIPTION" && e.Definition.Contains("password", StringComparison.OrdinalIgnoreCase))
            .Select(e => $"{e.Description.ToLowerInvariant()} {e.Tag} contains a password")];

    private static SequenceValue SequenceOf(ArchiveEntry entry)
    {
        var match = SetvalPattern().Match(entry.Definition);
        if (!match.Success)
            throw new DumpDamagedException($"the value of sequence {entry.Schema}.{entry.Tag} cannot be read");
        return new SequenceValue(entry.Schema, entry.Tag, long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), match.Groups[2].Value == "true");
    }

    private static ArchiveEntry ReadEntry(DumpInput input, int minor, int integerBytes, int offsetBytes, bool isDirectory)
    {
        var start = (int)input.Position;
        string Text() => ReadString(input, integerBytes) ?? "";
        var id = ReadInt(input, integerBytes);
        var hasData = ReadInt(input, integerBytes) != 0;
        Text(); // table oid
        Text(); // oid
        var tag = Text();
        var description = Text();
        var section = minor >= WithSections ? ReadInt(input, integerBytes) : SectionOf(description);
        var definitionAt = (int)input.Position;
        var definition = Text();
        var definitionEnd = (int)input.Position;
        Text(); // drop statement
        var copy = Text();
        var schema = Text();
        var tablespace = Text();
        if (minor >= 14)
            Text(); // table access method
        if (minor >= 16)
            ReadInt(input, integerBytes); // relkind
        var ownerAt = (int)input.Position;
        var owner = Text();
        var ownerEnd = (int)input.Position;
        Text(); // with oids
        var dependencies = new List<int>();
        while (ReadString(input, integerBytes) is { } dependency)
            dependencies.Add(int.TryParse(dependency, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new DumpDamagedException($"a dependency of {tag} is invalid"));

        var own = (int)input.Position;
        var file = isDirectory ? Text() : null;
        var offset = isDirectory ? null : ReadOffset(input, offsetBytes);

        return new ArchiveEntry(id, hasData, tag, description, definition, schema, owner)
        {
            FileName = file is { Length: > 0 } ? file : null,
            Offset = offset,
            CopyStatement = copy,
            Tablespace = tablespace,
            Dependencies = dependencies,
            Section = section >= FirstSection && section < FirstSection + Sections.Length ? Sections[section - FirstSection] : "",
            Place = new ArchivePlace(start, (definitionAt, definitionEnd), (ownerAt, ownerEnd), own),
        };
    }

    /// <summary>By the rules of pg_restore (ReadToc).</summary>
    private static int SectionOf(string description) => description switch
    {
        "COMMENT" or "ACL" or "ACL LANGUAGE" => 0,
        "TABLE DATA" or "BLOBS" or "BLOB COMMENTS" => FirstSection + 1,
        "CONSTRAINT" or "CHECK CONSTRAINT" or "FK CONSTRAINT" or "INDEX" or "RULE" or "TRIGGER" => FirstSection + 2,
        _ => FirstSection,
    };

    /// <summary>A flag (2: it is known) and a number of 8 bytes or less, the lowest first.</summary>
    private static long? ReadOffset(DumpInput input, int bytes)
    {
        var known = input.ReadByte() == 2;
        long value = 0;
        for (var i = 0; i < bytes; i++)
            value |= (long)input.ReadByte() << (8 * i);
        return known ? value : null;
    }

    private static string? ReadString(DumpInput input, int integerBytes)
    {
        var length = ReadInt(input, integerBytes);
        return length switch
        {
            < 0 => null,
            > 1 << 30 => throw new DumpDamagedException($"invalid length near byte {input.Position:N0}"),
            _ => input.ReadText(length),
        };
    }

    [GeneratedRegex(@", (-?\d+), (true|false)\);\s*$")]
    private static partial Regex SetvalPattern();
}
