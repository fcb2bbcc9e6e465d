using DbSafety.Databases.Connections;
using DbSafety.Restores.Retained;
using DbSafety.Restores.Swaps;

namespace DbSafety.Restores.Creation;

/// <summary>Which set to restore, and as which database: the target's, which is created if it does not exist.</summary>
/// <param name="Set">The path of a manifest or of a payload.</param>
public sealed record RestoreRequest(string Set, DatabaseTarget Target)
{
    /// <summary>A set with only a part of its database can replace a live database.</summary>
    public bool AllowExcerpt { get; init; }

    /// <summary>A set of a database with another name can replace a live database.</summary>
    public bool AllowOtherDatabase { get; init; }

    /// <summary>Logical replication slots of the live database can stay with the retained copy; their consumers miss what changes from then on.</summary>
    public bool AllowSlotLoss { get; init; }

    /// <summary>Create the roles of the set that the server lacks, with their memberships and settings, from the set's globals file.</summary>
    public bool Globals { get; init; }

    /// <summary>Only check, and report what would be done.</summary>
    public bool WhatIf { get; init; }

    /// <summary>
    /// Empty and fill the database itself, in one transaction, after a backup into this folder: for roles without the CREATEDB privilege.
    /// Null: restore to a new database, and swap.
    /// </summary>
    public string? InPlaceBackup { get; init; }

    public RestoreOptions Options { get; init; } = new();

    /// <summary>How long a restore in place waits for each lock.</summary>
    internal TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Drop retained databases of earlier restores that are older than this; null: keep all.</summary>
    public TimeSpan? KeepFor { get; init; }

    /// <summary>What the restore is a part of, as the mark of the retained database records it.</summary>
    internal MarkedBy By { get; init; } = MarkedBy.Restore;

    /// <summary>If the server lacks the locale of a dump of another tool, use the locale of <c>template0</c>.</summary>
    internal bool AnyLocale { get; init; }

    /// <summary>The database of a dump of several, as the dump names it; null: the database with the target's name.</summary>
    internal string? Section { get; init; }

    /// <summary>Decides inside the swap whether the live database can be replaced; null: always.</summary>
    internal ISwapCondition? Condition { get; init; }
}

/// <summary>The database whose last restore is undone.</summary>
public sealed record UndoRestoreRequest(DatabaseTarget Target)
{
    /// <summary>Logical replication slots of the database can stay with the retained copy; their consumers miss what changes from then on.</summary>
    public bool AllowSlotLoss { get; init; }

    /// <summary>Only check, and report what would be done.</summary>
    public bool WhatIf { get; init; }

    /// <summary>The retained database to swap in, by its name; null: the database that the last restore retained.</summary>
    public string? To { get; init; }

    /// <summary>The retained database to swap in, as it was listed: another database that has its name now is not swapped in. Null: <see cref="To"/> decides.</summary>
    public PgRetainedDatabase? Retained { get; init; }

    /// <summary>The database that <see cref="To"/> names can be one without a mark: an earlier version retained it, or only its name is that of a retained database.</summary>
    public bool AllowUnmarked { get; init; }
}
