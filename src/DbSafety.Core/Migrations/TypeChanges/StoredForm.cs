using DbSafety.Analysis.Findings.Live;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.TypeChanges;

/// <summary>
/// Whether PostgreSQL does not rewrite the rows: if the types are binary coercible, and no function, no constraint of a domain and no shorter limit
/// has to be applied (<c>ATColumnChangeRequiresRewrite</c> in its source; https://www.postgresql.org/docs/current/sql-altertable.html, notes).
/// </summary>
internal sealed class StoredForm(NpgsqlConnection connection, CastPaths paths)
{
    private const uint Timestamp = 1114, TimestampWithZone = 1184;

    /// <summary>Zones that have always been UTC.</summary>
    private static readonly string[] Utc = ["utc", "gmt", "uct", "zulu", "universal", "greenwich", "gmt0", "gmt+0", "gmt-0"];

    /// <param name="steps">The types of the conversion steps, the new type last.</param>
    /// <param name="isZoneKnown">The session's time zone is that of the statement.</param>
    public async Task<bool> IsKeptAsync(CatalogType from, IReadOnlyList<CatalogType> steps, bool isZoneKnown, CancellationToken ct)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            if (!await IsKeptAsync(from, steps[i], isExplicit: i < steps.Count - 1, isZoneKnown, ct))
                return false;
            from = steps[i];
        }

        return true;
    }

    private async Task<bool> IsKeptAsync(CatalogType from, CatalogType to, bool isExplicit, bool isZoneKnown, CancellationToken ct)
    {
        if (from.Oid == to.Oid && from.Name == to.Name)
            return true;
        var path = await paths.FindAsync(from, to, isExplicit, ct);
        var isSameInstant = path == CastKind.Function && (from.Base, to.Base) is (Timestamp, TimestampWithZone) or (TimestampWithZone, Timestamp) && isZoneKnown && await IsUtcAsync(ct);
        if ((path != CastKind.Relabel && !isSameInstant) || to.IsChecked)
            return false;
        // A value that changed its type on the way has no limit any more; nor has that of a domain.
        var kept = from.Base == to.Base && !from.IsDomain ? from.Name : to.BareName;
        return to.BaseName == to.BareName || LengthChange.IsFree(kept, to.BaseName) || (to.Element == 0 && !await paths.HasLengthFunctionAsync(to.Base, ct));
    }

    private async Task<bool> IsUtcAsync(CancellationToken ct)
    {
        var zone = (await connection.ScalarAsync<string>("SHOW TimeZone", ct))!.ToLowerInvariant();
        return Array.Exists(Utc, z => z == zone || "etc/" + z == zone);
    }
}
