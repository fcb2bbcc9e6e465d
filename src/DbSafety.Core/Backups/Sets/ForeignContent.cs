using DbSafety.Backups.Compression;
using DbSafety.Backups.Dumps;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Errors;

namespace DbSafety.Backups.Sets;

/// <summary>What was read from a foreign dump.</summary>
/// <param name="Toc">An archive's; null for a plain dump.</param>
/// <param name="Plain">A plain dump's; null for an archive.</param>
internal sealed record ForeignContent(DumpCensus Census, ArchiveToc? Toc, PlainContent? Plain)
{
    /// <summary>Reads it to its end.</summary>
    /// <exception cref="DumpDamagedException">It is incomplete, or its structure is invalid.</exception>
    /// <exception cref="InvalidDataException">The compression format reports it.</exception>
    /// <exception cref="DbSafetyException"><c>DBS229</c>.</exception>
    public static ForeignContent Read(ForeignDump dump, CancellationToken ct)
    {
        try
        {
            return ReadAll(dump, ct);
        }
        catch (MoreThanDumpException e)
        {
            throw ErrorCatalogue.FileHoldsMore.Because(e, dump.Path, e.Message, e.Way);
        }
    }

    private static ForeignContent ReadAll(ForeignDump dump, CancellationToken ct)
    {
        if (dump.Kind == ForeignKind.Directory)
            return Of(DirectoryArchive.Count(dump.Path, Environment.ProcessorCount, check: true, ct));
        using var stream = new StoppableStream(dump.Open(), ct);
        try
        {
            switch (dump.Kind)
            {
                case ForeignKind.Custom:
                    return Of(ForeignCustomArchive.Count(stream, ct));
                case ForeignKind.Tar:
                    return Of(TarArchive.Count(stream, ct));
                default:
                    var plain = PlainDump.Read(stream, ct);
                    return new ForeignContent(All(plain), null, plain);
            }
        }
        catch (MoreThanDumpException)
        {
            // Damage can look like it: the checksum of the compression is at its end.
            stream.CopyTo(Stream.Null);
            throw;
        }
    }

    /// <summary>Whether the restored database can be compared with the counts: each row comes from a statement that shows how many rows it creates.</summary>
    public bool IsCounted => Plain is null || Plain.Sections.All(s => s.Uncounted == 0 && (s.Head is not null || s.Statements == 0 || Plain.Named.Count > 0));

    /// <summary>Roles that the definitions of an archive name, in addition to the owners of its objects.</summary>
    public static IEnumerable<string> RolesIn(ArchiveToc toc) => RolesOf(toc, e => e.Description is "ACL" or "DEFAULT ACL" || IsDefinition(e));

    /// <summary>Roles that policies and user mappings name: they must be there though owners and privileges are left out.</summary>
    /// <param name="section">Of a plain dump; null: all.</param>
    public IReadOnlyList<string> DefinitionRoles(string? section) => Toc is { } toc
        ? [.. RolesOf(toc, IsDefinition)]
        : [.. Plain!.Sections.Where(s => section is null || s.Database == section).SelectMany(s => s.DefinitionRoles).Distinct(StringComparer.Ordinal)];

    private static bool IsDefinition(ArchiveEntry entry) => entry.Description is "POLICY" or "USER MAPPING" or "SCHEMA";

    private static IEnumerable<string> RolesOf(ArchiveToc toc, Func<ArchiveEntry, bool> which) =>
        toc.Entries.Where(which).SelectMany(e => DumpRoles.NamedIn(e.Definition)).Distinct(StringComparer.Ordinal);

    private static ForeignContent Of((ArchiveToc Toc, DumpCensus Census) archive) => new(archive.Census, archive.Toc, null);

    /// <summary>Everything in it together; tables of several databases stay apart by their database's name.</summary>
    private static DumpCensus All(PlainContent plain)
    {
        if (plain.Named.Count <= 1)
            return (plain.For("") ?? plain.Sections[0]).Census(plain.Bytes);
        var parts = plain.Sections.Select(s => s.Census(0)).ToList();
        return new DumpCensus
        {
            Tables = [.. plain.Sections.Zip(parts).SelectMany(p => p.Second.Tables.Select(t => t with { Schema = $"{p.First.Database}.{t.Schema}" }))],
            Sequences = [.. parts.SelectMany(p => p.Sequences)],
            LargeObjects = parts.Sum(p => p.LargeObjects),
            Owners = [.. parts.SelectMany(p => p.Owners).Distinct(StringComparer.Ordinal)],
            Secrets = [.. parts.SelectMany(p => p.Secrets)],
            Bytes = plain.Bytes,
        };
    }
}
