using System.Globalization;
using System.Text.RegularExpressions;
using DbSafety.Backups.Dumps;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Definitions;

namespace DbSafety.Backups.Sets;

/// <summary>
/// Creates a set from a foreign dump: with a manifest built from the dump itself, so that it passes the same checks as a set of DbSafety. What only
/// the database could have shown stays unproven, and is reported.
/// </summary>
internal static partial class ForeignSet
{
    private const string NoManifest = "that the dump holds all data of the database, unchanged: it has no manifest";

    /// <summary>By its name and size alone.</summary>
    public static PgBackup Named(ForeignDump dump) => Set(dump, new BackupManifest
    {
        Database = Path.GetFileName(dump.Path).Split('.')[0],
        Environment = "",
        Format = Format(dump),
        Compression = dump.Compression.Name,
        Source = new BackupSource("", 0, "", "", 0, ""),
        SnapshotTime = Changed(dump.Path),
        DurationSeconds = 0,
        Properties = Unknown,
        Tables = [],
        Sequences = [],
        LargeObjects = 0,
        SchemaHash = "",
        NotProven = [NoManifest],
        Files = Files(dump.Path),
    });

    /// <summary>As it was read.</summary>
    public static PgBackup Of(ForeignDump dump, ForeignContent content)
    {
        var set = Named(dump);
        var (census, section) = (content.Census, content.Plain?.For(""));
        var (server, tool) = (content.Toc?.ServerVersion ?? section?.Head?.ServerVersion ?? "", content.Toc?.PgDumpVersion ?? section?.Head?.PgDumpVersion ?? "");
        return Set(dump with { Content = content }, set.Manifest with
        {
            Database = content.Toc?.Database is { Length: > 0 } named ? named : section?.Database is { Length: > 0 } connected ? connected : set.Database,
            Source = new BackupSource("", 0, "", server, Major(server), tool),
            Properties = Properties(content, section).Properties,
            Tables = census.Tables,
            Sequences = census.Sequences,
            LargeObjects = census.LargeObjects,
            Extensions = [.. Extensions(content).Select(e => new ExtensionVersion(e, "", ""))],
            Roles = [.. Roles(content)],
            Findings = [.. census.Secrets.Select(s => $"the dump contains a secret: {s}")],
            NotProven = [NoManifest, .. Open(dump, content), .. Unread(content, section)],
        });
    }

    /// <summary>The part of it that is for one database.</summary>
    public static PgBackup Section(PgBackup backup, PlainSection section)
    {
        var (census, content) = (section.Census(0), backup.Foreign!.Content!);
        return backup with
        {
            Foreign = backup.Foreign with { Section = section.Database },
            Manifest = backup.Manifest with
            {
                Tables = census.Tables,
                Sequences = census.Sequences,
                LargeObjects = census.LargeObjects,
                Roles = census.Owners,
                Extensions = [.. section.Extensions.Select(e => new ExtensionVersion(e, "", ""))],
                Properties = Properties(content, section).Properties,
                NotProven = [NoManifest, .. Open(backup.Foreign, content), .. Unread(content, section)],
            },
        };
    }

    /// <summary>The leading number of a version; before 10 that is less than a major version says. 0: unknown.</summary>
    public static int Major(string version) => int.TryParse(NumberPattern().Match(version).Value, out var major) ? major : 0;

    private static DatabaseProperties Unknown => new() { Owner = "", Encoding = "", Collate = "", CType = "" };

    private static PgBackup Set(ForeignDump dump, BackupManifest manifest) => new(dump.Path, manifest) { State = BackupState.Foreign, Foreign = dump };

    private static BackupFormat Format(ForeignDump dump) => dump.Kind switch
    {
        ForeignKind.Plain => BackupFormat.Plain,
        ForeignKind.Directory => BackupFormat.Directory,
        _ => BackupFormat.Custom,
    };

    private static DateTimeOffset Changed(string path) =>
        new(File.GetLastWriteTimeUtc(File.Exists(Path.Combine(path, "toc.dat")) ? Path.Combine(path, "toc.dat") : path), TimeSpan.Zero);

    private static List<BackupFile> Files(string path) => Directory.Exists(path)
        ? [.. new DirectoryInfo(path).EnumerateFiles().OrderBy(f => f.Name, StringComparer.Ordinal).Select(f => new BackupFile($"{Path.GetFileName(path)}/{f.Name}", f.Length, ""))]
        : [new BackupFile(Path.GetFileName(path), new FileInfo(path).Length, "")];

    private static IEnumerable<string> Open(ForeignDump dump, ForeignContent content)
    {
        if (dump.Packed is { } packed)
            yield return $"the other files of the archive: the dump is {packed.Name}";
        if (dump.Kind == ForeignKind.Directory && content.Toc!.Compression == ArchiveCompression.None && content.Census.LargeObjects > 0)
            yield return "the contents of its large objects, whose length it does not record";
        if (content.Plain is not { } plain)
            yield break;
        if (plain.Sections.All(s => s.Head is null))
            yield return "that it is complete: it was not written by pg_dump, or its comments were removed";
        if (plain.Sections.Sum(s => s.Uncounted) is > 0 and var uncounted)
            yield return $"the rows that {uncounted:N0} of its statements create or change: {string.Join("; ", plain.Sections.SelectMany(s => s.Doubts.Statements).Take(3))}";
        if (plain.Sections.Any(s => s.Doubts.IsOpen))
            yield return "it begins a transaction that it does not end, so what follows its BEGIN is rolled back";
        foreach (var section in plain.Sections)
        {
            if (section.Doubts.Sequences is { } statement)
                yield return $"the values of its sequences, which can change after they are set: {statement}";
            foreach (var table in section.Doubts.Tables)
                yield return $"the rows of {table}: INSERT … ON CONFLICT skips rows that already exist";
            if (section.NameUses.Statements is { Count: > 0 } named)
                yield return $"values that are the name of the database, which has a temporary name while it is restored: {string.Join("; ", named)}";
            if (section.Users.Count > 0)
                yield return $"the owners of objects after \\connect as {string.Join(", ", section.Users)}: they are created as the role that restores";
        }

        if (plain.Sections.Sum(s => s.Globals) is > 0 and var globals)
            yield return $"the server's roles and tablespaces: {globals:N0} statements of pg_dumpall, which are left out";
        if (plain.Named.Count > 0 && plain.Sections[0] is { Effective: > 0 } outside)
            yield return $"statements for no database that \\connect names, which are left out: {outside.Effective:N0} statements with {outside.Census(0).Rows:N0} rows";
        if (plain.Named.Count > 1)
            yield return $"it holds {plain.Named.Count:N0} databases; one is restored at a time: {string.Join(", ", plain.Named.Select(s => s.Database))}";
    }

