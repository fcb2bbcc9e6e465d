using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Databases.Connections;

/// <summary>
/// How many connections a role can have to a database beside those of other sessions: the connection limits of both and max_connections decide
/// (https://www.postgresql.org/docs/current/sql-createrole.html). Superusers have the last alone.
/// </summary>
/// <param name="Count">The session that asked is one of them.</param>
/// <param name="Limit">What decides it, in words.</param>
internal sealed record FreeConnections(long Count, string Limit)
{
    // backend_type is null without the privilege to read it; of other processes than clients and their workers, datid is null too.
    private const string Sql = """
        WITH clients AS MATERIALIZED (
            SELECT a.usename, a.datname FROM pg_catalog.pg_stat_activity a WHERE a.datid IS NOT NULL AND coalesce(a.backend_type, 'client backend') = 'client backend')
        SELECT r.rolsuper, r.rolname::text, r.rolconnlimit, d.datname::text, d.datconnlimit, pg_catalog.current_setting('max_connections')::int8,
               pg_catalog.current_setting('superuser_reserved_connections')::int8
                 + CASE WHEN pg_catalog.current_setting('server_version_num')::int8 < 160000 THEN 0 ELSE coalesce(pg_catalog.current_setting('reserved_connections', true), '0')::int8 END,
               (SELECT pg_catalog.count(*) FROM clients c WHERE c.usename = r.rolname), (SELECT pg_catalog.count(*) FROM clients c WHERE c.datname = d.datname), (SELECT pg_catalog.count(*) FROM clients)
        FROM pg_catalog.pg_roles r CROSS JOIN pg_catalog.pg_database d WHERE r.rolname = session_user AND d.datname = $1 AND pg_catalog.pg_backend_pid() = $2
        """;

    /// <summary>What the server says where there are none: as PostgreSQL's programs report it.</summary>
    public static bool AreDeniedIn(string error) =>
        error.Contains("too many connections", StringComparison.Ordinal) || error.Contains("too many clients", StringComparison.Ordinal) || error.Contains("remaining connection slots", StringComparison.Ordinal);

    /// <summary>Without a limit behind a connection pooler, whose idle sessions are free for us: the pool itself decides there.</summary>
    public static async Task<FreeConnections> ReadAsync(NpgsqlConnection connection, string database, CancellationToken ct)
    {
        var limits = await connection.ListAsync(
            Sql,
            r =>
            {
                var (isSuperuser, max, reserved, all) = (r.GetBoolean(0), r.GetInt64(5), r.GetInt64(6), r.GetInt64(9));
                List<FreeConnections> found = [new(max - (isSuperuser ? 0 : reserved) - all + 1, isSuperuser ? $"max_connections = {max}" : $"max_connections = {max}, superuser_reserved_connections = {reserved}")];
                if (!isSuperuser && r.GetInt32(2) is >= 0 and var ofRole)
                    found.Add(new(ofRole - r.GetInt64(7) + 1, $"role {r.GetString(1)} has CONNECTION LIMIT {ofRole}"));
                if (!isSuperuser && r.GetInt32(4) is >= 0 and var ofDatabase)
                    found.Add(new(ofDatabase - r.GetInt64(8) + (connection.Database == database ? 1 : 0), $"database {r.GetString(3)} has CONNECTION LIMIT {ofDatabase}"));
                return found;
            },
            ct,
            database,
            connection.ProcessID);
        return limits.SelectMany(l => l).MinBy(l => l.Count) ?? new FreeConnections(long.MaxValue, "");
    }

    /// <exception cref="DbSafetyException"><c>DBS136</c> there are fewer.</exception>
    public void Require(int needed, string work, DatabaseTarget target)
    {
        if (Count < needed)
            throw ErrorCatalogue.TooFewConnections.For(target.Server, work, needed, $"{Math.Max(0, Count)} are available ({Limit})");
    }
}
