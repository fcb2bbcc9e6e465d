using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;

namespace DbSafety.Migrations.Applying;

/// <summary>Retries an attempt that hit the lock timeout, and reports the sessions that held the locks.</summary>
/// <param name="reachedOut">The effects of the attempt that a rollback does not undo, by the error that ended it; null: none.</param>
internal sealed class LockRetry(DatabaseTarget target, ApplySettings settings, LockWatcher watcher, Func<MigrationError, Task<string?>> reachedOut, IOperationEvents events)
{
    /// <summary>The total number of retries.</summary>
    public int Retries { get; private set; }

    /// <param name="rollBack">Called before a retry, which takes place only if the attempt was rolled back completely.</param>
    /// <exception cref="DbSafetyException"><c>DBS114</c>; <c>DBS454</c> it must not be retried.</exception>
    public async Task<T> TryAsync<T>(string name, Func<Task<T>> attempt, Func<Task<ScriptEnd>> rollBack, CancellationToken ct)
    {
        for (var tries = 0; ; tries++)
        {
            watcher.Forget();
            try
            {
                return await attempt();
            }
            catch (StatementFailedException e) when (e.MayBeRetried)
            {
                StepPoint.Reach("migration: lock timeout");
                if (await rollBack() != ScriptEnd.RolledBack)
                    throw;
                var who = watcher.Blockers ?? "a session that has disconnected";
                if (tries >= settings.LockRetries)
                    throw ErrorCatalogue.LockTimeout.Because(e, target.Database, $"{settings.LockTimeout.TotalSeconds:0.#} s in each of {tries + 1} attempts", $"{e.Error}; held by {who}");
                if (await reachedOut(e.Error) is { } outside)
                    throw ErrorCatalogue.NoRetry.Because(e, target.Database, $"{settings.LockTimeout.TotalSeconds:0.#} s", $"{e.Error}; held by {who}", outside);
                var pause = settings.Pause(tries);
                events.Warning($"{name} waited {settings.LockTimeout.TotalSeconds:0.#} s for a lock held by {who}; it was rolled back and is retried in {pause.TotalSeconds:0.0} s");
                Retries++;
                await Task.Delay(pause, ct);
            }
        }
    }
}
