using DbSafety.Databases.Connections;

namespace DbSafety.Databases;

/// <summary>A database of a server, from pg_database, without templates.</summary>
public sealed record PgDatabase : IDatabaseObject
{
    private readonly DatabaseTarget target;

    internal PgDatabase(DatabaseTarget target) => this.target = target;

    public string Database => target.Database;

    /// <summary>The host, or the folder of its Unix socket.</summary>
    public string Server => target.Address;

    public int Port => target.Port;

    public required string ServerVersion { get; init; }

    public required int ServerMajor { get; init; }

    public required string Owner { get; init; }

    public required string Encoding { get; init; }

    public required string Collate { get; init; }

    /// <summary>Bytes on disk; null if the role cannot connect to it.</summary>
    public required long? Bytes { get; init; }

    /// <summary>The number of its current sessions, without this one.</summary>
    public required int Connections { get; init; }

    public required bool AllowsConnections { get; init; }

    public string? Comment { get; init; }

    /// <summary>A restore or an undo retained it, or a run is creating it.</summary>
    public bool IsRetained { get; init; }

    /// <inheritdoc/>
    public DatabaseTarget ToTarget() => target;

    public override string ToString() => Database;
}
