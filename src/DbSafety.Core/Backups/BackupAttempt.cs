using System.Diagnostics;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups.Dumps;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Definitions;
using DbSafety.Databases.Snapshots;
using DbSafety.Databases.Tables;
using DbSafety.Databases.Writes;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Tools;
using Npgsql;

namespace DbSafety.Backups;

/// <summary>
/// One attempt at a backup, with a snapshot of its own: pg_dump locks the tables under the exported snapshot, our sessions lock them after it,
/// the tables are verified to be those of the snapshot, and rows are counted while pg_dump writes them.
/// </summary>
internal sealed class BackupAttempt(BackupRequest request, PgTool tool, string encoding, IOperationEvents events)
{
    /// <summary>pg_dump's application name: its sessions are found by it.</summary>
    private readonly string dumpName = $"dbsafety pg_dump {Guid.NewGuid():N}"[..32];

    private readonly DatabaseTarget target = request.Target;

    /// <summary>Tables that changed in each earlier attempt, to be locked before the snapshot; empty in the first attempts.</summary>
    public IReadOnlyCollection<long> LockEarly { get; init; } = [];

    /// <summary>The connections suffice only for the fewest sessions.</summary>
    public bool IsFrugal { get; init; }

    /// <exception cref="TablesChangedException">A table changed between the snapshot and its lock.</exception>
    public async Task<PgBackup> RunAsync(Stopwatch clock, CancellationToken ct)
    {
        using var draft = SetDraft.Begin(request.Destination, request.Environment, target.Database, DateTimeOffset.UtcNow, events);
        await using var watch = await BackupSession.OpenAsync(target, ct);
        var identity = (System: await SourceReader.SystemIdentifierAsync(watch, ct), Oid: await SourceReader.DatabaseOidAsync(watch, ct));
        await using var early = LockEarly.Count > 0 ? await EarlyLocks.TakeAsync(target, LockEarly, ct) : null;
        await using var snapshot = await SnapshotSession.BeginAsync(target, request.Selection, ct);
        StepPoint.Reach("backup: snapshot exported");
        var state = await DatabaseState.ReadAsync(snapshot.Connection, ct);
        events.Verbose($"{tool.Path} dumps {snapshot.Catalog.Tables.Count} tables of {target.Database} under snapshot {snapshot.Id}");

        var progress = new ByteProgress(events, $"Backing up {target.Database}", await EstimateAsync(snapshot, ct));
        var locks = new DumpLocks(watch, dumpName);
        using var work = new TaskGroup(ct);
        var dump = work.Run(token => new PgDumpRun(request, tool, draft, progress) { ApplicationName = dumpName, Encoding = encoding, Events = events }.RunAsync(snapshot.Id, snapshot.Arguments, token));
        var proof = work.Run(token => ProveAsync(snapshot, early, locks, dump, token));
        Task<BackupFile?> GlobalsAsync(CancellationToken token) => GlobalsDump.WriteAsync(request, encoding, watch.PostgreSqlVersion.Major, draft, events, token);
        var globals = IsFrugal ? null : work.Run(GlobalsAsync);
        try
        {
            await work.WaitAsync();
        }
        catch (Exception e)
        {
            await DumpLocks.EndAsync(target, dumpName, events);
            ct.ThrowIfCancellationRequested();
            await ExplainAsync(e, snapshot, locks, ct);
            throw;
        }

        StepPoint.Reach("backup: dump and counts complete");
        var (facts, counts) = await proof;
        var manifest = Compare(Describe(snapshot, await dump, facts, identity), (await dump).Census, counts);
        if (await (globals ?? GlobalsAsync(ct)) is { } file)
            manifest = manifest with { Files = [.. manifest.Files, file] };
        if (request.IncludeServerSettings && await ServerSettings.WriteAsync(watch, draft, events, ct) is { } settings)
            manifest = manifest with { Files = [.. manifest.Files, .. settings.Files], Findings = [.. manifest.Findings, .. settings.Findings] };
        manifest = manifest with { DurationSeconds = Math.Round(clock.Elapsed.TotalSeconds, 3) };
        ct.ThrowIfCancellationRequested();
        var path = draft.Publish(ManifestFile.Write(manifest));
        foreach (var finding in manifest.Findings)
            events.Warning(finding);
        return new PgBackup(path, ManifestFile.Read(path)) { Source = state };
    }

