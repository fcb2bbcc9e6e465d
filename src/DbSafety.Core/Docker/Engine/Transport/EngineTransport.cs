namespace DbSafety.Docker.Engine.Transport;

/// <summary>What lies between us and the engine.</summary>
public enum EngineTransport
{
    UnixSocket,
    NamedPipe,

    /// <summary>Plain TCP: neither encrypted nor authenticated.</summary>
    Tcp,

    /// <summary>TCP with TLS, with a certificate of our own where there is one.</summary>
    Tls,

    /// <summary>The docker command of another machine, run over ssh.</summary>
    Ssh,
}
