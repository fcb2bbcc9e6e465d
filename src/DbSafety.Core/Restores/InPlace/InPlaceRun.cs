using System.Globalization;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Dumps;
using DbSafety.Backups.Sets;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Filling.Scripts;
using DbSafety.Restores.Sessions;
using DbSafety.Tools;
using Npgsql;

namespace DbSafety.Restores.InPlace;

/// <summary>
/// The transaction of an in-place restore, from its locks to its commit. psql's session holds it, because only psql runs a dump's script, and because the session that holds
/// the locks must run the drops. Another connection monitors it.
/// </summary>
internal sealed class InPlaceRun(PgBackup backup, RestoreRequest request, string folder, NpgsqlConnection watcher, IOperationEvents events) : IDisposable
{
    private const int BackupAttempts = 3;

    /// <summary>How long a COMMIT that was sent may be in progress after its connection was lost, and how often a COMMIT without an answer is checked.</summary>
    private static readonly TimeSpan Undelivered = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LongestWaitLimit = TimeSpan.FromSeconds(30);

    private readonly DatabaseTarget target = request.Target;
    private ServerTransaction? transaction;
    private bool commitSent;
    private bool committed;
    private string? blockers;
    private IDisposable? hold;

    /// <summary>The encoding that the watching session also uses.</summary>
    private string ClientEncoding => watcher.PostgresParameters.TryGetValue("client_encoding", out var encoding) && encoding == ByteText.ServerEncoding ? encoding : "UTF8";

    /// <summary>What a script has changed in the session.</summary>
    private string[] OwnSettings => [$"SET client_encoding = '{ClientEncoding}'", "SET search_path = pg_catalog", "SET row_security = off"];

    public PgBackup Backup => backup;

    public RestoreRequest Request => request;

    public IOperationEvents Events => events;

    /// <summary>The backup of the previous contents.</summary>
    public PgBackup? Before { get; private set; }

    /// <summary>Retention keeps that backup until this run has ended.</summary>
    public void Dispose() => hold?.Dispose();

    /// <summary>What other sessions have changed since that backup's snapshot.</summary>
    public ConcurrentChanges? Changes { get; private set; }

    /// <summary>Subscriptions of the set, which are not created.</summary>
    public IReadOnlyList<string> Subscriptions { get; private set; } = [];

    /// <returns>Notes about the commit.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken ct)
    {
        var psql = await TargetTools.FindAsync("psql", 0, target, ct, preferred: watcher.PostgreSqlVersion.Major);
        // A cancellation works until COMMIT is sent: after that, only the server knows the outcome.
        using var stop = new CancellationTokenSource();
        await using var forwarding = ct.Register(() =>
        {
            if (!commitSent)
                stop.Cancel();
        });
        try
        {
            var result = await PsqlSession.RunAsync(psql, target, ClientEncoding, TransactAsync, events, stop.Token);
            return committed ? [] : await OutcomeAsync(result);
        }
        catch (Exception e) when (!committed && transaction is not null && !commitSent)
        {
            await RolledBackAsync(e);
            ct.ThrowIfCancellationRequested();
            throw;
        }
        catch (Exception e) when (committed || commitSent)
        {
            return committed ? [] : await OutcomeAsync(e.Message, e);
        }
    }