    private static IEnumerable<string> Extensions(ForeignContent content) => content.Toc is { } toc
        ? toc.Entries.Where(e => e.Description == "EXTENSION").Select(e => e.Tag)
        : content.Plain!.Sections.SelectMany(s => s.Extensions).Distinct(StringComparer.Ordinal);

    private static IEnumerable<string> Roles(ForeignContent content) => content.Toc is { } toc
        ? toc.Owners().Union(ForeignContent.RolesIn(toc), StringComparer.Ordinal).Order(StringComparer.Ordinal)
        : content.Census.Owners;

    private static IEnumerable<string> Unread(ForeignContent content, PlainSection? section) =>
        Properties(content, section).Unread.Take(5).Select(s => $"the effect of this statement on the database, which is left out: {StatementText.Excerpt(s, 100)}");

    /// <summary>The properties of its database in the dump, and the statements about it that are not understood.</summary>
    private static (DatabaseProperties Properties, IReadOnlyList<string> Unread) Properties(ForeignContent content, PlainSection? section)
    {
        if (content.Toc is { } toc)
        {
            var entry = toc.Entries.FirstOrDefault(e => e.Description == "DATABASE");
            return entry is null ? (Unknown, []) : DatabaseStatements.Read(FromCreation(entry.Definition, entry.Owner), entry.Tag, toc.Entries.Where(IsOfDatabase).Select(e => e.Definition));
        }

        var sections = content.Plain!.Sections;
        // A script whose reader chooses the database can only mean another one by its name.
        if (section is null || section.Database.Length == 0)
            return (Unknown with { Encoding = section?.Encoding ?? "" }, [.. sections.SelectMany(s => s.DatabaseStatements.Except(s.Creations)).Where(s => !IsOfSession(s))]);
        var creation = sections.SelectMany(s => s.Creations).LastOrDefault(c => StatementTokens.Split(c).First() is var statement && statement.Skip("CREATE", "DATABASE") && statement.Take() == section.Database);
        var (properties, unread) = DatabaseStatements.Read(creation is null ? Unknown with { Encoding = section.Encoding } : FromCreation(creation, ""), section.Database, sections.SelectMany(s => s.DatabaseStatements));
        return (properties, unread);
    }

    private static bool IsOfDatabase(ArchiveEntry entry) => entry.Description == "DATABASE PROPERTIES" || entry.Description is "COMMENT" or "SECURITY LABEL" or "ACL" && DatabaseStatement.Is(entry.Definition) || (entry.Description == "ACL" && entry.Tag.StartsWith("DATABASE ", StringComparison.Ordinal));

    private static bool IsOfSession(string statement) => statement.Contains("SESSION AUTHORIZATION", StringComparison.OrdinalIgnoreCase);

    private static DatabaseProperties FromCreation(string creation, string owner)
    {
        var options = OptionPattern().Matches(creation).DistinctBy(m => m.Groups[1].Value.ToUpperInvariant()).ToDictionary(m => m.Groups[1].Value.ToUpperInvariant(), m => StatementTokens.Split(m.Groups[2].Value).First().Take(), StringComparer.Ordinal);
        string? Of(params string[] names) => names.Select(options.GetValueOrDefault).FirstOrDefault(v => v is not null);
        return new DatabaseProperties
        {
            Owner = Of("OWNER") ?? owner,
            ConnectionLimit = int.TryParse(Of("CONNECTION LIMIT"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit) ? limit : -1,
            IsTemplate = Of("IS_TEMPLATE") is "true" or "on" or "1",
            Encoding = Of("ENCODING") ?? "",
            Collate = Of("LC_COLLATE", "LOCALE") ?? "",
            CType = Of("LC_CTYPE", "LOCALE") ?? "",
            LocaleProvider = Of("LOCALE_PROVIDER") switch { "icu" => "i", "builtin" => "b", _ => "c" },
            IcuLocale = Of("ICU_LOCALE", "BUILTIN_LOCALE"),
            IcuRules = Of("ICU_RULES"),
            Tablespace = Of("TABLESPACE"),
        };
    }

    [GeneratedRegex(@"\A\d+")]
    private static partial Regex NumberPattern();

    [GeneratedRegex(@"\b(OWNER|CONNECTION LIMIT|IS_TEMPLATE|ENCODING|LOCALE|LC_COLLATE|LC_CTYPE|LOCALE_PROVIDER|ICU_LOCALE|ICU_RULES|BUILTIN_LOCALE|TABLESPACE)(?:\s*=\s*|\s+)('(?:[^']|'')*'|""(?:[^""]|"""")*""|-?\w+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OptionPattern();
}
