namespace DbSafety.Docker.Engine.Transport;

/// <summary>The transport to the engine.</summary>
public enum EngineTransport
{
    UnixSocket,
    NamedPipe,

    /// <summary>Plain TCP: neither encrypted nor authenticated.</summary>
    Tcp,

    /// <summary>TCP with TLS, with a client certificate if there is one.</summary>
    Tls,

    /// <summary>The docker command of another machine, run over ssh.</summary>
    Ssh,
}
