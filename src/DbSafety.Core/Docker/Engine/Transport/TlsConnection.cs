using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace DbSafety.Docker.Engine.Transport;

/// <summary>TLS with an engine: validates its certificate against the trusted authorities and the host name, and sends the client certificate if there is one.</summary>
internal static class TlsConnection
{
    public static async Task<Stream> OpenAsync(EngineAddress address, Stream inner, CancellationToken ct)
    {
        var tls = new SslStream(inner);
        try
        {
            await tls.AuthenticateAsClientAsync(Options(address, address.Tls ?? new EngineTls(null)), ct);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private static SslClientAuthenticationOptions Options(EngineAddress address, EngineTls files)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = address.Path };
        if (files is { Certificate: { } certificate, Key: { } key })
        {
            using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
            // On Windows a key that was read from PEM cannot be used until it has been through PKCS #12.
            options.ClientCertificates = [X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null)];
        }

        if (files.SkipVerify)
        {
#pragma warning disable CA5359 // The context's owner asked for it, and the docker command does the same.
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (files.Authority is { } authority)
            options.CertificateChainPolicy = Policy(authority);
        return options;
    }

    private static X509ChainPolicy Policy(string authority)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(authority);
        return policy;
    }
}
