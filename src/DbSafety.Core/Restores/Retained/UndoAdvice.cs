using System.Globalization;
using DbSafety.Databases;
using DbSafety.Databases.Connections;
using DbSafety.Errors;

namespace DbSafety.Restores.Retained;

/// <summary>How to undo what an operation did to a database. The command retains or backs up what it replaces, so no committed row is lost.</summary>
public sealed record UndoAdvice
{
    private UndoAdvice(Advice advice) => Advice = advice;

    internal Advice Advice { get; }

    /// <summary>The command of the front end that runs, without a password.</summary>
    public string Command => Advice.ToString();

    /// <summary>Changes that were committed to the live database after this time, in UTC, can be missing in the state that the command restores.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>What the command takes out of the live database, where it remains, and what of it was counted.</summary>
    public required string Discards { get; init; }

    public override string ToString() => Command;

    /// <summary>Swaps a retained database in.</summary>
    /// <param name="since">The time of the swap that retained it, or an earlier time.</param>
    internal static UndoAdvice Swap(DatabaseTarget live, string retained, DateTimeOffset since) => new(Advice.Of($"restore undo --to \"{retained}\" {Options(live)}"))
    {
        Since = since,
        Discards = $"changes to {live.Database} that were committed since {retained} was retained ({Time(since)}); the undo retains them in {RetainedNames.Pattern(live.Database, MarkKind.Undone)}. "
            + $"They are not counted here: {Advice.Of($"--what-if")} compares the rows of both databases",
    };

    /// <summary>Restores the backup from before a run.</summary>
    /// <param name="backup">The path of its manifest.</param>
    /// <param name="changes">What the run itself changed, in words; empty: nothing was counted.</param>
    internal static UndoAdvice Restore(DatabaseTarget live, string backup, DateTimeOffset since, string changes) => new(Advice.Of($"restore run \"{backup}\" {Options(live)}"))
    {
        Since = since,
        Discards = $"changes to {live.Database} that were committed since the snapshot of the backup ({Time(since)}); the restore retains them in {RetainedNames.Pattern(live.Database, MarkKind.Before)}. "
            + (changes.Length > 0 ? $"Counted when they were made: {changes}. Changes of other sessions are not counted" : "They are not counted"),
    };

    /// <summary>Restores the backup from before a restore in place, in place too.</summary>
    internal static UndoAdvice RestoreInPlace(DatabaseTarget live, string backup, DateTimeOffset since, string folder) => new(Advice.Of($"restore run \"{backup}\" {Options(live)} --in-place \"{folder}\""))
    {
        Since = since,
        Discards = $"changes to {live.Database} that were committed since the snapshot of the backup ({Time(since)}); the restore first backs them up to {folder}. They are not counted",
    };

    /// <summary>An env file has the password too; it is used if it names this database, not if an option replaced its name or the pooler in it.</summary>
    private static Advice Options(DatabaseTarget live)
    {
        try
        {
            if (live is { EnvFile: { } file, Container: null } && DatabaseTargets.FromEnvFile(file) is var named && (named.Host, named.Port, named.Username, named.Database) == (live.Host, live.Port, live.Username, live.Database))
                return Advice.Of($"--env-file \"{file}\"");
        }
        catch (DbSafetyException)
        {
            // The file has changed since.
        }

        return TargetText.Options(live);
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
