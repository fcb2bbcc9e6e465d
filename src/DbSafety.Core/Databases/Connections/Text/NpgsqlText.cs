using System.Data.Common;
using System.Text.RegularExpressions;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Databases.Connections.Text;

/// <summary>A connection string in Npgsql's form: <c>Host=db;Username=app;Password=…;Database=shop</c>.</summary>
internal static partial class NpgsqlText
{
    private const string Name = "the connection string";

    /// <exception cref="DbSafetyException"><c>DBS105</c>, <c>DBS124</c>; the text is not shown, because it can contain a password.</exception>
    public static ConnectionText Parse(string text)
    {
        RefuseMixed(text);
        NpgsqlConnectionStringBuilder builder;
        try
        {
            builder = new NpgsqlConnectionStringBuilder(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException or OverflowException or InvalidCastException or NotSupportedException)
        {
            throw ErrorCatalogue.TargetInvalid.For(Name, "it is neither a URL nor in libpq's form (host=… dbname=…) nor in Npgsql's (Host=…;Database=…)");
        }

        // Npgsql's own ContainsKey is true for each keyword that it knows.
        var stated = new DbConnectionStringBuilder { ConnectionString = builder.ConnectionString };
        Refuse(builder, stated);
        var settings = new ConnectionSettings(Name);
        settings.Set("host", builder.Host);
        if (stated.ContainsKey("Port"))
            settings.Set("port", builder.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        SplitPorts(settings);
        settings.Set("user", builder.Username);
        settings.Set("password", builder.Password);
        settings.Set("passfile", builder.Passfile);
        settings.Set("dbname", builder.Database);
        settings.Set("target_session_attrs", builder.TargetSessionAttributes?.ToLowerInvariant());
        string?[] options = [builder.Options, builder.SearchPath is { Length: > 0 } path ? ConnectionText.Option("search_path", path) : null, builder.Timezone is { Length: > 0 } zone ? ConnectionText.Option("timezone", zone) : null];
        settings.Set("options", options.Any(o => !string.IsNullOrEmpty(o)) ? string.Join(' ', options.Where(o => !string.IsNullOrEmpty(o))) : null);
        Security(builder, settings, stated.ContainsKey);
        return new ConnectionText(settings);
    }

    private static void Security(NpgsqlConnectionStringBuilder builder, ConnectionSettings settings, Func<string, bool> has)
    {
        if (has("SSL Mode"))
        {
            settings.Set("sslmode", builder.SslMode switch { SslMode.VerifyCA => "verify-ca", SslMode.VerifyFull => "verify-full", var mode => mode.ToString().ToLowerInvariant() });
            // Without a file, Npgsql trusts the system's certificate authorities.
            if (builder.SslMode == SslMode.VerifyFull && builder.RootCertificate is null)
                settings.Set("sslrootcert", WireSecurityReader.System);
        }

        settings.Set("sslrootcert", builder.RootCertificate);
        settings.Set("sslcert", builder.SslCertificate);
        settings.Set("sslkey", builder.SslKey);
        if (has("Channel Binding"))
            settings.Set("channel_binding", builder.ChannelBinding.ToString().ToLowerInvariant());
        if (has("SSL Negotiation"))
            settings.Set("sslnegotiation", builder.SslNegotiation.ToString().ToLowerInvariant());
        if (has("GSS Encryption Mode"))
            settings.Set("gssencmode", builder.GssEncryptionMode.ToString().ToLowerInvariant());
        if (builder.RequireAuth is { Length: > 0 } methods)
            settings.Set("require_auth", methods.Replace(" ", "", StringComparison.Ordinal).Replace("ScramSHA256", "scram-sha-256", StringComparison.OrdinalIgnoreCase).ToLowerInvariant());
    }

    private static void Refuse(NpgsqlConnectionStringBuilder builder, DbConnectionStringBuilder stated)
    {
        var unsupported = builder.SslPassword is { Length: > 0 } ? "SSL Password"
            : builder.CheckCertificateRevocation ? "Check Certificate Revocation"
            : stated.ContainsKey("Replication Mode") ? "Replication Mode"
            : stated.ContainsKey("Kerberos Service Name") && builder.KerberosServiceName != "postgres" ? "Kerberos Service Name"
            : null;
        if (unsupported is not null)
            throw ErrorCatalogue.ConnectionSettingUnsupported.For(Name, unsupported);
    }

    /// <summary>
    /// A value that contains another setting after a space: a semicolon is missing, or it is libpq's form with an extra semicolon. Npgsql would read all of it as one
    /// value, so that a password becomes a database name or vice versa. A value in quotation marks is accepted.
    /// </summary>
    private static void RefuseMixed(string text)
    {
        var known = new NpgsqlConnectionStringBuilder();
        foreach (var pair in QuotedPattern().Replace(text, "''").Split(';').Where(p => p.Contains('=', StringComparison.Ordinal)))
        {
            var value = pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..];
            if (SettingPattern().Matches(value).Any(m => known.ContainsKey(m.Groups[1].Value) || ConnectionSettings.IsKeyword(m.Groups[1].Value.ToLowerInvariant())))
                throw ErrorCatalogue.TargetInvalid.For(Name, "a value contains another setting after a space: use semicolons between all settings (Host=…;Database=…) or none (host=… dbname=…), and quotation marks around a value with spaces");
        }
    }

    [GeneratedRegex("""(?<==\s*)(?:"(?:""|[^"])*"|'(?:''|[^'])*')""")]
    private static partial Regex QuotedPattern();

    /// <summary>Not a setting of the server in Options.</summary>
    [GeneratedRegex(@"(?<!-c\s*)\s(\w+)\s*=")]
    private static partial Regex SettingPattern();

    /// <summary>As Npgsql splits it: one colon, or one after the brackets.</summary>
    [GeneratedRegex(@"^(?:\[(?<host>[^\[\]]*)\](?::(?<port>[^:]*))?|(?<host>/.*)|(?<host>[^:]+):(?<port>[^:]*)|(?<host>.*))$", RegexOptions.Singleline)]
    private static partial Regex PlacePattern();

    /// <summary>Npgsql's hosts can be followed by their ports.</summary>
    private static void SplitPorts(ConnectionSettings settings)
    {
        if (settings["host"] is not { } hosts)
            return;
        var places = hosts.Split(',').Select(h => PlacePattern().Match(h.Trim())).Select(m => (Host: m.Groups["host"].Value, Port: m.Groups["port"] is { Success: true } port ? port.Value : settings["port"] ?? "")).ToList();
        settings.Set("host", string.Join(',', places.Select(p => p.Host)));
        if (places.Any(p => p.Port.Length > 0))
            settings.Set("port", string.Join(',', places.Select(p => p.Port)));
    }
}
