using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;
using Npgsql;

namespace DbSafety.Restores.Creation;

/// <summary>Grants the privileges of another database on a new database, each with its original grantor.</summary>
internal static class DatabaseGrants
{
    /// <param name="database">The database's quoted name.</param>
    /// <param name="owner">Its owner, if that is the owner of the other database: its own privileges are restored too. Null: it keeps all of them.</param>
    /// <param name="roles">Roles of this server.</param>
    /// <returns>What was left out, or granted by another role.</returns>
    public static async Task<IReadOnlyList<string>> ApplyAsync(
        NpgsqlConnection connection, string database, IReadOnlyList<DatabaseGrant> grants, string? owner, HashSet<string> roles, CancellationToken ct)
    {
        var notes = new List<string>();
        await connection.ExecuteAsync($"REVOKE ALL ON DATABASE {database} FROM PUBLIC{(owner is null ? "" : ", " + SqlName.Quote(owner))}", ct);
        foreach (var grant in InOrder(grants))
        {
            if (grant.Grantee is { } missing && !roles.Contains(missing))
                notes.Add($"the privilege {grant.Privilege} of the role {missing} was left out: the role does not exist on this server");
            else if (await GrantAsync(connection, database, grant, ct) is { } note)
                notes.Add(note);
        }

        return notes;
    }

    /// <summary>A grantor of a privilege received it earlier.</summary>
    private static List<DatabaseGrant> InOrder(IReadOnlyList<DatabaseGrant> grants)
    {
        var (ordered, left) = (new List<DatabaseGrant>(), grants.ToList());
        while (left.Count > 0)
        {
            var next = left.Find(g => g.Grantor is null || ordered.Exists(o => o.Grantable && o.Grantee == g.Grantor && o.Privilege == g.Privilege)) ?? left[0];
            ordered.Add(next);
            left.Remove(next);
        }

        return ordered;
    }

    private static async Task<string?> GrantAsync(NpgsqlConnection connection, string database, DatabaseGrant grant, CancellationToken ct)
    {
        var sql = $"GRANT {grant.Privilege} ON DATABASE {database} TO {(grant.Grantee is { } role ? SqlName.Quote(role) : "PUBLIC")}{(grant.Grantable ? " WITH GRANT OPTION" : "")}";
        if (grant.Grantor is { } grantor)
        {
            try
            {
                await using var transaction = await connection.BeginTransactionAsync(ct);
                await connection.ExecuteAsync($"SET LOCAL ROLE {SqlName.Quote(grantor)}", ct);
                await connection.ExecuteAsync(sql, ct);
                await transaction.CommitAsync(ct);
                return null;
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidParameterValue or PostgresErrorCodes.UndefinedObject)
            {
                // This role cannot become the grantor, or there is no such role.
            }
        }

        await connection.ExecuteAsync(sql, ct);
        return grant.Grantor is { } other ? $"the privilege {grant.Privilege} of {grant.Grantee ?? "PUBLIC"} was granted by the owner, not by {other}" : null;
    }
}
