using DbSafety.Analysis.Syntax;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Creates objects that call a function that can depend on search_path: pg_restore sets an empty path, regardless of the database and PGOPTIONS. PostgreSQL
/// 17 and later set a safe path themselves while they build an index or populate a materialized view: there it fails here too, and is named.
/// </summary>
internal sealed class PathEntries(DatabaseTarget database, IReadOnlyList<string> paths, IOperationEvents events)
{
    private const string ViewRows = "MATERIALIZED VIEW DATA";

    /// <summary>Entries that are built or populated by calling functions, and the comments on them.</summary>
    private static readonly string[] Kinds = [ViewRows, "INDEX", "INDEX ATTACH", "CONSTRAINT", "CHECK CONSTRAINT", "COMMENT"];

    /// <summary>What such a function is called through.</summary>
    private static readonly string[] Between = ["VIEW", "MATERIALIZED VIEW", "FUNCTION", "AGGREGATE", "OPERATOR", "CAST"];

    /// <param name="withExtensions">Those that call functions of extensions too: an archive does not have their definitions.</param>
    public static IReadOnlyList<ArchiveEntry> In(ArchiveToc toc, bool withExtensions)
    {
        var reached = toc.Entries.Where(e => MayUsePath(e) || (withExtensions && e.Description == "EXTENSION")).Select(e => e.DumpId).ToHashSet();
        if (reached.Count == 0)
            return [];
        var rest = toc.Entries.Where(e => !e.HasData && (Kinds.Contains(e.Description) || Between.Contains(e.Description))).ToList();
        while (rest.Where(e => e.Dependencies.Any(reached.Contains)).ToList() is { Count: > 0 } found)
        {
            reached.UnionWith(found.Select(e => e.DumpId));
            rest.RemoveAll(found.Contains);
        }

        // A comment on any other object is a normal definition.
        var chosen = toc.Entries.Where(e => reached.Contains(e.DumpId) && Kinds.Contains(e.Description) && e.Description != "COMMENT").ToList();
        var ids = chosen.Select(e => e.DumpId).ToHashSet();
        return [.. toc.Entries.Where(e => ids.Contains(e.DumpId) || (e.Description == "COMMENT" && e.Dependencies.Any(ids.Contains)))];
    }

    /// <summary>In their order in the archive.</summary>
    /// <param name="waits">Whether an entry that lacks a privilege, and the entries after it, are left for later.</param>
    /// <returns>What is left.</returns>
    /// <exception cref="DbSafetyException"><c>DBS310</c>, <c>DBS329</c>.</exception>
    public async Task<IReadOnlyList<ArchiveEntry>> CreateAsync(IReadOnlyList<ArchiveEntry> entries, CancellationToken ct, bool waits = false)
    {
        if (entries.Count == 0)
            return [];
        await using var session = await FillSettings.OpenAsync(database, ct);
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            var name = $"{entry.Description.ToLowerInvariant()} {SqlName.Display(entry.Schema, entry.Tag)}";
            try
            {
                // Empty: the database's own.
                await session.ExecuteAsync("SELECT pg_catalog.set_config('default_tablespace', $1, false)", ct, entry.Tablespace);
                await SearchPath.RunAsync(session, paths, () => session.ExecuteAsync(entry.Definition, ct), ct);
            }
            catch (PostgresException e) when (waits && e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
            {
                return [.. entries.Skip(i)];
            }
            catch (PostgresException e) when (entry.Description == ViewRows && (SearchPath.IsMissing(e) || e.SqlState == PostgresErrorCodes.ObjectNotInPrerequisiteState))
            {
                events.Warning($"materialized view {SqlName.Display(entry.Schema, entry.Tag)} is not populated: {SearchPath.Words(e)}; set a search_path for the function that depends on it (ALTER FUNCTION ... SET search_path = ...), then REFRESH MATERIALIZED VIEW");
            }
            catch (PostgresException e) when (SearchPath.IsMissing(e))
            {
                throw ErrorCatalogue.NotRestorable.Because(e, name, SearchPath.Words(e));
            }
            catch (PostgresException e) when (!ct.IsCancellationRequested)
            {
                throw ErrorCatalogue.TableNotRestored.Because(e, name, e.MessageText);
            }
        }

        return [];
    }

    private static bool MayUsePath(ArchiveEntry entry) =>
        entry.Description == "FUNCTION"
        && !entry.Definition.Contains("LANGUAGE c ", StringComparison.Ordinal)
        && !entry.Definition.Contains("SET search_path TO ", StringComparison.Ordinal)
        && !entry.Definition.Contains("BEGIN ATOMIC", StringComparison.Ordinal);
}
