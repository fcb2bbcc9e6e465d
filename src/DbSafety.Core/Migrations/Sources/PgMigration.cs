namespace DbSafety.Migrations.Sources;

/// <summary>One migration: its file and its rows in the migration history.</summary>
public sealed record PgMigration
{
    public required string Name { get; init; }

    public required MigrationState State { get; init; }

    public required MigrationSource Source { get; init; }

    /// <summary>The tool that runs it, where that is neither Prisma nor Drizzle.</summary>
    public string? Tool { get; init; }

    /// <summary>The script's full path; null where it is missing.</summary>
    public string? Path { get; init; }

    /// <summary>SHA-256 of the file's bytes in hex; of the recorded file where it is missing.</summary>
    public string? Checksum { get; init; }

    public DateTimeOffset? AppliedAt { get; init; }

    /// <summary>The migration history's log of a failure.</summary>
    public string? Log { get; init; }

    /// <summary>The recommended action for the state, if there is one.</summary>
    public string? Note { get; init; }

    /// <summary>It does not run in one transaction, and was interrupted: the statement, from 1, at which the next run continues; one more than its number of statements if only the migration history must be written.</summary>
    public int? ResumesAt { get; init; }

    /// <summary>It would be run next.</summary>
    public bool IsPending => State is MigrationState.Pending or MigrationState.RolledBack || ResumesAt is not null;

    /// <summary>In this state, nothing is run.</summary>
    public bool BlocksRun => (State == MigrationState.Failed && ResumesAt is null) || State is MigrationState.Modified or MigrationState.Missing or MigrationState.OutOfOrder or MigrationState.NoScript;
}
