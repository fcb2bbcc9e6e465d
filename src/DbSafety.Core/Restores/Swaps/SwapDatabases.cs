using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.Swaps;

/// <summary>The databases that are swapped, by their OIDs: the current names can be queried at any time.</summary>
internal sealed record SwapDatabases(uint Current, uint Next)
{
    /// <exception cref="DbSafetyException"><c>DBS103</c>; <c>DBS305</c> another database has the name that was chosen.</exception>
    public static async Task<SwapDatabases> ReadAsync(NpgsqlConnection connection, SwapRequest request, CancellationToken ct)
    {
        var found = new SwapDatabases(await SwapChecks.ExistingOidAsync(connection, request.Server.On(request.Current), ct), await SwapChecks.ExistingOidAsync(connection, request.Server.On(request.Next), ct));
        return request.NextOid is not { } chosen || chosen == found.Next ? found : throw ErrorCatalogue.SwapBlocked.For(request.Current, $"another session renamed or replaced {request.Next}");
    }

    /// <summary>Another session may have renamed or replaced one of them before the rename had its lock.</summary>
    /// <exception cref="DbSafetyException"><c>DBS305</c>.</exception>
    public async Task CheckAsync(NpgsqlConnection renamed, SwapRequest request, CancellationToken ct)
    {
        if (await SwapChecks.OidAsync(renamed, request.Current, ct) != Next || await SwapChecks.OidAsync(renamed, request.Kept, ct) != Current)
            throw ErrorCatalogue.SwapBlocked.For(request.Current, $"another session renamed or replaced {request.Current} or {request.Next}");
    }
}
