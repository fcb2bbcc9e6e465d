namespace DbSafety.Migrations.Sources;

/// <summary>Where a migration stands, seen from its files and its ledger together.</summary>
public enum MigrationState
{
    /// <summary>Run, recorded, and its file is still the one that ran.</summary>
    Applied,

    /// <summary>Not run yet.</summary>
    Pending,

    /// <summary>Run once and marked as rolled back: pending again.</summary>
    RolledBack,

    /// <summary>Begun and never finished.</summary>
    Failed,

    /// <summary>Its file has changed since it ran.</summary>
    Modified,

    /// <summary>It ran, and its file is gone.</summary>
    Missing,

    /// <summary>Not run, though one that comes after it was.</summary>
    OutOfOrder,

    /// <summary>Its folder holds no script.</summary>
    NoScript,

    /// <summary>A file that is in no order, such as one without a number among numbered ones. It is named, not run.</summary>
    Unlisted,
}
