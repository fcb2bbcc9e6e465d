using DbSafety.Backups;
using DbSafety.Backups.Retention;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Migrations;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.CrashHost;

/// <summary>What an operation of the rounds works on.</summary>
/// <param name="Set">The manifest that restores restore.</param>
/// <param name="Backups">The folder that backups go to.</param>
/// <param name="Migrations">The migrations folder.</param>
internal sealed record RoundPlace(DatabaseTarget Live, string Set, string Backups, string Migrations);

/// <summary>The operations that the rounds interleave with other sessions and kill; run in the test's process, or in one of their own.</summary>
internal static class RoundCommand
{
    /// <summary>Losses that the user allows in every migration.</summary>
    private static readonly string[] Allow = ["delete-rows:doomed"];

    private static readonly Dictionary<string, Func<RoundPlace, IOperationEvents, Task<object>>> Commands = new(StringComparer.Ordinal)
    {
        ["backup"] = async (p, e) => await new BackupDatabase().RunAsync(new BackupRequest(p.Live, p.Backups) { LockTimeout = TimeSpan.FromSeconds(3) }, e, CancellationToken.None),
        ["restore beside"] = async (p, e) => await new RestoreDatabase().RunAsync(new RestoreRequest(p.Set, p.Live), e, CancellationToken.None),
        ["restore in place"] = async (p, e) => await new RestoreDatabase().RunAsync(new RestoreRequest(p.Set, p.Live) { InPlaceBackup = p.Backups }, e, CancellationToken.None),
        ["undo"] = async (p, e) => await new UndoRestore().RunAsync(new UndoRestoreRequest(p.Live), e, CancellationToken.None),
        ["migrate prisma"] = (p, e) => MigrateAsync(p, e, r => r with { SkipRehearsal = true }),
        ["migrate sql"] = (p, e) => MigrateAsync(p, e, r => r with { SkipRehearsal = true }),
        ["migrate loose"] = (p, e) => MigrateAsync(p, e, r => r with { SkipRehearsal = true }),
        ["migrate rehearsed"] = (p, e) => MigrateAsync(p, e, r => r),
        ["migrate command"] = (p, e) => MigrateAsync(p, e, r => r with { SkipRehearsal = true, Command = new MigrationCommand(["sh", Path.Combine(p.Migrations, "..", "deploy.sh")]) }),
        ["migrate fails, restores"] = (p, e) => MigrateAsync(p, e, r => r with { SkipRehearsal = true, OnFailure = FailureAction.Restore }),
        ["migrate fails, decides"] = (p, e) => MigrateAsync(p, e, r => r with { SkipRehearsal = true }),
        ["retention"] = RemoveAsync,
    };

    public static IReadOnlyCollection<string> Names => Commands.Keys;

    public static Task<object> RunAsync(string name, RoundPlace place, IOperationEvents events) => Commands[name](place, events);

    private static async Task<object> MigrateAsync(RoundPlace place, IOperationEvents events, Func<SafeMigrationRequest, SafeMigrationRequest> how)
    {
        var request = new SafeMigrationRequest(place.Migrations, place.Live)
        {
            Allow = Allow,
            BackupDestination = place.Backups,
            LockTimeout = TimeSpan.FromSeconds(1),
            LockRetries = 2,
            LockBackoff = TimeSpan.FromMilliseconds(100),
        };
        return await new RunSafeMigration().RunAsync(how(request), events, CancellationToken.None);
    }

    private static async Task<object> RemoveAsync(RoundPlace place, IOperationEvents events)
    {
        var plan = await new PlanRetention().RunAsync(new RetentionRequest(place.Backups, new RetentionPolicy { KeepLast = 1 }), events, CancellationToken.None);
        return (await new RemoveBackups().RunAsync(plan, events, CancellationToken.None)).Where(s => s.Decision == RetentionDecision.Remove).ToList();
    }
}
