using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Databases.Connections;

/// <summary>
/// Sessions that create, rename and drop databases. A database cannot be renamed by a session that is connected to it, nor while another one of
/// ours is, so they are in a database that is not among those they work on.
/// </summary>
internal static class MaintenanceSession
{
    private static readonly string[] Usual = ["postgres", "template1"];

    /// <param name="apartFrom">Databases that are renamed or dropped: the session is in another one.</param>
    /// <exception cref="DbSafetyException">The error of the first database, if none can be connected to.</exception>
    public static async Task<NpgsqlConnection> OpenMaintenanceAsync(this DatabaseTarget target, CancellationToken ct, string work = "dbsafety", params string[] apartFrom)
    {
        DbSafetyException? first = null;
        foreach (var name in Usual.Prepend(target.Maintenance).OfType<string>().Except(apartFrom, StringComparer.Ordinal))
        {
            try
            {
                return await CheckedAsync(target, await target.On(name).OpenAsync(ct, work), ct);
            }
            catch (DbSafetyException e) when (IsOfDatabase(e))
            {
                first ??= e;
            }
        }

        foreach (var name in await OthersAsync(target, apartFrom, first, ct))
        {
            try
            {
                return await CheckedAsync(target, await target.On(name).OpenAsync(ct, work), ct);
            }
            catch (DbSafetyException e) when (IsOfDatabase(e))
            {
                first ??= e;
            }
        }

        throw first ?? ErrorCatalogue.DatabaseUnknown.For(target.Server, "postgres", $"none that {target.Username} can connect to except {string.Join(", ", apartFrom)}");
    }

    /// <summary>Behind a pooler, the target's name can be that of another database on the server: opening it proves that it is not (<see cref="PoolerCheck"/>).</summary>
    private static async Task<NpgsqlConnection> CheckedAsync(DatabaseTarget target, NpgsqlConnection connection, CancellationToken ct)
    {
        if (!PoolerCheck.IsProven(target.On(connection.Database)) || PoolerCheck.IsProven(target))
            return connection;
        try
        {
            // A pooler lets those wait who ask for a database that is not there, or that nobody can connect to.
            if (await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = $1 AND datallowconn)", ct, target.Database))
                await (await target.OpenAsync(ct)).DisposeAsync();
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        return connection;
    }

    /// <summary>Whether another database of the same server may be connected to although this one cannot be: it is not there, not open, or not for this role.</summary>
    private static bool IsOfDatabase(DbSafetyException e) => e.InnerException is PostgresException
    {
        SqlState: PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ObjectNotInPrerequisiteState
            or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.InvalidAuthorizationSpecification,
    };

    /// <summary>The oldest first, so that runs agree on one. What a restore retained or creates can be dropped at any time.</summary>
    private static async Task<IReadOnlyList<string>> OthersAsync(DatabaseTarget target, string[] apartFrom, DbSafetyException? first, CancellationToken ct)
    {
        if (Usual.Contains(target.Database, StringComparer.Ordinal) && !apartFrom.Contains(target.Database, StringComparer.Ordinal))
            throw first ?? ErrorCatalogue.DatabaseUnknown.For(target.Server, target.Database, "unknown");
        try
        {
            await using var connection = await target.OpenAsync(ct);
            return await connection.ListAsync(
                """
                SELECT datname::text FROM pg_catalog.pg_database
                WHERE datallowconn AND pg_catalog.has_database_privilege(oid, 'CONNECT') AND datname <> ALL($1) AND datname !~ '_(before|undone|restoring|rehearsal)_\d{8}T\d{6}Z$'
                ORDER BY oid
                """,
                r => r.GetString(0),
                ct,
                (object)apartFrom.Concat(Usual).ToArray());
        }
        catch (DbSafetyException e)
        {
            throw first ?? e;
        }
    }
}
