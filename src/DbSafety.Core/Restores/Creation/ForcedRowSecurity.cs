using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Restores.Creation;

/// <summary>
/// FORCE ROW LEVEL SECURITY applies policies to the owner of a table too, so that an owner who is not a superuser restores all rows and then cannot count
/// them. The owner disables it in the restored database, which no session uses yet, and enables it again after the count.
/// </summary>
internal static class ForcedRowSecurity
{
    /// <summary>The tables, quoted, of which the role of the session cannot see all rows for this reason only.</summary>
    public const string Sql = """
        SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relrowsecurity AND c.relforcerowsecurity AND pg_catalog.row_security_active(c.oid) AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
        ORDER BY 1
        """;

    public static string Off(string table) => $"ALTER TABLE ONLY {table} NO FORCE ROW LEVEL SECURITY";

    public static string On(string table) => $"ALTER TABLE ONLY {table} FORCE ROW LEVEL SECURITY";

    /// <summary>Runs <paramref name="work"/> while it is off.</summary>
    /// <param name="isLifted">Whether it was on for any table.</param>
    public static async Task<T> LiftedAsync<T>(DatabaseTarget database, Func<bool, Task<T>> work, CancellationToken ct)
    {
        var tables = await ListAsync(database, ct);
        await ExecuteAsync(database, [.. tables.Select(Off)], ct);
        var result = await work(tables.Count > 0);
        await ExecuteAsync(database, [.. tables.Select(On)], ct);
        return result;
    }

    private static async Task<List<string>> ListAsync(DatabaseTarget database, CancellationToken ct)
    {
        await using var session = await database.OpenAsync(ct, "dbsafety restore");
        return await session.ListAsync(Sql, r => r.GetString(0), ct);
    }

    private static async Task ExecuteAsync(DatabaseTarget database, IReadOnlyList<string> statements, CancellationToken ct)
    {
        if (statements.Count == 0)
            return;
        await using var session = await database.OpenAsync(ct, "dbsafety restore");
        foreach (var statement in statements)
            await session.ExecuteAsync(statement, ct);
    }
}