    private async Task TransactAsync(PsqlSession session, CancellationToken ct)
    {
        await session.ExecuteAsync(ServerBackend.LoginRoleSql, ct);
        var backend = (await session.ListAsync(ServerBackend.OwnSql, r => new ServerBackend(r.GetProperty("pid").GetInt32(), r.GetProperty("started").GetString()), ct)).Single();
        await session.ExecuteAsync([ServerBackend.FormerRoleSql, .. InPlaceSettings.Statements(request.LockTimeout), "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"], ct);
        var id = (await session.ListAsync("SELECT pg_catalog.txid_current() AS id", r => r.GetProperty("id").GetInt64(), ct)).Single();
        transaction = new ServerTransaction(id, backend);
        StepPoint.Reach("in-place restore: transaction begun");
        await BackUpAsync(session, ct);
        StepPoint.Reach("in-place restore: state before proven");
        // Not before: the transaction is idle while the backup runs, however long that takes.
        await session.ListAsync(LostSession.LimitSql(InPlaceSettings.IdleLimit + request.LockTimeout), _ => true, ct);

        var extensions = await ExtensionRows.FindAsync(session, backup.Manifest, ct);
        var script = new DumpScript(
            backup,
            request.Options.NoOwner,
            await session.ListAsync($"SELECT nspname AS name FROM ({DatabaseClearing.Kept}) AS n", r => r.GetProperty("name").GetString()!, ct),
            await session.ListAsync("SELECT extname AS name FROM pg_catalog.pg_extension", r => r.GetProperty("name").GetString()!, ct))
        {
            Path = ScriptPath.Of(backup, watcher.PostgreSqlVersion.Major),
        };
        script.Path.Report(events);
        events.Progress($"Restoring {backup.Database}", $"emptying {target.Database}");
        await WatchAsync(session.ExecuteAsync(await DatabaseClearing.StatementsAsync(session, target.Database, ct), ct), ct);
        // Without owners and privileges there is nothing in the set to replace them with.
        if (!request.Options.NoOwner)
            await WatchAsync(CreationDefaults.RestoreAsync(session, watcher.PostgreSqlVersion.Major, ct), ct);
        await WatchAsync(ExtensionRows.DeleteAsync(session, extensions, ct), ct);
        StepPoint.Reach("in-place restore: emptied");
        RefuseLost(await Changes!.LostAsync(ct));

        events.Progress($"Restoring {backup.Database}", $"into {target.Database}");
        DumpCensus? loaded = null;
        await session.WriteAsync(async (input, token) => loaded = await script.WriteAsync(input, events, token), ct);
        Subscriptions = script.Subscriptions;
        await session.ExecuteAsync(OwnSettings, ct);
        StepPoint.Reach("in-place restore: filled");
        events.Progress($"Restoring {backup.Database}", "comparing with the manifest");
        if (script.Path.Path is { } path)
            await session.ExecuteAsync($"SELECT pg_catalog.set_config('search_path', {SqlName.Literal(path)}, false)", ct);
        var found = await RestoredState.DifferencesAsync(session, backup, loaded!, ct);
        await session.ExecuteAsync($"SET search_path = {SearchPath.Safe}", ct);
        var tail = script.Tail;
        if (tail.Length > 0 && found.Count == 0)
        {
            await session.WriteAsync((input, token) => input.WriteAsync(tail, token).AsTask(), ct);
            await session.ExecuteAsync(OwnSettings, ct);
        }

        if (found is { Count: > 0 } differences)
            throw ErrorCatalogue.InPlaceMismatch.For(target.Database, string.Join("; ", differences));
        await CommitAsync(session, ct);
    }

    /// <summary>Locks out writers, backs up the current contents and proves the backup; again, if other sessions created objects before the snapshot could see them.</summary>
    private async Task BackUpAsync(PsqlSession session, CancellationToken ct)
    {
        for (var attempt = 1; attempt <= BackupAttempts; attempt++)
        {
            events.Progress($"Restoring {backup.Database}", $"locking the tables of {target.Database}");
            await WatchAsync(session.ExecuteAsync(await DatabaseClearing.EventTriggersAsync(session, target.Database, ct), ct), ct);
            var locked = await WatchAsync(WriterLocks.TakeAsync(session, target.Database, ct), ct);
            events.Verbose($"{locked} tables and sequences of {target.Database} are locked: writes wait, reads do not");
            StepPoint.Reach("in-place restore: tables locked");
            Changes = await ConcurrentChanges.BeginAsync(watcher, transaction!, ct);
            Before = await new BackupDatabase().RunAsync(new BackupRequest(target, folder) { Environment = backup.Environment, Labels = ["pre-restore"], LockTimeout = request.LockTimeout }, events, ct);
            hold?.Dispose();
            hold = SetHold.Read(Before);
            StepPoint.Reach("in-place restore: backed up");
            var test = await new TestBackup().RunAsync(new BackupTestRequest(Before.Path), events, ct);
            if (!test.Passed)
                throw ErrorCatalogue.BackupDamaged.For(Before.Path, string.Join("; ", test.Problems));
            events.Information($"backed up the current contents: {Before.Path}");
            List<string> added = [.. await WriterLocks.MissingAsync(session, ct), .. await Changes.NewAsync(ct)];
            if (added.Count == 0)
                return;
            events.Verbose($"other sessions created {string.Join(", ", added.Distinct())}: backing up again");
        }

        throw ErrorCatalogue.InPlaceBlocked.For(target.Database, "other sessions keep creating or changing objects", "");
    }

    private async Task CommitAsync(PsqlSession session, CancellationToken ct)
    {
        // Constraints that are deferred fail here, not at COMMIT.
        await session.ExecuteAsync(["SET CONSTRAINTS ALL IMMEDIATE", InPlaceSettings.DurableCommit], ct);
        StepPoint.Reach("in-place restore: before the last look");
        await WriterLocks.RefusePreparedAsync(watcher, target.Database, ct);
        await Changes!.AwaitUncommittedAsync(target.Database, request.LockTimeout, events, ct);
        RefuseLost(await Changes.DanglingAsync(async sql => await session.ListAsync(sql, r => r.GetProperty("missing").GetBoolean(), ct), ct));
        RefuseLost(await Changes.LostAsync(ct));
        StepPoint.Reach("in-place restore: before COMMIT");
        ct.ThrowIfCancellationRequested();
        commitSent = true;
        await AnsweredAsync(session.ExecuteAsync("COMMIT", CancellationToken.None));
        committed = true;
        StepPoint.Reach("in-place restore: committed");
    }