    /// <summary>An estimate of the bytes of the dump: the size of the rows on the server, by its statistics. Null for a part of a database.</summary>
    private async Task<long?> EstimateAsync(SnapshotSession snapshot, CancellationToken ct) => request.Selection.IsEverything
        ? await snapshot.Connection.ScalarAsync<long>(
            """
            SELECT coalesce(sum(greatest(c.relpages, 0)::int8), 0)::int8 * pg_catalog.current_setting('block_size')::int8
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 't') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.oid >= 16384
            """, ct)
        : null;

    /// <summary>
    /// Locks the tables after pg_dump, verifies that they are those of the snapshot, then counts. The order matters: from the moment that both
    /// pg_dump and we hold our locks no session can truncate, rewrite, alter or drop a table, so one check of the catalogs after it suffices.
    /// </summary>
    private async Task<(SourceFacts Facts, IReadOnlyList<TableCount> Counts)> ProveAsync(SnapshotSession snapshot, EarlyLocks? early, DumpLocks locks, Task dump, CancellationToken ct)
    {
        await using var counters = IsFrugal ? CountingSessions.On(snapshot) : await CountingSessions.OpenAsync(snapshot, request.Jobs, ct);
        await locks.WaitAsync(snapshot.States.Oids, dump, early, ct);
        StepPoint.Reach("backup: tables locked by pg_dump");
        await LockAsync(snapshot, counters, locks, ct);
        if (early is not null)
            await early.ReleaseAsync(ct);
        StepPoint.Reach("backup: tables locked");
        await snapshot.States.VerifyAsync(locks.Watch, ct);
        StepPoint.Reach("backup: tables verified");
        if (IsFrugal)
        {
            var counted = await CountAsync(snapshot, counters, ct);
            return (await ReadFactsAsync(snapshot, dump, ct), counted);
        }

        using var work = new TaskGroup(ct);
        var facts = work.Run(token => ReadFactsAsync(snapshot, dump, token));
        var counts = work.Run(token => CountAsync(snapshot, counters, token));
        await work.WaitAsync();
        return (await facts, await counts);
    }

    /// <summary>The exporter needs the locks as well: it prints definitions, which must not change before it has read them.</summary>
    private async Task LockAsync(SnapshotSession snapshot, CountingSessions counters, DumpLocks locks, CancellationToken ct)
    {
        try
        {
            if (IsFrugal)
                await counters.LockAsync(ct);
            else
                await Task.WhenAll(counters.LockAsync(ct), CountingSessions.LockAsync(snapshot.Connection, snapshot.Scope is null ? snapshot.Catalog.Tables : [], ct));
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw await locks.RequestedAsync(snapshot.States.Oids, e, ct);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            throw new TablesChangedException(e.MessageText, [], e);
        }
    }

