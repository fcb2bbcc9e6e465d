namespace DbSafety.Docker;

/// <summary>What lies between us and the engine.</summary>
public enum EngineTransport
{
    UnixSocket,
    NamedPipe,

    /// <summary>Plain TCP: neither encrypted nor authenticated.</summary>
    Tcp,
}
