namespace DbSafety.Databases.Connections.Text;

/// <summary>
/// Which names of unsupported settings an error repeats: those of PostgreSQL's clients, and those that differ from one in a character or two. Any other
/// word can be a part of a password that was not encoded; the error has its position instead.
/// </summary>
internal static class SettingNames
{
    private static readonly string[] Clients =
    [
        // libpq
        "replication", "gsslib", "servicefile", "sslkeylogfile", "oauth_issuer", "oauth_client_id", "oauth_client_secret", "oauth_scope", "scram_client_key", "scram_server_key", "min_protocol_version", "max_protocol_version",
        // Prisma, node-postgres, Postgres.js, JDBC, pgx, lib/pq, SQLAlchemy, Rails
        "schema", "pgbouncer", "sslidentity", "sslaccept", "ssl", "sslinline", "sslfactory", "sslhostnameverifier", "currentSchema", "targetServerType", "prepareThreshold", "search_path", "TimeZone", "timezone",
        "default_query_exec_mode", "min_read_buffer_size", "server_settings", "direct_tls", "variables", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "role", "database", "username",
    ];

    public static string Shown(string name, int position) =>
        Clients.Contains(name) || ConnectionSettings.IsKeyword(name) ? name
        : Clients.Concat(ConnectionSettings.Keywords).FirstOrDefault(k => k.Length > 3 && Distance(k, name) <= (k.Length > 6 ? 2 : 1)) is { } meant ? $"{name} (did you mean {meant}?)"
        : $"setting number {position}, whose name is not shown because it can be a part of a password";

    /// <summary>How many characters to add, remove or replace.</summary>
    private static int Distance(string a, string b)
    {
        if (Math.Abs(a.Length - b.Length) > 2)
            return int.MaxValue;
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var (diagonal, left) = (row[0], row[0] = i);
            for (var j = 1; j <= b.Length; j++)
            {
                left = Math.Min(Math.Min(row[j], left) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                (diagonal, row[j]) = (row[j], left);
            }
        }

        return row[^1];
    }
}
