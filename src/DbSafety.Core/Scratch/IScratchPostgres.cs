using DbSafety.Databases.Connections;

namespace DbSafety.Scratch;

/// <summary>A throwaway PostgreSQL, gone when disposed: <see cref="ScratchServer"/> on this machine, <see cref="ScratchContainer"/> on an engine.</summary>
public interface IScratchPostgres : IAsyncDisposable
{
    /// <summary>The superuser's way in, to the database <c>postgres</c>.</summary>
    DatabaseTarget Target { get; }

    int Major { get; }

    /// <summary>What and where it is, for people.</summary>
    string Description { get; }

    /// <summary>Null: what runs on it reaches no other server, by no network and no socket. Else why that cannot be said of it.</summary>
    string? NotIsolatedBecause { get; }
}
