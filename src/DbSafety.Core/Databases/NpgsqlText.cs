using System.Data.Common;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Databases;

/// <summary>A connection string in Npgsql's form: <c>Host=db;Username=app;Password=…;Database=shop</c>.</summary>
internal static class NpgsqlText
{
    private const string Name = "the connection string";

    /// <exception cref="DbSafetyException"><c>DBS105</c>, <c>DBS124</c>; the text is not repeated, for it may hold a password.</exception>
    public static ConnectionText Parse(string text)
    {
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
            // Without a file, Npgsql trusts the system's authorities.
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
            settings.Set("require_auth", methods.Replace("ScramSHA256", "scram-sha-256", StringComparison.OrdinalIgnoreCase).ToLowerInvariant());
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

    /// <summary>Npgsql's several hosts have their ports behind them.</summary>
    private static void SplitPorts(ConnectionSettings settings)
    {
        if (settings["host"] is not { } hosts || !hosts.Contains(',', StringComparison.Ordinal))
            return;
        var places = hosts.Split(',').Select(h => h.Trim()).Select(h => h.LastIndexOf(':') is > 0 and var colon && h.IndexOf(':', StringComparison.Ordinal) == colon ? (h[..colon], h[(colon + 1)..]) : (h, settings["port"] ?? "")).ToList();
        settings.Set("host", string.Join(',', places.Select(p => p.Item1)));
        settings.Set("port", string.Join(',', places.Select(p => p.Item2)));
    }
}
