namespace DbSafety.Migrations.Sources;

/// <summary>The state of a migration, from its file and the migration history.</summary>
public enum MigrationState
{
    /// <summary>Run, recorded, and its file is still the one that ran.</summary>
    Applied,

    /// <summary>Not run yet.</summary>
    Pending,

    /// <summary>Run once and marked as rolled back: pending again.</summary>
    RolledBack,

    /// <summary>Started, but not finished.</summary>
    Failed,

    /// <summary>Its file has changed since it ran.</summary>
    Modified,

    /// <summary>It ran, and its file is missing.</summary>
    Missing,

    /// <summary>Not run, although a later migration was.</summary>
    OutOfOrder,

    /// <summary>Its folder contains no script.</summary>
    NoScript,

    /// <summary>A file without a place in the order, such as a file without a number among numbered files. It is listed, not run.</summary>
    Unlisted,
}
