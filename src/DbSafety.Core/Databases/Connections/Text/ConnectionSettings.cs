using DbSafety.Errors;

namespace DbSafety.Databases.Connections.Text;

/// <summary>
/// Connection settings by libpq's keywords, from a single source: a URL, a connection string, a service file, the environment. A setting that is
/// not supported is refused by its name, because ignoring it could lead to another database or to a less safe connection.
/// </summary>
/// <param name="name">For messages.</param>
internal sealed class ConnectionSettings(string name)
{
    /// <summary>The keywords that are used, and libpq's environment variables for them (https://www.postgresql.org/docs/current/libpq-envars.html).</summary>
    private static readonly Dictionary<string, string?> Used = new(StringComparer.Ordinal)
    {
        ["host"] = "PGHOST", ["hostaddr"] = "PGHOSTADDR", ["port"] = "PGPORT", ["dbname"] = "PGDATABASE", ["user"] = "PGUSER", ["password"] = "PGPASSWORD", ["passfile"] = "PGPASSFILE",
        ["service"] = "PGSERVICE", ["options"] = "PGOPTIONS", ["target_session_attrs"] = "PGTARGETSESSIONATTRS",
        ["sslmode"] = "PGSSLMODE", ["requiressl"] = null, ["sslnegotiation"] = "PGSSLNEGOTIATION", ["sslrootcert"] = "PGSSLROOTCERT", ["sslcert"] = "PGSSLCERT", ["sslkey"] = "PGSSLKEY",
        ["ssl_min_protocol_version"] = "PGSSLMINPROTOCOLVERSION", ["ssl_max_protocol_version"] = "PGSSLMAXPROTOCOLVERSION",
        ["channel_binding"] = "PGCHANNELBINDING", ["require_auth"] = "PGREQUIREAUTH", ["gssencmode"] = "PGGSSENCMODE",
    };

    /// <summary>They affect neither the database nor the security of the connection; DbSafety's values are used.</summary>
    private static readonly HashSet<string> Ignored = new(StringComparer.Ordinal)
    {
        "application_name", "fallback_application_name", "connect_timeout", "client_encoding", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count",
        "tcp_user_timeout", "load_balance_hosts", "sslcompression",
    };

    /// <summary>Supported only with libpq's default value.</summary>
    private static readonly Dictionary<string, (string? Variable, string Value)> Fixed = new(StringComparer.Ordinal)
    {
        ["requirepeer"] = ("PGREQUIREPEER", ""), ["sslcrl"] = ("PGSSLCRL", ""), ["sslcrldir"] = ("PGSSLCRLDIR", ""), ["sslcertmode"] = ("PGSSLCERTMODE", "allow"), ["sslsni"] = ("PGSSLSNI", "1"),
        ["sslpassword"] = (null, ""), ["krbsrvname"] = (null, "postgres"), ["gssdelegation"] = (null, "0"),
    };

    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    public string Name => name;

    public static IEnumerable<string> Keywords => Used.Keys.Concat(Ignored).Concat(Fixed.Keys);

    public static bool IsKeyword(string keyword) => Used.ContainsKey(keyword) || Ignored.Contains(keyword) || Fixed.ContainsKey(keyword);

    public static ConnectionSettings OfEnvironment()
    {
        var settings = new ConnectionSettings("the environment");
        foreach (var (keyword, variable) in Used.Concat(Fixed.Select(f => KeyValuePair.Create(f.Key, f.Value.Variable))))
        {
            if (variable is not null && ProcessVariables.Of(variable) is { Length: > 0 } value)
                settings.Add(keyword, value, variable);
        }

        if (settings["sslmode"] is null && ProcessVariables.Of("PGREQUIRESSL")?.StartsWith('1') == true)
            settings.Set("sslmode", "require");
        return settings;
    }

    /// <param name="shown">Its name in the source; null: the keyword.</param>
    /// <param name="position">Its position in the source, starting at 1.</param>
    /// <exception cref="DbSafetyException"><c>DBS124</c> it is not supported.</exception>
    public void Add(string keyword, string value, string? shown = null, int position = 0)
    {
        if (!IsKeyword(keyword))
            throw ErrorCatalogue.ConnectionSettingUnsupported.For(name, SettingNames.Shown(shown ?? keyword, position));
        if (Fixed.TryGetValue(keyword, out var only) && value.Length > 0 && value != only.Value)
            throw ErrorCatalogue.ConnectionSettingUnsupported.For(name, shown ?? keyword);
        // libpq converts requiressl into sslmode at its position; the later setting is used.
        if (keyword == "requiressl")
            (keyword, value) = ("sslmode", value.StartsWith('1') ? "require" : "prefer");
        if (Used.ContainsKey(keyword))
            // node-postgres's word for TLS without validation; libpq validates where there is a file of authorities.
            values[keyword] = keyword == "sslmode" && value == "no-verify" ? "require" : value;
    }

    /// <summary>Sets a value from another notation; null: not set.</summary>
    public void Set(string keyword, string? value)
    {
        if (value is not null)
            values[keyword] = value;
    }

    public void Remove(string keyword) => values.Remove(keyword);

    /// <summary>Null: this source does not set it.</summary>
    public string? this[string keyword] => values.GetValueOrDefault(keyword);
}
