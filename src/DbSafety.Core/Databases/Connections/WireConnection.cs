using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Databases.Connections;

/// <summary>
/// Npgsql connections with the TLS rules of libpq, so that they are as secure as those of the PostgreSQL programs. By default, Npgsql trusts the
/// system's certificate authorities where libpq requires a file, does not validate with <c>sslmode=require</c>, and does not support <c>sslrootcert=system</c>.
/// </summary>
internal static class WireConnection
{
    /// <summary>As Npgsql has it.</summary>
    internal const string NoPassword = "No password has been provided";

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    public static NpgsqlConnection NewConnection(this DatabaseTarget target, string? applicationName = null)
    {
        var connection = new NpgsqlConnection(target.ConnectionString(applicationName));
#pragma warning disable CS0618 // The one way to keep Npgsql from looking for a password in places of its own: PGPASSWORD and .pgpass, which the resolver has read by libpq's rules.
        if (target.Password is null)
            connection.ProvidePasswordCallback = (_, _, _, _) => throw new NpgsqlException(NoPassword);
#pragma warning restore CS0618
        if (!target.IsSocket)
            connection.SslClientAuthenticationOptionsCallback = options => Apply(options, target);
        return connection;
    }

    private static void Apply(SslClientAuthenticationOptions options, DatabaseTarget target)
    {
        // The name on the certificate, also where hostaddr names the address.
        options.TargetHost = target.Host;
        options.EnabledSslProtocols = Protocols(target.Security.MinProtocol ?? "TLSv1.2", target.Security.MaxProtocol);
        if (WireSecurityReader.IsVerified(target.SslMode, target.SslRootCertificate))
            options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Problem(target, certificate, chain, errors) is { } problem ? throw ErrorCatalogue.CertificateRefused.For(target.Server, target.SslMode, problem) : true;
    }

    /// <returns>Null: the certificate is valid.</returns>
    private static string? Problem(DatabaseTarget target, X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors)
    {
        if (certificate is null)
            return "the server sent no certificate";
        if (target.SslMode == "verify-full" && errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return $"the certificate does not match host name {target.Host}";
        var root = WireSecurityReader.RootFile(target.SslRootCertificate);
        if (root == WireSecurityReader.System)
            return errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? $"the certificate cannot be verified with the certificate authorities that this system trusts{Statuses(presented)}" : null;
        using var leaf = new X509Certificate2(certificate);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        try
        {
            chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(root);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return $"the certificate authorities in {root} cannot be read: {e.Message}";
        }

        if (presented is not null)
            chain.ChainPolicy.ExtraStore.AddRange(presented.ChainElements.Select(e => e.Certificate).ToArray());
        return chain.Build(leaf) ? null : $"the certificate cannot be verified with the certificate authorities in {root}{Statuses(chain)}";
    }

    private static string Statuses(X509Chain? chain) => chain is { ChainStatus.Length: > 0 } ? $" ({string.Join(", ", chain.ChainStatus.Select(s => s.Status).Distinct())})" : "";

    private static SslProtocols Protocols(string least, string? most)
    {
#pragma warning disable SYSLIB0039, CA5397, CA5398 // Asked for by name.
        (string Name, SslProtocols Protocol)[] all = [("TLSv1", SslProtocols.Tls), ("TLSv1.1", SslProtocols.Tls11), ("TLSv1.2", SslProtocols.Tls12), ("TLSv1.3", SslProtocols.Tls13)];
#pragma warning restore SYSLIB0039, CA5397, CA5398
        return all.Where(p => string.CompareOrdinal(p.Name, least) >= 0 && (most is null || string.CompareOrdinal(p.Name, most) <= 0)).Aggregate(SslProtocols.None, (sum, p) => sum | p.Protocol);
    }
}
