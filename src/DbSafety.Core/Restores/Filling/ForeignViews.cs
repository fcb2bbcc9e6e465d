using DbSafety.Backups.Dumps.Archives;

namespace DbSafety.Restores.Filling;

/// <summary>The entries of an archive that populate materialized views from foreign tables, directly or through other views.</summary>
internal static class ForeignViews
{
    public static IReadOnlyList<ArchiveEntry> In(ArchiveToc toc)
    {
        var foreign = toc.Entries.Where(e => e.Description == "FOREIGN TABLE").Select(e => e.DumpId).ToHashSet();
        if (foreign.Count == 0)
            return [];
        var rest = toc.Entries.Where(e => e.Description is "VIEW" or "MATERIALIZED VIEW" or "MATERIALIZED VIEW DATA" or "FUNCTION").ToList();
        while (rest.Where(e => e.Dependencies.Any(foreign.Contains)).ToList() is { Count: > 0 } found)
        {
            foreign.UnionWith(found.Select(e => e.DumpId));
            rest.RemoveAll(found.Contains);
        }

        return [.. toc.Entries.Where(e => e.Description == "MATERIALIZED VIEW DATA" && foreign.Contains(e.DumpId))];
    }
}
