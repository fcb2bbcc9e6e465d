using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Restores.Creation;

/// <summary>The foreign servers of a copy: they connect to the servers of production, which a copy must not reach.</summary>
internal static class ForeignServers
{
    /// <summary>The folder of a Unix-domain socket that does not exist.</summary>
    private const string Nowhere = "/dbsafety/no-such-server";

    /// <summary>
    /// Points those that PostgreSQL's own wrappers connect to at an address without a server, and replaces the passwords of their user mappings.
    /// </summary>
    /// <param name="adds">Servers without an address, which means this machine, get one too: not if a script can add it itself and no server is reached anyway.</param>
    /// <returns>The servers, by name.</returns>
    /// <exception cref="PostgresException">The role does not own one of them.</exception>
    public static async Task<IReadOnlyList<string>> RedirectAsync(NpgsqlConnection copy, bool adds, CancellationToken ct)
    {
        var servers = await copy.ListAsync(
            """
            SELECT s.srvname, w.fdwname, COALESCE(s.srvoptions, '{}') FROM pg_catalog.pg_foreign_server s
            JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw ORDER BY 1
            """,
            r => (Name: r.GetString(0), Wrapper: r.GetString(1), Options: r.GetFieldValue<string[]>(2)), ct);
        foreach (var (name, _, options) in servers.Where(s => s.Wrapper is "postgres_fdw" or "dblink_fdw"))
        {
            var set = Options(options, adds);
            if (set.Count > 0)
                await copy.ExecuteAsync($"ALTER SERVER {SqlName.Quote(name)} OPTIONS ({string.Join(", ", set)})", ct);
            await ForgetPasswordsAsync(copy, name, ct);
        }

        return [.. servers.Select(s => s.Name)];
    }

    private static List<string> Options(string[] options, bool adds)
    {
        var names = options.Select(o => o[..o.IndexOf('=', StringComparison.Ordinal)]).ToHashSet(StringComparer.Ordinal);
        var set = new List<string>();
        if (names.Contains("host") || adds)
            set.Add($"{(names.Contains("host") ? "SET" : "ADD")} host {SqlName.Literal(Nowhere)}");
        // No option is dropped: a script may set it.
        if (names.Contains("hostaddr"))
            set.AddRange(["SET hostaddr '127.0.0.1'", $"{(names.Contains("port") ? "SET" : "ADD")} port '1'"]);
        if (names.Contains("service"))
            set.Add("SET service 'dbsafety_no_such_service'");
        return set;
    }

    private static async Task ForgetPasswordsAsync(NpgsqlConnection copy, string server, CancellationToken ct)
    {
        var users = await copy.ListAsync(
            $"""
            SELECT usename FROM pg_catalog.pg_user_mappings
            WHERE srvname = {SqlName.Literal(server)} AND EXISTS (SELECT FROM pg_catalog.unnest(umoptions) o WHERE o LIKE 'password=%')
            """,
            r => r.GetString(0), ct);
        foreach (var user in users)
            await copy.ExecuteAsync($"ALTER USER MAPPING FOR {(user == "public" ? "PUBLIC" : SqlName.Quote(user))} SERVER {SqlName.Quote(server)} OPTIONS (SET password 'none')", ct);
    }
}
