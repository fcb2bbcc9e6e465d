using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Databases.Connections;

/// <summary>
/// Sessions that create, rename and drop databases. A session cannot rename the database to which it is connected, nor while another session of
/// DbSafety is, so they use a different database.
/// </summary>
internal static class MaintenanceSession
{
    private static readonly string[] Usual = ["postgres", "template1"];

    /// <param name="apartFrom">Databases that are renamed or dropped: the session uses another database.</param>
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

    /// <summary>Through a pooler, the target's name can be the name of another database on the server: opening it proves that it is not (<see cref="PoolerCheck"/>).</summary>
    private static async Task<NpgsqlConnection> CheckedAsync(DatabaseTarget target, NpgsqlConnection connection, CancellationToken ct)
    {
        if (!PoolerCheck.IsProven(target.On(connection.Database)) || PoolerCheck.IsProven(target))
            return connection;
        try
        {
            // A pooler lets connections wait for a database that does not exist or does not accept connections.
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

    /// <summary>Whether another database of the same server can possibly be used, because this one does not exist, does not accept connections, or denies this role.</summary>
    private static bool IsOfDatabase(DbSafetyException e) => e.InnerException is PostgresException
    {
        SqlState: PostgresErrorCodes.InvalidCatalogName or PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.ObjectNotInPrerequisiteState
            or PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.InvalidAuthorizationSpecification,
    };

    /// <summary>The oldest first, so that all runs use the same. Databases that a restore retains or creates can be dropped at any time.</summary>
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
