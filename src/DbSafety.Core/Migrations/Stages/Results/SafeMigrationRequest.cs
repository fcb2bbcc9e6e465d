using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;

namespace DbSafety.Migrations.Stages.Results;

/// <summary>What to do when something of a failed run has been committed already.</summary>
public enum FailureAction
{
    /// <summary>Leave the database as it is, and report the command that restores the backup.</summary>
    Stop,

    /// <summary>Restore the backup by swap; what other sessions have committed since is in the retained database only, which the result names.</summary>
    Restore,
}

/// <summary>Which migrations to run, on which database, with how much net.</summary>
public sealed record SafeMigrationRequest(string Path, DatabaseTarget Target)
{
    /// <summary>Losses that are accepted, each as <c>rule:object</c>, such as <c>drop-column:categories.active</c>.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    public bool AllowAll { get; init; }

    /// <summary>The project's own command, run in place of our own way; null: ours.</summary>
    public MigrationCommand? Command { get; init; }

    /// <summary>SQL: the folder's files are plain SQL files, whatever tool's they look like; null: as the folder says.</summary>
    public MigrationSource? Source { get; init; }

    /// <summary>Run those too that come too late in their order.</summary>
    public bool AllowOutOfOrder { get; init; }

    public bool SkipRehearsal { get; init; }

    /// <summary>Rehearse a <see cref="Command"/> where an address that it takes from anything but the variables set for it reaches the database itself.</summary>
    public bool AllowUnisolatedCommand { get; init; }

    /// <summary>No backup is kept. A rehearsal still takes one of its own and removes it.</summary>
    public bool SkipBackup { get; init; }

    /// <summary>Check, analyse and gate only; nothing is changed.</summary>
    public bool WhatIf { get; init; }

    /// <summary>A folder; null: <see cref="DefaultBackupDestination"/>.</summary>
    public string? BackupDestination { get; init; }

    /// <summary>How long retention keeps the backup of a run that is allowed to lose something; zero: no longer than any other.</summary>
    public TimeSpan PinFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Stands in the backup's name.</summary>
    public string Environment { get; init; } = "default";

    /// <summary>How long one try waits for a lock, and so the longest others queue up behind it.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Tries after the first.</summary>
    public int LockRetries { get; init; } = 5;

    /// <summary>The first pause between tries; doubled each time up to 30 s, with chance in it.</summary>
    public TimeSpan LockBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one statement may take; null: as the server has it.</summary>
    public TimeSpan? StatementTimeout { get; init; }

    /// <summary>How long a transaction of a script may be idle before the server ends it.</summary>
    internal TimeSpan IdleLimit { get; init; } = SessionSettings.IdleLimit;

    /// <summary>How long to ask the server how a transaction ended whose connection was lost.</summary>
    internal TimeSpan OutcomeWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Null: <see cref="FailureAction.Restore"/> if it is proven, inside the swap too, that no other session has written since the backup, else <see cref="FailureAction.Stop"/>.
    /// With a <see cref="Command"/> always <see cref="FailureAction.Stop"/>: what it writes cannot be told from what other sessions write.
    /// </summary>
    public FailureAction? OnFailure { get; init; }

    /// <summary>A folder of this user's own data, such as <c>~/.local/share/dbsafety/backups</c>.</summary>
    public static string DefaultBackupDestination => System.IO.Path.Combine(
        System.Environment.GetFolderPath(System.Environment.SpecialFolder.LocalApplicationData, System.Environment.SpecialFolderOption.DoNotVerify), "dbsafety", "backups");
}
