using DbSafety.Databases.Connections;

namespace DbSafety.Databases;

/// <summary>A database of a server, as its catalogue shows it. Templates are left out.</summary>
public sealed record PgDatabase
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

    /// <summary>Bytes on disk; null where the role may not connect to it.</summary>
    public required long? Bytes { get; init; }

    /// <summary>Sessions that use it now; this one is not counted.</summary>
    public required int Connections { get; init; }

    public required bool AllowsConnections { get; init; }

    public string? Comment { get; init; }

    /// <summary>How to reach it. A method and no property, because it holds the password: what prints or serializes objects leaves it alone.</summary>
    public DatabaseTarget ToTarget() => target;

    public override string ToString() => Database;
}
