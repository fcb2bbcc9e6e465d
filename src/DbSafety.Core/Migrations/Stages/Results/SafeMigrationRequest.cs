using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;

namespace DbSafety.Migrations.Stages.Results;

/// <summary>What to do if part of a failed run has been committed.</summary>
public enum FailureAction
{
    /// <summary>Leave the database as it is, and report the command that restores the backup.</summary>
    Stop,

    /// <summary>Restore the backup by swapping databases; rows that other sessions committed after the backup exist only in the retained database, which the result names.</summary>
    Restore,
}

/// <summary>Which migrations to run, on which database, and with which safety checks.</summary>
public sealed record SafeMigrationRequest(string Path, DatabaseTarget Target)
{
    /// <summary>Losses that are accepted, each as <c>rule:object</c>, such as <c>drop-column:categories.active</c>.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    public bool AllowAll { get; init; }

    /// <summary>The project's own command that runs the migrations; null: DbSafety runs them itself.</summary>
    public MigrationCommand? Command { get; init; }

    /// <summary>SQL: the folder's files are treated as plain SQL files, even if they look like files of a tool; null: the source is detected from the folder.</summary>
    public MigrationSource? Source { get; init; }

    /// <summary>Also run migrations that are out of order.</summary>
    public bool AllowOutOfOrder { get; init; }

    public bool SkipRehearsal { get; init; }

    /// <summary>Rehearse a <see cref="Command"/> without isolation: if it does not take the address from the variables that are set for it, it connects to the database itself.</summary>
    public bool AllowUnisolatedCommand { get; init; }

    /// <summary>No backup is retained. A rehearsal still creates a backup and removes it.</summary>
    public bool SkipBackup { get; init; }

    /// <summary>Check, analyse and gate only; nothing is changed.</summary>
    public bool WhatIf { get; init; }

    /// <summary>A folder; null: <see cref="DefaultBackupDestination"/>.</summary>
    public string? BackupDestination { get; init; }

    /// <summary>How long retention keeps the backup of a run with allowed losses; zero: no longer than other backups.</summary>
    public TimeSpan PinFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Part of the backup's name.</summary>
    public string Environment { get; init; } = "default";

    /// <summary>How long one attempt waits for a lock, which is the longest time for which other sessions queue behind it.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Retries after the first attempt.</summary>
    public int LockRetries { get; init; } = 5;

    /// <summary>The first pause between attempts; doubled after each attempt up to 30 s, with random jitter.</summary>
    public TimeSpan LockBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The statement_timeout; null: the server's setting.</summary>
    public TimeSpan? StatementTimeout { get; init; }

    /// <summary>How long a transaction of a script may be idle before the server terminates its session.</summary>
    internal TimeSpan IdleLimit { get; init; } = SessionSettings.IdleLimit;

    /// <summary>How long to try to find out from the server whether a transaction was committed whose connection was lost.</summary>
    internal TimeSpan OutcomeWait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Null: <see cref="FailureAction.Restore"/> if it is proven, inside the swap too, that no other session has written since the backup, else <see cref="FailureAction.Stop"/>.
    /// With a <see cref="Command"/> always <see cref="FailureAction.Stop"/>: its writes cannot be distinguished from those of other sessions.
    /// </summary>
    public FailureAction? OnFailure { get; init; }

    /// <summary>A folder of this user's own data, such as <c>~/.local/share/dbsafety/backups</c>.</summary>
    public static string DefaultBackupDestination => System.IO.Path.Combine(
        System.Environment.GetFolderPath(System.Environment.SpecialFolder.LocalApplicationData, System.Environment.SpecialFolderOption.DoNotVerify), "dbsafety", "backups");
}
