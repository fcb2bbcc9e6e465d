using DbSafety.Backups.Dumps.Archives;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Privileges on objects of extensions, if some extensions are not created. An archive has no definition of such an object and does not name its extension, so
/// the server is asked whether it exists.
/// </summary>
internal static class MemberPrivileges
{
    private static readonly string[] Missing = [PostgresErrorCodes.UndefinedFunction, PostgresErrorCodes.UndefinedTable, PostgresErrorCodes.UndefinedObject, PostgresErrorCodes.InvalidSchemaName];

    /// <returns>Dump IDs of the privileges of objects that do not exist.</returns>
    public static async Task<IReadOnlySet<int>> WithoutObjectAsync(DatabaseTarget database, ArchiveToc toc, IEnumerable<ArchiveEntry> privileges, CancellationToken ct)
    {
        var defined = toc.Entries.Select(e => e.DumpId).ToHashSet();
        var missing = new HashSet<int>();
        foreach (var entry in privileges.Where(e => e.Description == "ACL" && !e.Dependencies.Any(defined.Contains)))
        {
            await using var session = await FillSettings.OpenAsync(database, ct);
            await using var transaction = await session.BeginTransactionAsync(ct);
            try
            {
                await session.ExecuteAsync(entry.Definition, ct);
            }
            catch (PostgresException e) when (Missing.Contains(e.SqlState))
            {
                missing.Add(entry.DumpId);
            }
            catch (PostgresException) when (!ct.IsCancellationRequested)
            {
                // pg_restore reports why it cannot be granted.
            }
        }

        return missing;
    }
}
