using DbSafety.Databases.Connections;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>The database that has the target's name, identified by its oid: after a swap another database has the name.</summary>
/// <param name="Oid">Null: it could not be read.</param>
internal sealed record LiveDatabase(DatabaseTarget Target, uint? Oid)
{
    /// <summary>The database that has the name now.</summary>
    public abstract record Now
    {
        private Now()
        {
        }

        /// <summary>The same database as before.</summary>
        public sealed record Same : Now;

        /// <summary>Another database. <paramref name="PreviousName"/> is the current name of the previous database; null: it no longer exists.</summary>
        public sealed record Replaced(string? PreviousName) : Now;

        /// <summary>The server could not be queried.</summary>
        public sealed record Unknown(string Reason) : Now;
    }

    public static async Task<LiveDatabase> FindAsync(DatabaseTarget target, CancellationToken ct)
    {
        try
        {
            await using var connection = await target.OpenMaintenanceAsync(ct, "dbsafety migration run", target.Database);
            return new LiveDatabase(target, await OidAsync(connection, target.Database, ct));
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            return new LiveDatabase(target, null);
        }
    }

    public async Task<Now> LookAsync(CancellationToken ct)
    {
        if (Oid is not { } before)
            return new Now.Unknown("which database had this name before could not be read");
        try
        {
            await using var connection = await Target.OpenMaintenanceAsync(ct, "dbsafety migration run", Target.Database);
            return await OidAsync(connection, Target.Database, ct) switch
            {
                null => new Now.Unknown($"no database is named {Target.Database}"),
                { } now when now == before => new Now.Same(),
                _ => new Now.Replaced(await connection.ScalarAsync<string>("SELECT datname::text FROM pg_catalog.pg_database WHERE oid = $1::bigint::oid", ct, (long)before)),
            };
        }
        catch (Exception e) when (e is NpgsqlException or DbSafetyException)
        {
            return new Now.Unknown(e.Message);
        }
    }

    private static async Task<uint?> OidAsync(NpgsqlConnection connection, string name, CancellationToken ct)
    {
        var found = await connection.ListAsync("SELECT oid FROM pg_catalog.pg_database WHERE datname = $1", r => r.GetFieldValue<uint>(0), ct, name);
        return found.Count == 0 ? null : found[0];
    }
}
