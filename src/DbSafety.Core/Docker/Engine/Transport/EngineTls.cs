namespace DbSafety.Docker.Engine.Transport;

/// <summary>The PEM files of a TLS connection to an engine, as the docker command names them: ca.pem, cert.pem and key.pem in one folder.</summary>
/// <param name="SkipVerify">The engine's certificate is not validated.</param>
public sealed record EngineTls(string? Folder, bool SkipVerify = false)
{
    /// <summary>Null: the system's own authorities.</summary>
    public string? Authority => Existing("ca.pem");

    public string? Certificate => Existing("cert.pem");

    public string? Key => Existing("key.pem");

    private string? Existing(string name) => Folder is not null && Path.Combine(Folder, name) is var path && File.Exists(path) ? path : null;
}
