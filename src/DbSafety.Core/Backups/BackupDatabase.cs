using System.Diagnostics;
using DbSafety.Backups.Dumps;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Tools;
using Npgsql;

namespace DbSafety.Backups;

/// <summary>
/// A verified backup: tables locked, snapshot exported, pg_dump run under it while every table is counted under it too; the dump is
/// counted as it is written, both counts must agree, and only then is the set published.
/// </summary>
public sealed class BackupDatabase : IOperation<BackupRequest, PgBackup>
{
    private const int MostCounters = 4;

    /// <inheritdoc/>
    public async Task<PgBackup> RunAsync(BackupRequest request, IOperationEvents events, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            await using var probe = await request.Target.OpenAsync(ct, "dbsafety backup");
            var tool = await PgTools.FindAsync("pg_dump", probe.PostgreSqlVersion.Major, request.Target, ct);
            (await BackupRoom.JudgeAsync(probe, request, ct))?.Settle(events);
            using var draft = SetDraft.Begin(request.Destination, request.Environment, request.Target.Database, DateTimeOffset.UtcNow, events);
            await using var snapshot = await SnapshotSession.BeginAsync(request.Target, request.Selection, request.LockTimeout, events, ct);
            events.Verbose($"{snapshot.Catalog.Tables.Count} tables of {request.Target.Database} are locked ACCESS SHARE; {tool.Path} dumps snapshot {snapshot.Id}");

            var progress = new ByteProgress(events, $"Backing up {request.Target.Database}", await EstimateAsync(request, snapshot, ct));

            using var work = new Together(ct);
            var dump = work.Run(token => new PgDumpRun(request, tool, draft, events, progress).RunAsync(snapshot.Id, snapshot.Arguments, token));
            var counts = work.Run(token => CountAsync(request, snapshot, events, token));
            var facts = work.Run(token => SourceReader.ReadAsync(snapshot, request, token));
            var globals = work.Run(token => GlobalsDump.WriteAsync(request, probe.PostgreSqlVersion.Major, draft, events, token));
            await work.WaitAsync();
            var manifest = Prove(request.Target.Database, Describe(request, tool, snapshot, await dump, await facts), (await dump).Census, await counts);
            if (await globals is { } file)
                manifest = manifest with { Files = [.. manifest.Files, file] };
            manifest = manifest with { DurationSeconds = Math.Round(clock.Elapsed.TotalSeconds, 3) };
            ct.ThrowIfCancellationRequested();
            var path = draft.Publish(ManifestFile.Write(manifest));
            foreach (var finding in manifest.Findings)
                events.Warning(finding);
            return new PgBackup(path, ManifestFile.Read(path));
        }
        catch (Exception e) when (SetDraft.IsDiskFull(e) || (e is DbSafetyException { InnerException: { } inner } && SetDraft.IsDiskFull(inner)))
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

    /// <summary>How many bytes the dump will have, about: what rows take on the server, by its own last count. Null for a part of a database.</summary>
    private static async Task<long?> EstimateAsync(BackupRequest request, SnapshotSession snapshot, CancellationToken ct) => request.Selection.IsEverything
        ? await snapshot.Connection.ScalarAsync<long>(
            """
            SELECT coalesce(sum(greatest(c.relpages, 0)::int8), 0)::int8 * pg_catalog.current_setting('block_size')::int8
              FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 't') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.oid >= 16384
            """, ct)
        : null;

    private static async Task<IReadOnlyList<TableCount>> CountAsync(BackupRequest request, SnapshotSession snapshot, IOperationEvents events, CancellationToken ct)
    {
        var tables = snapshot.Catalog.Tables;
        var connections = new List<NpgsqlConnection>();
        try
        {
            var wanted = Math.Clamp(Math.Min(tables.Count, request.Jobs > 0 ? request.Jobs : Environment.ProcessorCount), 1, MostCounters);
            while (connections.Count < wanted)
                connections.Add(await snapshot.JoinAsync(ct));
            var checksum = request.Checksum ? await TableChecksum.PrepareAsync(connections[0], ct) : null;
            var done = 0;
            return await TableCatalog.CountAsync(
                tables,
                connections,
                checksum,
                table => events.Progress($"Counting {request.Target.Database}", SqlName.Display(table.Schema, table.Name), (double)Interlocked.Increment(ref done) / tables.Count),
                ct);
        }
        finally
        {
            foreach (var connection in connections)
                await connection.DisposeAsync();
        }
    }

    private static BackupManifest Describe(BackupRequest request, PgTool tool, SnapshotSession snapshot, WrittenDump dump, SourceFacts facts)
    {
        var (target, version) = (request.Target, snapshot.Connection.PostgreSqlVersion);
        return new BackupManifest
        {
            Database = target.Database,
            Environment = request.Environment,
            Format = request.Format,
            Compression = dump.Compression,
            Labels = request.Labels,
            Source = new BackupSource(target.Host, target.Port, target.Username, version.ToString(), version.Major, tool.Version) { Container = target.Volume is null ? target.Container : null, Volume = target.Volume },
            SnapshotTime = facts.SnapshotTime,
            Lsn = facts.Lsn,
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
            Findings = [.. dump.Census.Secrets.Select(s => $"the dump holds a secret: {s}")],
            SchemaHash = facts.SchemaHash,
            Files = dump.Files,
            BlockEnds = dump.BlockEnds,
        };
    }

    /// <summary>Holds the server's counts against the dump's.</summary>
    /// <exception cref="DbSafetyException"><c>DBS206</c>.</exception>
    private static BackupManifest Prove(string database, BackupManifest manifest, DumpCensus census, IReadOnlyList<TableCount> counts)
    {
        var differences = CountComparison.Differences(counts, census.Tables, "the snapshot", "the dump", out var onlyInDump);
        if (census.LargeObjects != manifest.LargeObjects)
            differences.Add($"{manifest.LargeObjects:N0} large objects in the snapshot, {census.LargeObjects:N0} in the dump");
        if (differences.Count > 0)
            throw ErrorCatalogue.CountsDisagree.For(database, string.Join("; ", differences));
        // pg_dump includes rows of extensions' configuration tables, filtered as the extension says: they are in, but not ours to prove.
        return manifest with
        {
            Tables = counts,
            NotProven = [.. manifest.NotProven.Concat(onlyInDump.Select(t => $"{t.Rows:N0} rows of the extension's table {t}")).Order(StringComparer.Ordinal)],
        };
    }
}
