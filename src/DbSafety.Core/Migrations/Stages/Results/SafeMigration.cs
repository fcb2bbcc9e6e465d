using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Audit;
using DbSafety.Backups.Sets;
using DbSafety.Migrations.Applying;
using DbSafety.Operations;
using DbSafety.Restores.Retained;

namespace DbSafety.Migrations.Stages.Results;

/// <summary>How a run ended.</summary>
public enum SafeMigrationOutcome
{
    /// <summary>The run only showed its plan.</summary>
    Planned,

    /// <summary>Nothing was pending.</summary>
    NothingToDo,

    /// <summary>All pending migrations were applied and verified.</summary>
    Applied,

    /// <summary>Stopped by a check before the database was changed.</summary>
    Refused,

    /// <summary>It failed, and the changes that it committed remain in the database.</summary>
    Failed,

    /// <summary>It failed, and PostgreSQL rolled it back completely.</summary>
    RolledBack,

    /// <summary>It failed, and the backup from before the run was restored.</summary>
    Restored,

    /// <summary>
    /// The connection was lost, and it is unknown whether the last transaction was committed; or the database changed while a command was
    /// rehearsed on its copy, and it is unknown which session changed it.
    /// </summary>
    Unknown,
}

/// <summary>The status of a stage.</summary>
public enum MigrationStageState
{
    Done,
    Skipped,
    Planned,
    Failed,
}

/// <summary>One stage of a run, with its evidence as text.</summary>
public sealed record MigrationStage(string Name, MigrationStageState State, TimeSpan Duration, string Evidence);

/// <summary>A stage has finished.</summary>
public sealed record MigrationStageEvent(MigrationStage Stage) : OperationEvent;

/// <summary>A run did not succeed; the error that is thrown next states the reason.</summary>
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

    /// <summary>The backup from before the run; <see cref="PgBackup.Path"/> is its location.</summary>
    public PgBackup? Backup { get; init; }

    /// <summary>
    /// A file beside <see cref="Backup"/>: rows that were written after the backup to tables with allowed losses, as they were before the run, as COPY commands for psql. Null: there were none.
    /// </summary>
    public string? RowsSinceBackup { get; init; }

    public IReadOnlyList<string> Applied { get; init; } = [];

    /// <summary>The folder in which the project's own command ran on this machine; null if no command ran.</summary>
    public string? CommandFolder { get; init; }

    /// <summary>What was inserted, updated and deleted, table by table.</summary>
    public IReadOnlyList<TableChange> Changes { get; init; } = [];

    /// <summary>
    /// The <see cref="Changes"/> that deleted rows, and the dropped tables, columns and large objects, all of them allowed. <see cref="Backup"/> holds it,
    /// and is pinned (<see cref="PgBackup.PinnedUntil"/>), but for <see cref="RowsSinceBackup"/>; without one, no backup does.
    /// </summary>
    public IReadOnlyList<TableChange> Lost { get; init; } = [];

    /// <summary>How to undo it; null if the run changed nothing, or if nothing contains the state from before it.</summary>
    public UndoAdvice? Undo { get; init; }

    /// <summary>The time for which sessions of production may have waited for this run: the run time of the migrations only.</summary>
    public TimeSpan LockedFor { get; init; }

    public TimeSpan Duration { get; init; }

    internal LogResult Logged => new()
    {
        Sets = Backup is null ? [] : [Backup.Logged],
        Undo = Undo?.Advice,
        Stages = Stages.Where(s => s.State is MigrationStageState.Done or MigrationStageState.Failed).GroupBy(s => s.Name).ToDictionary(g => g.Key, g => g.Last().Duration),
        Evidence =
        [
            .. Applied.Select(name => $"applied {name}"),
            .. Changes.Select(c => c.ToString()),
            .. Lost.Except(Changes).Select(c => c.ToString()),
            .. Stages.Where(s => s.State is MigrationStageState.Skipped or MigrationStageState.Failed).Select(s => $"{s.Name} {(s.State == MigrationStageState.Skipped ? "skipped" : "failed")}: {s.Evidence}"),
            $"outcome: {Outcome}",
        ],
    };
}
