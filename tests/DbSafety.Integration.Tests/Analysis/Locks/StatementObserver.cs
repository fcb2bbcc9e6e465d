using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Effects;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Integration.Tests.Analysis.Locks;

/// <summary>Runs statements on a real server, each in a transaction, and looks at what they do from inside of it.</summary>
internal sealed class StatementObserver(NpgsqlConnection connection)
{
    private const string LocksHeld = "SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted AND relation >= 16384";

    /// <summary>How often all rows of a table were read. The view may still hold earlier transactions of the session: only the difference counts.</summary>
    private const string Scans = "SELECT relid, pg_stat_get_xact_numscans(relid) FROM pg_stat_xact_all_tables WHERE relid >= 16384";

    public async Task<ObservedStatement> RunAsync(string sql, IReadOnlyDictionary<uint, CatalogRelation> before, TableContents? contents)
    {
        var scansBefore = await ScansAsync();
        await connection.ExecuteAsync(sql, default);
        var locks = (await connection.ListAsync(LocksHeld, r => (Oid: r.GetFieldValue<uint>(0), Mode: Mode(r.GetString(1))), default))
            .Where(l => before.ContainsKey(l.Oid)).GroupBy(l => l.Oid).ToDictionary(g => g.Key, g => g.Max(l => l.Mode));
        var scansAfter = await ScansAsync();
        var after = await CatalogShape.ReadRelationsAsync(connection);
        var work = new Dictionary<uint, TableWork>();
        foreach (var (oid, _) in locks.Where(l => l.Value >= LockMode.Share && before[l.Key].HasRows))
            work[oid] = Work(before[oid], before, after, scansAfter.GetValueOrDefault(oid) > scansBefore.GetValueOrDefault(oid));
        // Which materialized views CASCADE drops along no statement shows; a database does.
        var cascades = sql.Contains("cascade", StringComparison.OrdinalIgnoreCase);
        var gone = before.Values.Where(r => r.HasRows && !after.ContainsKey(r.Oid) && !(cascades && r.Kind == 'm')).ToList();
        return new ObservedStatement(locks, work, [.. gone.Select(r => $"{r} is gone"), .. contents is null ? [] : await contents.LossesAsync(connection, locks.Where(l => l.Value >= LockMode.RowExclusive && after.ContainsKey(l.Key)).Select(l => before[l.Key]))], after) { Gone = gone.Select(r => r.Oid) };
    }

    public static LockMode Mode(string name) => Enum.Parse<LockMode>(name[..^"Lock".Length]);

    private async Task<Dictionary<uint, long>> ScansAsync() =>
        (await connection.ListAsync(Scans, r => (Oid: r.GetFieldValue<uint>(0), Count: r.GetInt64(1)), default)).ToDictionary(s => s.Oid, s => s.Count);

    private static TableWork Work(CatalogRelation table, IReadOnlyDictionary<uint, CatalogRelation> before, Dictionary<uint, CatalogRelation> after, bool isRead)
    {
        if (!after.TryGetValue(table.Oid, out var now))
            return TableWork.Catalog;
        if (now.File != table.File)
            return TableWork.Rewrite;
        var builds = after.Values.Any(i => i.Kind == 'i' && i.Table == table.Oid && (!before.TryGetValue(i.Oid, out var old) || old.File != i.File));
        return builds && isRead ? TableWork.Build : isRead ? TableWork.Scan : TableWork.Catalog;
    }
}
