using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Restores.Swaps;

/// <summary>
/// A mark is a comment, which the owner of a database can write: any role with CREATEDB can mark a database of its own. It counts for an undo only if the owner could
/// have swapped the live database itself, or if the owner of the live database acts for that role.
/// </summary>
internal static class DatabaseOwners
{
    /// <summary>A superuser is a member of every role, so for the second condition the memberships themselves are read.</summary>
    private const string Sql = """
        WITH RECURSIVE pair AS (
            SELECT r.oid AS retained, r.datdba AS owner, l.datdba AS live
            FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) p(retained, live) JOIN pg_catalog.pg_database r ON r.oid::bigint = p.retained JOIN pg_catalog.pg_database l ON l.oid::bigint = p.live
        ), granted AS (
            SELECT live, live AS role FROM pair UNION SELECT g.live, m.roleid FROM granted g JOIN pg_catalog.pg_auth_members m ON m.member = g.role
        )
        SELECT retained FROM pair
        WHERE pg_catalog.pg_has_role(owner, live, 'MEMBER') OR EXISTS (SELECT FROM granted g WHERE g.live = pair.live AND g.role = pair.owner)
        """;

    /// <summary>The retained databases whose marks count.</summary>
    /// <param name="pairs">The OIDs of retained databases, each with that of the live database.</param>
    public static async Task<IReadOnlySet<uint>> TrustedAsync(NpgsqlConnection maintenance, IReadOnlyCollection<(uint Retained, uint Live)> pairs, CancellationToken ct) =>
        (await maintenance.ListAsync(Sql, r => r.GetFieldValue<uint>(0), ct, pairs.Select(p => (long)p.Retained).ToArray(), pairs.Select(p => (long)p.Live).ToArray())).ToHashSet();
}
