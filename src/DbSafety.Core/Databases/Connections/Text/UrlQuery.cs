using DbSafety.Errors;

namespace DbSafety.Databases.Connections.Text;

/// <summary>The parts of a URL before its <c>?</c>, decoded.</summary>
internal sealed record UrlParts(string? User, string? Password, string? Host, string? Port, string? Database);

/// <summary>
/// The settings of a URL: libpq's, and those that PostgreSQL's other clients know. A security setting is converted to libpq's setting of the
/// same strength, pool settings are ignored, and everything else is refused.
/// </summary>
internal static class UrlQuery
{
    private const string Name = "the URL";

    /// <summary>Settings of the clients' own pools, statements and timeouts.</summary>
    private static readonly HashSet<string> OfClients = new(StringComparer.Ordinal)
    {
        // Prisma
        "connection_limit", "pool_timeout", "socket_timeout", "statement_cache_size", "max_connection_lifetime", "max_idle_connection_lifetime", "single_use_connections",
        // node-postgres, Postgres.js, Supabase and Vercel
        "uselibpqcompat", "max", "idle_timeout", "max_lifetime", "prepare", "supa", "workaround", "statement_timeout", "query_timeout", "lock_timeout", "idle_in_transaction_session_timeout",
        // pgx, SQLAlchemy, Rails, Django
        "pool_max_conns", "pool_min_conns", "pool_max_conn_lifetime", "pool_max_conn_idle_time", "pool_health_check_period", "default_query_exec_mode", "statement_cache_capacity", "description_cache_capacity",
        "prepared_statement_cache_size", "pool_size", "max_overflow", "pool", "encoding", "prepared_statements", "reaping_frequency", "checkout_timeout", "conn_max_age", "prepareThreshold",
    };

    /// <exception cref="DbSafetyException"><c>DBS105</c>, <c>DBS124</c>, <c>DBS127</c>.</exception>
    public static ConnectionText Read(UrlParts parts, IReadOnlyList<(string Name, string Value)> pairs)
    {
        var twice = pairs.Distinct().GroupBy(p => p.Name).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw ErrorCatalogue.TargetInvalid.For(Name, "a setting is specified twice, with different values");
        var settings = new ConnectionSettings(Name);
        var others = new Dictionary<string, string>(StringComparer.Ordinal);
        var options = new List<string>();
        var position = 0;
        foreach (var (name, value) in pairs)
        {
            position++;
            if (name is "search_path" or "timezone" or "TimeZone")
                options.Add(ConnectionText.Option(name.ToLowerInvariant(), value));
            else if (name is "schema" or "pgbouncer" or "sslaccept" or "ssl")
                others[name] = value;
            else if (name == "options")
                options.Insert(0, value);
            else if (!OfClients.Contains(name))
                settings.Add(name, value, position: position);
        }

        settings.Set("options", options.Count > 0 ? string.Join(' ', options) : null);
        Merge("user", parts.User);
        Merge("password", parts.Password);
        Merge("port", parts.Port);
        Merge("dbname", parts.Database);
        // Clients that do not support a socket folder before the ? have an unused host there.
        if (settings["host"]?.StartsWith('/') != true)
            Merge("host", parts.Host);
        Ssl(settings, others.GetValueOrDefault("ssl"));
        Prisma(settings, others.GetValueOrDefault("sslaccept"));
        return new ConnectionText(settings)
        {
            Schema = others.GetValueOrDefault("schema") is { Length: > 0 } schema ? schema : null,
            IsPooler = others.GetValueOrDefault("pgbouncer") is "true" or "1",
            PrismaAccept = others.GetValueOrDefault("sslaccept"),
        };

        void Merge(string keyword, string? value)
        {
            if (value is not null && settings[keyword] is { } other && other != value)
                throw ErrorCatalogue.TargetInvalid.For(Name, $"{keyword} is specified twice, with different values");
            settings.Set(keyword, value);
        }
    }

    /// <summary>JDBC's, node-postgres's, asyncpg's and Postgres.js's <c>ssl</c>.</summary>
    private static void Ssl(ConnectionSettings settings, string? ssl)
    {
        if (ssl is null)
            return;
        var mode = ssl.ToLowerInvariant() switch
        {
            "true" or "1" or "on" or "yes" or "require" or "no-verify" => "require",
            "false" or "0" or "off" or "no" or "disable" => "disable",
            "allow" or "prefer" or "verify-ca" or "verify-full" => ssl.ToLowerInvariant(),
            _ => throw ErrorCatalogue.WireSettingInvalid.For(Name, "ssl", "it is not one of true, false, disable, allow, prefer, require, verify-ca, verify-full"),
        };
        if (settings["sslmode"] is { } stated && stated != mode && (mode != "require" || stated is not ("verify-ca" or "verify-full")))
            throw ErrorCatalogue.WireSettingInvalid.For(Name, "ssl", "it contradicts sslmode");
        settings.Set("sslmode", settings["sslmode"] ?? mode);
    }

    /// <summary>Prisma's <c>sslcert</c> is the file of authorities to trust (https://www.prisma.io/docs/orm/overview/databases/postgresql).</summary>
    private static void Prisma(ConnectionSettings settings, string? accept)
    {
        if (accept is null)
            return;
        if (accept is not ("strict" or "accept_invalid_certs"))
            throw ErrorCatalogue.WireSettingInvalid.For(Name, "sslaccept", "it is neither strict nor accept_invalid_certs");
        var authorities = settings["sslcert"];
        settings.Remove("sslcert");
        if (accept != "strict")
            return;
        if (settings["sslmode"] is "disable")
            throw ErrorCatalogue.WireSettingInvalid.For(Name, "sslaccept", "it contradicts sslmode");
        settings.Set("sslmode", "verify-full");
        settings.Set("sslrootcert", settings["sslrootcert"] ?? authorities ?? WireSecurityReader.System);
    }
}