    /// <summary>
    /// Views, materialized views and foreign tables are locked while their definitions are printed, by pg_dump too. Each wait is short and releases
    /// all locks of this step, so that no session that waits for them, and that pg_dump waits for, waits long.
    /// </summary>
    private async Task<SourceFacts> ReadFactsAsync(SnapshotSession snapshot, Task dump, CancellationToken ct)
    {
        var connection = snapshot.Connection;
        await connection.ExecuteAsync("SAVEPOINT facts", ct);
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            // pg_dump, which waits for the same locks, decides first.
            var last = dump.IsCompleted && waiting.Elapsed > request.LockTimeout;
            try
            {
                var facts = await SourceReader.ReadAsync(snapshot, request.Target.Database, request.Selection.HasLargeObjects, ct);
                await snapshot.ReleaseLocksAsync(ct);
                StepPoint.Reach("backup: definitions read");
                // Contents take their time, and need no lock.
                return request.Selection.HasLargeObjects ? facts with { LargeObjectDetails = await LargeObjectReader.ReadAsync(connection, request.Checksum, ct) } : facts;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable && !last)
            {
                await connection.ExecuteAsync("ROLLBACK TO SAVEPOINT facts", ct);
                StepPoint.Reach("backup: definition locked by another session");
            }
        }
    }

    private async Task<IReadOnlyList<TableCount>> CountAsync(SnapshotSession snapshot, CountingSessions counters, CancellationToken ct)
    {
        var (done, all) = (0, snapshot.Catalog.Tables.Count);
        var counts = await counters.CountAsync(
            request.Checksum,
            table => events.Progress($"Counting {target.Database}", SqlName.Display(table.Schema, table.Name), (double)Interlocked.Increment(ref done) / all),
            ct);
        StepPoint.Reach("backup: rows counted");
        return counts;
    }

    /// <summary>Distinguishes a failure that other sessions' changes caused from all other failures.</summary>
    /// <exception cref="TablesChangedException">They did.</exception>
    /// <exception cref="DbSafetyException"><c>DBS114</c> pg_dump could not lock a table in time.</exception>
    private async Task ExplainAsync(Exception failure, SnapshotSession snapshot, DumpLocks locks, CancellationToken ct)
    {
        if (failure is not DbSafetyException { Definition: var definition } || definition != ErrorCatalogue.ToolFailed)
            return;
        if (failure.Message.Contains("could not obtain lock on relation", StringComparison.Ordinal))
            throw new TablesChangedException($"a session requested an ACCESS EXCLUSIVE lock on a table before a worker of pg_dump locked it ({failure.Message})", [], failure);
        await using var now = await BackupSession.OpenAsync(target, ct);
        await snapshot.States.VerifyAsync(now, ct, failure);
        if (failure.Message.Contains("statement timeout", StringComparison.Ordinal))
            throw ErrorCatalogue.LockTimeout.Because(failure, target.Database, $"{request.LockTimeout.TotalSeconds:0.#} s", locks.Blocker ?? "the session that held it has ended");
    }

    private BackupManifest Describe(SnapshotSession snapshot, WrittenDump dump, SourceFacts facts, (string? System, uint? Oid) identity)
    {
        var version = snapshot.Connection.PostgreSqlVersion;
        return new BackupManifest
        {
            Database = target.Database,
            Environment = request.Environment,
            Format = request.Format,
            Compression = dump.Compression,
            Labels = request.Labels,
            Source = BackupSource.Of(target, version, tool.Version, identity.System) with { DatabaseOid = identity.Oid },
            SnapshotTime = snapshot.Time,
            Lsn = snapshot.Lsn,
            DurationSeconds = 0,
            DatabaseBytes = facts.DatabaseBytes,
            Properties = facts.Properties,
            Tables = [],
            Sequences = dump.Census.Sequences,
            LargeObjects = facts.LargeObjects,
            Extensions = facts.Extensions,
            Roles = [.. facts.Roles.Union(dump.Census.Owners, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            NotProven = snapshot.Catalog.LeftOutWords,
            Scope = snapshot.Scope,
            Findings = [.. dump.Census.Secrets.Select(s => $"the dump contains a secret: {s}"), .. facts.Paths.Findings],
            SearchPaths = facts.Paths.Paths,
            DependOnSearchPath = facts.Paths.Objects is { Count: > 0 } dependent ? dependent : null,
            SchemaHash = facts.Definitions?.Hash() ?? "",
            SchemaHashVersion = facts.Definitions is null ? null : SchemaDefinitions.HashVersion,
            Definitions = facts.Definitions?.Encode(),
            LargeObjectDefinitions = (facts.LargeObjectDetails ?? new SchemaDefinitions([], [])).Encode(),
            Files = dump.Files,
            BlockEnds = dump.BlockEnds,
        };
    }

    /// <summary>Compares the server's counts with the dump's.</summary>
    /// <exception cref="DbSafetyException"><c>DBS206</c>.</exception>
    private BackupManifest Compare(BackupManifest manifest, DumpCensus census, IReadOnlyList<TableCount> counts)
    {
        var differences = CountComparison.Differences(counts, census.Tables, "the snapshot", "the dump", out var onlyInDump);
        if (census.LargeObjects != manifest.LargeObjects)
            differences.Add($"{manifest.LargeObjects:N0} large objects in the snapshot, {census.LargeObjects:N0} in the dump");
        if (differences.Count > 0)
            throw ErrorCatalogue.CountsDisagree.For(target.Database, string.Join("; ", differences));
        return manifest with
        {
            Tables = counts,
            NotProven = [.. manifest.NotProven.Concat(onlyInDump.Select(t => $"{t.Rows:N0} rows of {t}")).Order(StringComparer.Ordinal)],
        };
    }
}
