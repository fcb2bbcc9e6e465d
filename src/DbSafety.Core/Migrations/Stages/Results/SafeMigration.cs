using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Backups.Sets;
using DbSafety.Migrations.Applying;
using DbSafety.Operations;

namespace DbSafety.Migrations.Stages.Results;

/// <summary>How a run ended.</summary>
public enum SafeMigrationOutcome
{
    /// <summary>Only looked at.</summary>
    Planned,

    /// <summary>Nothing was pending.</summary>
    NothingToDo,

    /// <summary>Everything that was pending has been run and verified.</summary>
    Applied,

    /// <summary>Stopped by a check before the database was touched.</summary>
    Refused,

    /// <summary>It failed, and what was left of it is still there.</summary>
    Failed,

    /// <summary>It failed, and PostgreSQL rolled all of it back.</summary>
    RolledBack,

    /// <summary>It failed, and the backup of before was restored.</summary>
    PutBack,

    /// <summary>
    /// The connection was lost, and whether the last transaction was committed could not be found out; or the database changed while a command was
    /// rehearsed on its copy, and by whom cannot be found out.
    /// </summary>
    Unknown,
}

/// <summary>How a stage ended.</summary>
public enum MigrationStageState
{
    Done,
    Skipped,
    Planned,
    Failed,
}

/// <summary>One stage of a run, with its evidence in words.</summary>
public sealed record MigrationStage(string Name, MigrationStageState State, TimeSpan Duration, string Evidence);

/// <summary>A stage has ended.</summary>
public sealed record MigrationStageEvent(MigrationStage Stage) : OperationEvent;

/// <summary>A run has ended otherwise than well; the error that is thrown next says why.</summary>
public sealed record SafeMigrationFailedEvent(SafeMigration Run) : OperationEvent;

/// <summary>A run of migrations, stage by stage.</summary>
public sealed record SafeMigration
{
    public required string Server { get; init; }

    public required string Database { get; init; }

    public required SafeMigrationOutcome Outcome { get; init; }

    public required IReadOnlyList<MigrationStage> Stages { get; init; }

    /// <summary>What was pending when the run began.</summary>
    public IReadOnlyList<string> Pending { get; init; } = [];

    public IReadOnlyList<MigrationFinding> Findings { get; init; } = [];

    /// <summary>The backup of before; its <see cref="PgBackup.Path"/> says where it lies.</summary>
    public PgBackup? Backup { get; init; }

    /// <summary>
    /// A file beside <see cref="Backup"/>: rows that were written after it to tables of which something was allowed to be lost, as they were before, as COPY commands for psql. Null: there were none.
    /// </summary>
    public string? RowsSinceBackup { get; init; }

    public IReadOnlyList<string> Applied { get; init; } = [];

    /// <summary>The folder in which the project's own command ran on this machine; null: there was none.</summary>
    public string? CommandFolder { get; init; }

    /// <summary>What was inserted, updated and deleted, table by table.</summary>
    public IReadOnlyList<TableChange> Changes { get; init; } = [];

    /// <summary>
    /// Those of <see cref="Changes"/> that lost rows, and the tables, columns and large objects that are gone: all of it allowed. <see cref="Backup"/> holds it,
    /// and is pinned (<see cref="PgBackup.PinnedUntil"/>), but for <see cref="RowsSinceBackup"/>; without one, no backup does.
    /// </summary>
    public IReadOnlyList<TableChange> Lost { get; init; } = [];

    /// <summary>The time production could have waited for this run: that of the migrations alone.</summary>
    public TimeSpan LockedFor { get; init; }

    public TimeSpan Duration { get; init; }
}