    /// <summary>Waits for the answer of COMMIT, but not for an answer that can no longer arrive: psql does not notice every lost connection.</summary>
    private async Task AnsweredAsync(Task commit)
    {
        for (var missed = 0; await Task.WhenAny(commit, Task.Delay(Undelivered)) != commit;)
        {
            missed = await transaction!.ClientShouldHaveHeardAsync(target) ? missed + 1 : 0;
            // Twice: the first answer can still arrive.
            if (missed == 2 && !commit.IsCompleted)
                throw new TimeoutException("COMMIT or its response was lost");
        }

        await commit;
    }

    private void RefuseLost(List<string> lost)
    {
        if (lost.Count > 0)
            throw ErrorCatalogue.InPlaceBlocked.For(target.Database, $"other sessions created or changed objects that the restore would drop, after the backup: {string.Join(", ", lost)}", "");
    }

    /// <summary>Records which session blocks a statement.</summary>
    private async Task<T> WatchAsync<T>(Task<T> work, CancellationToken ct)
    {
        blockers = null;
        while (await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(500), ct)) != work && !ct.IsCancellationRequested)
            blockers = await ConcurrentChanges.BlockersAsync(watcher, transaction!, ct) ?? blockers;
        return await work;
    }

    private Task<bool> WatchAsync(Task work, CancellationToken ct) => WatchAsync(DoneAsync(work), ct);

    private static async Task<bool> DoneAsync(Task work)
    {
        await work;
        return true;
    }

    /// <summary>psql ended before it reported that the transaction was committed.</summary>
    private async Task<IReadOnlyList<string>> OutcomeAsync(ToolResult result)
    {
        var (state, text) = PsqlSession.Error(result);
        if (commitSent)
            return await OutcomeAsync(text, null);
        if (transaction is null)
            result.OrThrow();
        await RolledBackAsync(null, text);
        throw state switch
        {
            PostgresErrorCodes.LockNotAvailable => ErrorCatalogue.InPlaceBlocked.For(
                target.Database, $"a lock was not granted within {request.LockTimeout.TotalSeconds:0.#} s{(blockers is null ? "" : $"; it was held by {blockers}")}", "Wait for the sessions that hold it, or end them. "),
            PostgresErrorCodes.DeadlockDetected => ErrorCatalogue.InPlaceBlocked.For(target.Database, $"a deadlock with another session{(blockers is null ? "" : $", {blockers}")}: {text}", ""),
            PostgresErrorCodes.UndefinedTable when Before is null => ErrorCatalogue.InPlaceBlocked.For(target.Database, $"other sessions drop or rename tables: {text}", ""),
            _ => ErrorCatalogue.InPlaceRolledBack.For(target.Database, text),
        };
    }

    /// <summary>How long the server is asked for the outcome of the transaction.</summary>
    private TimeSpan WaitLimit => request.LockTimeout < LongestWaitLimit ? request.LockTimeout : LongestWaitLimit;

    /// <summary>Checks that the transaction is rolled back; only then is this reported.</summary>
    private async Task RolledBackAsync(Exception? cause, string? text = null)
    {
        if (transaction is not null && await transaction.OutcomeAsync(target, TimeSpan.Zero, WaitLimit) != TransactionOutcome.RolledBack)
            throw Unknown(cause, text ?? cause?.Message ?? "");
    }

    private async Task<IReadOnlyList<string>> OutcomeAsync(string text, Exception? cause)
    {
        switch (await transaction!.OutcomeAsync(target, Undelivered, WaitLimit))
        {
            case TransactionOutcome.Committed:
                events.Warning($"the connection to {target.Server} was lost at COMMIT ({text}); transaction {transaction.Id} is committed");
                return [$"the connection was lost at COMMIT; the server reports that transaction {transaction.Id} is committed"];
            case TransactionOutcome.RolledBack:
                throw ErrorCatalogue.InPlaceRolledBack.Because(cause, target.Database, text);
            default:
                throw Unknown(cause, text);
        }
    }

    private DbSafetyException Unknown(Exception? cause, string text) =>
        ErrorCatalogue.InPlaceUnknown.Because(cause, target.Database, text, transaction!.Id.ToString(CultureInfo.InvariantCulture), Before is { Path: var path } ? $"The previous contents are in the backup {path}." : "No backup was created, because nothing had been dropped yet.");
}
