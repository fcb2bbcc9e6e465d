using System.Globalization;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Applying;

/// <summary>Large objects that a transaction removed or overwrote. Their pages are rows of a catalog, which PostgreSQL counts as it counts those of any table.</summary>
internal sealed class LargeObjectLosses(NpgsqlConnection connection, NpgsqlConnection observer)
{
    public const string Rule = "remove-large-objects", OverwriteRule = "overwrite-large-objects";

    /// <summary>Large objects have no names, so they are allowed together.</summary>
    public const string All = "all";

    /// <summary>The large objects that existed before.</summary>
    public long Removed { get; private set; }

    /// <summary>The oids of all existing large objects.</summary>
    public static async Task<HashSet<uint>> ReadAsync(NpgsqlConnection connection, CancellationToken ct) =>
        (await connection.ListAsync("SELECT oid FROM pg_catalog.pg_largeobject_metadata", r => r.GetFieldValue<uint>(0), ct)).ToHashSet();

    /// <summary>Compares two states of a copy to which no other session writes.</summary>
    public static IEnumerable<UnexpectedLoss> Between(HashSet<uint> before, HashSet<uint> after, Coverage coverage) =>
        before.Count(o => !after.Contains(o)) is > 0 and var removed && Loss(removed) is var loss && !coverage.IsNamed(loss.AllowAs) ? [loss] : [];

    public static UnexpectedLoss Overwritten(long objects) =>
        new($"{OverwriteRule}:{All}", string.Create(CultureInfo.InvariantCulture, $"{objects:N0} large {(objects == 1 ? "object" : "objects")} would be overwritten"));

    private static UnexpectedLoss Loss(long removed) =>
        new($"{Rule}:{All}", string.Create(CultureInfo.InvariantCulture, $"{removed:N0} large {(removed == 1 ? "object" : "objects")} would be removed"));

    public async Task<IReadOnlyList<UnexpectedLoss>> FindAsync((RowCounts? Objects, RowCounts? Pages) written, CancellationToken ct)
    {
        var losses = new List<UnexpectedLoss>();
        if (written.Objects is { Deleted: > 0 } objects)
            await RemovedAsync(objects.Updated, ct);
        if (Removed > 0)
            losses.Add(Loss(Removed));
        // Removing one deletes its pages; an update of a page overwrites bytes or adds some.
        var pages = written.Pages is { } p ? p.Updated + (Removed > 0 ? 0 : p.Deleted) : 0;
        if (pages > 0 && await OverwrittenAsync(pages, ct) is { } text)
            losses.Add(new UnexpectedLoss($"{OverwriteRule}:{All}", text));
        return losses;
    }

    /// <summary>A large object that is created again with the same oid is a different one.</summary>
    private async Task RemovedAsync(long updated, CancellationToken ct)
    {
        var before = await ReadAsync(observer, ct);
        var now = (await connection.ListAsync(
            $"SELECT oid, {XactCounts.IsOwnRow} FROM pg_catalog.pg_largeobject_metadata",
            r => (Oid: r.GetFieldValue<uint>(0), IsNew: r.GetBoolean(1)), ct)).ToDictionary(o => o.Oid, o => o.IsNew);
        Removed = before.LongCount(o => !now.ContainsKey(o)) + Math.Max(0, before.LongCount(o => now.GetValueOrDefault(o)) - updated);
    }

    /// <returns>Null: only large objects of this transaction were written to.</returns>
    private async Task<string?> OverwrittenAsync(long pages, CancellationToken ct)
    {
        if (!await connection.ScalarAsync<bool>("SELECT pg_catalog.has_table_privilege('pg_catalog.pg_largeobject', 'SELECT')", ct))
            return string.Create(CultureInfo.InvariantCulture, $"{pages:N0} {(pages == 1 ? "page" : "pages")} of large objects would be overwritten");
        var before = await ReadAsync(observer, ct);
        var touched = (await connection.ListAsync(
            $"SELECT DISTINCT loid FROM pg_catalog.pg_largeobject WHERE {XactCounts.IsOwnRow}",
            r => r.GetFieldValue<uint>(0), ct)).Count(before.Contains);
        // Truncating a large object leaves no page.
        var cut = pages > 0 && touched == 0 && before.Count > 0 && await LostPagesAsync(before, ct);
        return touched > 0 || cut ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, touched):N0} large {(touched > 1 ? "objects" : "object")} would be overwritten") : null;
    }

    private async Task<bool> LostPagesAsync(HashSet<uint> before, CancellationToken ct)
    {
        const string Sql = "SELECT count(*) FROM pg_catalog.pg_largeobject WHERE loid = ANY ($1::oid[])";
        var oids = before.Select(o => (long)o).ToArray();
        return await connection.ScalarAsync<long>(Sql, ct, oids) < await observer.ScalarAsync<long>(Sql, ct, oids);
    }
}
