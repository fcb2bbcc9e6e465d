using System.Diagnostics;
using DbSafety.Audit;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Tools;
using Npgsql;

namespace DbSafety.Backups;

/// <summary>
/// Creates a verified backup: exports a snapshot, and runs pg_dump and counts every table under it; the dump is counted as it is written,
/// both counts must agree, and only then is the set published. It starts again if another session changed a table before it was locked. With a maximum age it
/// first looks for a set that is recent enough.
/// </summary>
public sealed class BackupDatabase : IOperation<BackupRequest, PgBackup>
{
    /// <summary>In the later attempts tables that keep changing are locked before the snapshot.</summary>
    private const int Attempts = 10, AttemptsWithoutEarlyLocks = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    public Task<PgBackup> RunAsync(BackupRequest request, IOperationEvents events, CancellationToken ct) =>
        AuditLog.RecordAsync(request.Target.Log("backup create"), events, e => BackUpAsync(request, e, ct), b => Logged([b]));

    /// <summary>A set that existed before is named, but it is no work of this run.</summary>
    internal static LogResult Logged(IReadOnlyList<PgBackup> sets)
    {
        var created = sets.Where(b => !b.IsReused).ToList();
        return new LogResult
        {
            Sets = [.. sets.Select(b => b.Logged)],
            SystemIdentifier = sets.Count > 0 ? sets[0].SystemIdentifier : null,
            Tables = created.Count == 0 ? null : created.Sum(b => b.Tables),
            Rows = created.Count == 0 ? null : created.Sum(b => b.Rows),
            Bytes = created.Count == 0 ? null : created.Sum(b => b.Bytes),
            Evidence = [.. sets.Where(b => b.IsReused).Select(b => $"no backup of {b.Database} was created: the backup of {b.SnapshotTime.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z is recent enough")],
        };
    }

    private static async Task<PgBackup> BackUpAsync(BackupRequest request, IOperationEvents events, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            if (request.MaxAge is { } age && await RecentAsync(request, age, ct) is { } recent)
                return recent with { IsReused = true };
            var (tool, encoding, connections) = await PrepareAsync(request, events, ct);
            request = request with { Jobs = connections.Jobs };
            var changing = new HashSet<long>();
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await new BackupAttempt(request, tool, encoding, events) { LockEarly = attempt > AttemptsWithoutEarlyLocks && !connections.IsFrugal ? changing : [], IsFrugal = connections.IsFrugal }.RunAsync(clock, ct);
                }
                catch (TablesChangedException e) when (attempt < Attempts)
                {
                    events.Verbose($"{e.Message}; taking the snapshot again");
                    changing.UnionWith(e.Tables);
                    StepPoint.Reach("backup: attempt abandoned");
                    // pg_dump's workers do not wait for a lock. One worker takes no locks but those that pg_dump itself has waited for.
                    if (request.Format == BackupFormat.Directory)
                        request = request with { Jobs = 1 };
                    await Task.Delay(Pause * attempt, ct);
                }
                catch (TablesChangedException e)
                {
                    throw ErrorCatalogue.SchemaChangedDuringBackup.Because(e, request.Target.Database, Attempts, e.Message);
                }
            }
        }
        // The server's disk is another one.
        catch (Exception e) when (e is not PostgresException and not DbSafetyException { InnerException: PostgresException } && (SetDraft.IsDiskFull(e) || (e.InnerException is { } inner && SetDraft.IsDiskFull(inner))))
        {
            throw ErrorCatalogue.DiskFull.Because(e, request.Destination);
        }
        catch (IOException e)
        {
            throw ErrorCatalogue.DestinationUnusable.Because(e, request.Destination, e.Message);
        }
        catch (NpgsqlException e)
        {
            ct.ThrowIfCancellationRequested();
            throw PgSession.Translate(e, request.Target);
        }
    }

    /// <summary>
    /// The newest intact set of exactly this database, with all that the request includes, that is at most so old; null: there is none. If it is uncertain whether a set is one of this database, because
    /// the server's identifier is unknown, or how old it is, because its time is in the future, it does not count; nor does a set whose last test failed, or of a database that was replaced since.
    /// </summary>
    private static async Task<PgBackup?> RecentAsync(BackupRequest request, TimeSpan maxAge, CancellationToken ct)
    {
        var target = request.Target;
        if (!request.Selection.IsEverything)
            throw ErrorCatalogue.SelectionInvalid.For(target.Database, $"{Advice.Of($"--max-age")} requires a backup of the entire database");
        if (!Directory.Exists(request.Destination))
            return null;
        await using var session = await BackupSession.OpenAsync(target, ct);
        var series = await LiveSeries.ReadAsync(target, session, request.Environment, ct);
        if (series.SystemIdentifier is null)
            return null;
        // The times of the sets are those of the server's clock.
        var now = new DateTimeOffset(await session.ScalarAsync<DateTime>("SELECT pg_catalog.clock_timestamp()", ct));
        var sets = await new ListBackups().RunAsync(new BackupListRequest(request.Destination, target.Database), OperationEvents.None, ct);
        try
        {
            var log = await new ReadLog().RunAsync(new LogRequest(), OperationEvents.None, ct);
            var oid = await SourceReader.DatabaseOidAsync(session, ct);
            // The list is the newest first.
            return LastTest.Mark(sets, log).FirstOrDefault(s => s is { State: BackupState.Intact, FailedLastTest: false } && s.SnapshotTime <= now && now - s.SnapshotTime <= maxAge && BackupSeries.Of(s.Manifest) == series
                && (s.Manifest.Source.DatabaseOid ?? oid) == oid && !WasReplaced(target, s, log) && Includes(s, request));
        }
        catch (DbSafetyException)
        {
            return null; // A log that cannot be read stops no backup.
        }
    }

    /// <summary>A restore in place does not change the OID; sets of earlier versions do not have one.</summary>
    private static bool WasReplaced(DatabaseTarget target, PgBackup set, IReadOnlyList<DbSafetyLogEntry> log)
    {
        var subject = target.Log("restore run");
        return log.Any(e => e.Verb is "restore run" or "restore undo" && e.Outcome is not (LogOutcome.Refused or LogOutcome.Cancelled or LogOutcome.Failed)
            && e.Database == subject.Database && e.Server == subject.Server && e.Time + (e.Duration ?? TimeSpan.Zero) >= set.SnapshotTime);
    }

    private static bool Includes(PgBackup set, BackupRequest request) =>
        (!request.IncludeServerSettings || set.Manifest.Files.Any(f => f.Path.EndsWith(ServerSettings.Ending, StringComparison.Ordinal)))
        && (!request.IncludePasswords || GlobalsDump.HasPasswords(set));

    /// <summary>The pg_dump to use, the database's own encoding, and how many connections there are for it.</summary>
    private static async Task<(PgTool Tool, string Encoding, BackupConnections Connections)> PrepareAsync(BackupRequest request, IOperationEvents events, CancellationToken ct)
    {
        await using var probe = await BackupSession.OpenAsync(request.Target, ct);
        var tool = await TargetTools.FindAsync("pg_dump", probe.PostgreSqlVersion.Major, request.Target, ct);
        (await BackupSpace.JudgeAsync(probe, request, ct))?.ThrowOrWarn(events);
        var connections = BackupConnections.Plan(request, await FreeConnections.ReadAsync(probe, request.Target.Database, ct));
        if (connections.IsFrugal)
            events.Verbose($"few connections are free on {request.Target.Server}: the backup uses as few as possible");
        return (tool, await probe.ScalarAsync<string>("SELECT pg_catalog.current_setting('server_encoding')", ct) ?? "UTF8", connections);
    }
}
