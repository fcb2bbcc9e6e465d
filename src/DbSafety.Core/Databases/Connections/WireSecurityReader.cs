using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;

namespace DbSafety.Databases.Connections;

/// <summary>
/// What a connection's settings ask of its safety (https://www.postgresql.org/docs/current/libpq-ssl.html). A value that is not understood, and a
/// certificate that is not there, are errors: the connection would be weaker than asked for.
/// </summary>
internal static class WireSecurityReader
{
    public const string System = "system";

    private static readonly string[] Modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

    private static readonly string[] Preferences = ["disable", "prefer", "require"];

    private static readonly string[] Protocols = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"];

    /// <summary>libpq's words and Npgsql's.</summary>
    private static readonly Dictionary<string, string> Methods = new(StringComparer.Ordinal)
    {
        ["password"] = "Password", ["md5"] = "MD5", ["gss"] = "GSS", ["sspi"] = "SSPI", ["scram-sha-256"] = "ScramSHA256", ["none"] = "None",
    };

    /// <summary>Adds to a target what applies to it: libpq uses no TLS on a Unix socket, whatever sslmode says.</summary>
    /// <param name="setting">The value of a keyword, and the place that states it.</param>
    /// <exception cref="DbSafetyException"><c>DBS127</c>.</exception>
    public static DatabaseTarget Apply(DatabaseTarget target, Func<string, (string Value, string Place)?> setting)
    {
        var mode = OneOf("sslmode", Modes);
        var (root, binding, negotiation) = (Text("sslrootcert"), OneOf("channel_binding", Preferences), OneOf("sslnegotiation", ["postgres", "direct"]));
        if (root == System)
            mode ??= "verify-full";
        // Without TLS there is no channel: what is asked for can only be had with it.
        if (binding == "require" && (mode is null or "allow" or "prefer"))
            mode = "require";
        var (certificate, key) = (Text("sslcert"), Text("sslkey"));
        var isEncrypted = mode != "disable" && !target.IsSocket;
        if (binding == "require" && !isEncrypted)
            throw Invalid("channel_binding", target.IsSocket ? "there is no TLS on a Unix socket" : "sslmode is disable");
        if (negotiation == "direct" && (mode is null or "disable" or "allow" or "prefer"))
            throw Invalid("sslnegotiation", "direct requires sslmode=require, verify-ca or verify-full");
        var (least, most) = (OneOf("ssl_min_protocol_version", Protocols), OneOf("ssl_max_protocol_version", Protocols));
        if (most is not null && string.CompareOrdinal(least ?? "TLSv1.2", most) > 0)
            throw Invalid("ssl_max_protocol_version", $"it is below the minimum, {least ?? "TLSv1.2"}");
        if (isEncrypted)
            CheckFiles(mode, root, certificate, key);
        return target with
        {
            SslMode = mode,
            SslRootCertificate = root,
            Security = new WireSecurity
            {
                Certificate = certificate,
                Key = key,
                ChannelBinding = binding,
                RequireAuth = setting("require_auth") is { } methods ? MethodList(methods) : null,
                Negotiation = negotiation,
                GssEncryption = OneOf("gssencmode", Preferences),
                MinProtocol = least,
                MaxProtocol = most,
            },
        };

        string? Text(string keyword) => setting(keyword)?.Value is { Length: > 0 } value ? value : null;

        string? OneOf(string keyword, string[] values) => setting(keyword) is { } found
            ? values.FirstOrDefault(v => v.Equals(found.Value, StringComparison.OrdinalIgnoreCase)) ?? throw Invalid(keyword, $"it is not one of {string.Join(", ", values)}")
            : null;

        DbSafetyException Invalid(string keyword, string why) => ErrorCatalogue.WireSettingInvalid.For(setting(keyword)?.Place ?? "the connection", keyword, why);

        void CheckFiles(string? mode, string? root, string? certificate, string? key)
        {
            if (root == System && mode != "verify-full")
                throw Invalid("sslmode", "sslrootcert=system requires verify-full");
            if (root is not null and not System && !File.Exists(root))
                throw Invalid("sslrootcert", "the file does not exist");
            if (mode is "verify-ca" or "verify-full" && root is null && !File.Exists(DefaultFile("root.crt")))
                throw Invalid("sslmode", $"{mode} requires trusted certificate authorities: sslrootcert with a file, {DefaultFile("root.crt")}, or, with verify-full, sslrootcert=system");
            if (IsVerified(mode, root) && File.Exists(DefaultFile("root.crl")))
                throw Invalid("sslmode", $"certificate revocation lists ({DefaultFile("root.crl")}) are not supported");
            if (certificate is not null && !File.Exists(certificate))
                throw Invalid("sslcert", "the file does not exist");
            if (key is not null && !File.Exists(key))
                throw Invalid("sslkey", "the file does not exist");
            if (certificate is not null && key is null && !File.Exists(DefaultFile("postgresql.key")))
                throw Invalid("sslcert", "the private key of the certificate is missing: sslkey");
        }

        string MethodList((string Value, string Place) methods)
        {
            _ = NpgsqlMethods(methods.Value) ?? throw Invalid("require_auth", $"it is not a list of {string.Join(", ", Methods.Keys)}, each or none of them with ! in front");
            // An empty list accepts no method for libpq, and so only a server that asks for none.
            return methods.Value.Length > 0 ? methods.Value : "none";
        }
    }

    /// <summary>The certificate is validated: where there is a file of authorities, libpq validates with each sslmode.</summary>
    public static bool IsVerified(string? mode, string? root) => mode is "verify-ca" or "verify-full" || (mode != "disable" && (root is not null || File.Exists(DefaultFile("root.crt"))));

    /// <summary>The file of authorities, or <see cref="System"/>.</summary>
    public static string RootFile(string? root) => root ?? DefaultFile("root.crt");

    /// <summary>A require_auth as Npgsql writes it; null: it is none. Channel binding is a part of SCRAM alone, so it has to be the method.</summary>
    public static string? NpgsqlMethods(string? text, bool isBound = false)
    {
        var words = text is { Length: > 0 } ? text.Split(',') : [];
        var isNegative = words.Length > 0 && words[0].StartsWith('!');
        if (words.Distinct(StringComparer.Ordinal).Count() < words.Length || words.Any(w => w.StartsWith('!') != isNegative || !Methods.ContainsKey(w.TrimStart('!'))))
            return null;
        var accepted = Methods.Where(m => words.Length == 0 || words.Any(w => w.TrimStart('!') == m.Key) != isNegative).Select(m => m.Value).Where(m => !isBound || m == "ScramSHA256").ToList();
        return accepted.Count == 0 ? null : string.Join(',', accepted);
    }

    private static string DefaultFile(string name) => ProcessVariables.HomeFile(Path.Combine(".postgresql", name), name);
}
