namespace DbSafety.Migrations.Sources;

/// <summary>One migration: its file and what the ledger knows of it.</summary>
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

    /// <summary>What the ledger keeps of a failure.</summary>
    public string? Log { get; init; }

    /// <summary>The state in words, where there is more to say: what to do about it.</summary>
    public string? Note { get; init; }

    /// <summary>It is no transaction, and was cut off: the statement, from 1, that the next run goes on with; one more than it has where only the ledger is left to be written.</summary>
    public int? ResumesAt { get; init; }

    /// <summary>It would be run next.</summary>
    public bool IsPending => State is MigrationState.Pending or MigrationState.RolledBack || ResumesAt is not null;

    /// <summary>While it is so, nothing is run.</summary>
    public bool BlocksRun => (State == MigrationState.Failed && ResumesAt is null) || State is MigrationState.Modified or MigrationState.Missing or MigrationState.OutOfOrder or MigrationState.NoScript;
}
