using DbSafety.Databases.Connections;

namespace DbSafety.Scratch;

/// <summary>A temporary PostgreSQL server, removed when disposed: <see cref="ScratchServer"/> on this machine, <see cref="ScratchContainer"/> on an engine.</summary>
public interface IScratchPostgres : IAsyncDisposable
{
    /// <summary>The superuser's connection to the database <c>postgres</c>.</summary>
    DatabaseTarget Target { get; }

    int Major { get; }

    /// <summary>A description of the server for messages.</summary>
    string Description { get; }

    /// <summary>Null: the server is isolated, without access to a network or to sockets of other servers. Otherwise the reason why it is not.</summary>
    string? NotIsolatedBecause { get; }
}
