using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>Creates production's roles on a temporary server, with their attributes and memberships, without their passwords.</summary>
internal static class RehearsalRoles
{
    private sealed record Role(string Name, string Attributes, string? SearchPath);

    /// <param name="password">The temporary server's password, if it requires one.</param>
    public static async Task CopyAsync(NpgsqlConnection production, NpgsqlConnection scratch, string? password, CancellationToken ct)
    {
        var there = (await scratch.ListAsync("SELECT rolname FROM pg_catalog.pg_roles", r => r.GetString(0), ct)).ToHashSet(StringComparer.Ordinal);
        var roles = await production.ListAsync(
            """
            SELECT rolname,
                   CASE WHEN rolsuper THEN 'SUPERUSER' ELSE 'NOSUPERUSER' END || CASE WHEN rolinherit THEN ' INHERIT' ELSE ' NOINHERIT' END
                   || CASE WHEN rolcreaterole THEN ' CREATEROLE' ELSE '' END || CASE WHEN rolcreatedb THEN ' CREATEDB' ELSE '' END
                   || CASE WHEN rolbypassrls THEN ' BYPASSRLS' ELSE '' END || CASE WHEN rolreplication THEN ' REPLICATION' ELSE '' END,
                   (SELECT substr(s, length('search_path=') + 1) FROM unnest(rolconfig) s WHERE s LIKE 'search\_path=%')
            FROM pg_catalog.pg_roles WHERE rolname NOT LIKE 'pg\_%'
            """,
            r => new Role(r.GetString(0), r.GetString(1), r.Text(2)), ct);
        foreach (var role in roles.Where(r => there.Add(r.Name)))
        {
            var login = password is null ? "" : " PASSWORD " + SqlName.Literal(password);
            await scratch.ExecuteAsync($"CREATE ROLE {SqlName.Quote(role.Name)} LOGIN {role.Attributes}{login}", ct);
            // The setting is stored as it was written: a list, already quoted.
            if (role.SearchPath is { Length: > 0 } path)
                await scratch.ExecuteAsync($"ALTER ROLE {SqlName.Quote(role.Name)} SET search_path TO {path}", ct);
        }

        var memberships = await production.ListAsync(
            """
            SELECT g.rolname, m.rolname, a.admin_option FROM pg_catalog.pg_auth_members a
            JOIN pg_catalog.pg_roles g ON g.oid = a.roleid JOIN pg_catalog.pg_roles m ON m.oid = a.member
            """,
            r => (Group: r.GetString(0), Member: r.GetString(1), Admin: r.GetBoolean(2)), ct);
        foreach (var (group, member, admin) in memberships.Where(m => there.Contains(m.Group) && there.Contains(m.Member)))
            await scratch.ExecuteAsync($"GRANT {SqlName.Quote(group)} TO {SqlName.Quote(member)}{(admin ? " WITH ADMIN OPTION" : "")}", ct);
    }
}
