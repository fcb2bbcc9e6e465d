using DbSafety.Databases;
using DbSafety.Databases.Connections;

namespace DbSafety.Restores.Retained;

/// <summary>A database that a restore, an undo or a migration retained.</summary>
public sealed record PgRetainedDatabase : IDatabaseObject
{
    private readonly DatabaseTarget target;

    internal PgRetainedDatabase(DatabaseTarget target) => this.target = target;

    /// <summary>Its own name, such as <c>shop_before_20261120T031500Z</c>.</summary>
    public string Name => target.Database;

    /// <summary>The database that it was, and whose name it had.</summary>
    public required string Database { get; init; }

    /// <summary>The host, or the folder of its Unix socket.</summary>
    public string Server => target.Address;

    public int Port => target.Port;

    /// <summary>Bytes on disk; null if the role cannot connect to it.</summary>
    public required long? Bytes { get; init; }

    /// <summary>When it was retained (the time of the swap), in UTC, by the server's clock.</summary>
    public required DateTimeOffset RetainedAt { get; init; }

    /// <summary>Since <see cref="RetainedAt"/>, by the server's clock.</summary>
    public required TimeSpan Age { get; init; }

    /// <summary>The operation that retained it.</summary>
    public required MarkedBy By { get; init; }

    /// <summary>The number of sessions that are connected to it. It is dropped only if there are none.</summary>
    public required int Connections { get; init; }

    /// <summary>An undo can swap it in. False if it was dropped, if <see cref="Database"/> no longer exists, if the database that replaced this database was renamed, or if
    /// the owner of this database could not have swapped <see cref="Database"/>.</summary>
    public bool CanUndo => Undo is not null;

    /// <summary>How to swap it in again; null if that is impossible.</summary>
    public UndoAdvice? Undo { get; init; }

    /// <summary>The live database took its place, directly or through other retained databases. If not, it can be the only copy of its rows.</summary>
    internal bool PrecedesLive { get; init; }

    /// <summary>Databases are identified by it: names can change.</summary>
    internal uint Oid { get; init; }

    /// <inheritdoc/>
    public DatabaseTarget ToTarget() => target;

    public override string ToString() => Name;
}
