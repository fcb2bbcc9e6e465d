using System.Collections.Concurrent;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Dumps;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Filling.Scripts;
using Npgsql;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Fills a new database from a custom or directory archive: definitions by pg_restore, rows by our own COPY sessions directly from
/// the set, each table's indexes as soon as its rows are loaded, the rest by pg_restore again.
/// </summary>
internal sealed class ArchiveFill(PgBackup backup, DatabaseTarget database, PgRestoreRun pgRestore, RestoreOptions options, IOperationEvents events, Func<CancellationToken, Task> count)
{
    /// <summary>Each decompresses small tables that other readers load, to skip them.</summary>
    private const int MostReaders = 4;

    private readonly IReadOnlyList<string> paths = SearchPath.Of(backup.Manifest.SearchPaths, backup.Manifest.Properties);
    private IReadOnlySet<int> skipped = new HashSet<int>();

    /// <returns>The subscriptions that the archive holds and that were left out.</returns>
    /// <exception cref="DbSafetyException"><c>DBS204</c>, <c>DBS310</c>, or pg_restore's error (<c>DBS112</c>).</exception>
    public async Task<IReadOnlyList<DumpedSubscription>> RunAsync(CancellationToken ct)
    {
        try
        {
            return DumpedSubscription.Of(backup.Manifest.Format == BackupFormat.Directory ? await FromDirectoryAsync(ct) : await FromStreamAsync(ct), options);
        }
        catch (Exception e) when (e is DumpDamagedException or InvalidDataException)
        {
            throw ErrorCatalogue.BackupDamaged.Because(e, backup.Payload, e.Message);
        }
    }

    /// <summary>
    /// One stream: several readers read it independently, each loads the next table that no other reader has begun, and skips
    /// the rest.
    /// </summary>
    private async Task<ArchiveToc> FromStreamAsync(CancellationToken ct)
    {
        var (head, toc) = ReadHead();
        skipped = options.Skipped(toc, backup.Manifest);
        var tables = toc.Entries.Where(IsWanted).ToDictionary(e => e.DumpId);
        var begun = new ConcurrentDictionary<int, bool>();
        await FillAsync(head, toc, Math.Min(tables.Count, MostReaders), LoadAsync, LoadAgainAsync, LargeAsync, ct);
        return toc;

        // pg_restore finds them only in the complete archive, and skips the rest.
        Task LargeAsync() => LargeObjectsAsync(toc, [], CopyPayloadAsync, ct);

        async Task LoadAsync(Func<ArchiveEntry, Stream, Task> load)
        {
            using var pass = new ArchivePass(backup, head.Length, toc.IntegerBytes);
            while (begun.Count < tables.Count && pass.Next())
            {
                if (tables.TryGetValue(pass.DumpId, out var table) && begun.TryAdd(pass.DumpId, true))
                    await load(table, pass.Data());
                else
                    pass.Skip();
            }
        }

        async Task LoadAgainAsync(IReadOnlyCollection<ArchiveEntry> some, Func<ArchiveEntry, Stream, Task> load)
        {
            using var pass = new ArchivePass(backup, head.Length, toc.IntegerBytes);
            while (pass.Next())
            {
                if (some.FirstOrDefault(e => e.DumpId == pass.DumpId) is { } table)
                    await load(table, pass.Data());
                else
                    pass.Skip();
            }
        }
    }

    private (byte[] Head, ArchiveToc Toc) ReadHead()
    {
        using var dump = PayloadStream.Open(backup);
        using var start = new HeadCapture(dump);
        var input = new DumpInput(start);
        var toc = ArchiveToc.Read(input, isDirectory: false);
        return (start.Take(input.Position), toc);
    }

    /// <summary>One file for each table, the largest first.</summary>
    private async Task<ArchiveToc> FromDirectoryAsync(CancellationToken ct)
    {
        var head = await File.ReadAllBytesAsync(Path.Combine(backup.Payload, "toc.dat"), ct);
        using var memory = new MemoryStream(head);
        var toc = ArchiveToc.Read(new DumpInput(memory), isDirectory: true);
        skipped = options.Skipped(toc, backup.Manifest);
        if (pgRestore.IsInside && toc.Entries.Any(IsLargeObjects) && options.Tables.Count == 0)
            throw ErrorCatalogue.ContainerToolUnfit.For("a restore of large objects from a directory dump", "its files are on this machine");
        var tables = new ConcurrentQueue<ArchiveEntry>(toc.Entries.Where(IsWanted).OrderByDescending(e => DirectoryArchive.Size(backup.Payload, e)));
        await FillAsync(head, toc, tables.Count, LoadAsync, LoadAgainAsync, () => LargeObjectsAsync(toc, [backup.Payload], null, ct), ct);
        return toc;

        async Task LoadAsync(Func<ArchiveEntry, Stream, Task> load)
        {
            while (tables.TryDequeue(out var table))
            {
                await using var rows = DirectoryArchive.Open(backup.Payload, table);
                await load(table, rows);
            }
        }

        async Task LoadAgainAsync(IReadOnlyCollection<ArchiveEntry> some, Func<ArchiveEntry, Stream, Task> load)
        {
            foreach (var table in some)
            {
                await using var rows = DirectoryArchive.Open(backup.Payload, table);
                await load(table, rows);
            }
        }
    }

    /// <summary>Definitions, then rows in as many sessions as there are cores, each of which builds indexes when it has no rows left, then the rest.</summary>
    /// <param name="most">Sessions that could load at the same time.</param>
    /// <param name="take">Takes tables and has them loaded, in one session, until there is none left.</param>
    /// <param name="again">Loads these tables again.</param>
    /// <param name="largeObjects">Loads large objects.</param>
    private async Task FillAsync(
        byte[] head, ArchiveToc toc, int most, Func<Func<ArchiveEntry, Stream, Task>, Task> take, Func<IReadOnlyCollection<ArchiveEntry>, Func<ArchiveEntry, Stream, Task>, Task> again, Func<Task> largeObjects, CancellationToken ct)
    {
        await PreDataAsync(head, toc, ct);
        var (loaders, encoding) = (Math.Min(pgRestore.Jobs, most), Encoding(toc));
        var build = new IndexBuild(toc, loaders, paths);
        var missing = new ConcurrentBag<(ArchiveEntry Table, PostgresException Error)>();
        var progress = new ByteProgress(events, $"Restoring {backup.Database}", null);
        var rows = backup.Manifest.Tables.ToDictionary(t => (t.Schema, t.Name), t => t.Rows);
        var (done, all) = (0L, Math.Max(1, backup.Rows));
        using var work = new TaskGroup(ct);
        for (var i = 0; i < loaders; i++)
            _ = work.Run(token => InSessionAsync(LoadAllAsync, token));
        for (var i = 0; i < loaders - 1; i++)
            _ = work.Run(token => InSessionAsync(build.WorkAsync, token));
        await work.WaitAsync();
        await LoadWithPathAsync([.. missing], again, encoding, ct);

        // Sequence values, and everything that comes after the rows and was not built yet.
        var callers = PathEntries.In(toc, withExtensions: backup.Manifest.DependOnSearchPath is not null).Where(e => options.Wants(e) && !build.Built.Contains(e.DumpId)).ToList();
        var unreached = options.ReachesNone ? ForeignViews.In(toc) : [];
        await new AfterRows(pgRestore, new PathEntries(database, paths, events), count)
            .RunAsync(head, toc, build.Built.Concat(skipped).Concat(callers.Select(e => e.DumpId)).ToHashSet(), [.. callers.Except(unreached)], largeObjects, ct);

        async Task LoadAllAsync(NpgsqlConnection session, CancellationToken token)
        {
            await take(async (table, data) =>
            {
                token.ThrowIfCancellationRequested();
                events.Progress($"Restoring {backup.Database}", SqlName.Display(table.Schema, table.Tag), (double)Interlocked.Read(ref done) / all);
                using var counted = new TeeStream(data, Stream.Null, progress);
                try
                {
                    build.Begin(table, await TableLoad.RunAsync(session, table, counted, encoding, token));
                }
                catch (PostgresException e)
                {
                    missing.Add((table, e));
                    await counted.CopyToAsync(Stream.Null, token);
                }

                Interlocked.Add(ref done, rows.GetValueOrDefault((table.Schema, table.Tag)));
            });
            await build.HelpAsync(session, token);
        }
    }

    /// <summary>Tables whose constraints or generated columns call a function that depends on search_path.</summary>
    private async Task LoadWithPathAsync(
        IReadOnlyList<(ArchiveEntry Table, PostgresException Error)> missing, Func<IReadOnlyCollection<ArchiveEntry>, Func<ArchiveEntry, Stream, Task>, Task> again, string encoding, CancellationToken ct)
    {
        var left = missing.ToDictionary(m => m.Table, m => m.Error);
        foreach (var path in paths)
        {
            if (left.Count == 0)
                return;
            await using var session = await FillSettings.OpenAsync(database, ct);
            await SearchPath.SetAsync(session, path, ct);
            await again([.. left.Keys], async (table, data) =>
            {
                try
                {
                    await TableLoad.RunAsync(session, table, data, encoding, ct);
                    left.Remove(table);
                }
                catch (PostgresException)
                {
                    await data.CopyToAsync(Stream.Null, ct);
                }
            });
        }

        foreach (var (table, error) in left)
            throw ErrorCatalogue.NotRestorable.Because(error, $"table {SqlName.Display(table.Schema, table.Tag)}", SearchPath.Words(error));
    }

    /// <summary>Where extensions are to be disabled, they come first, before anything that could call them.</summary>
    private async Task PreDataAsync(byte[] head, ArchiveToc toc, CancellationToken ct)
    {
        var first = new HashSet<int>();
        if (options.DisablesExtensions)
        {
            var settings = toc.Entries.Where(e => e.IsForSession).Select(e => e.DumpId);
            first = DisabledExtensions.First(toc).ToHashSet();
            await pgRestore.DefinitionsAsync(head, toc, toc.Entries.Select(e => e.DumpId).Except(first).Except(settings).Concat(skipped).ToHashSet(), ["pre-data"], ct);
            await DisableAsync(ct);
        }

        first.UnionWith(skipped);
        if (ScriptPath.Of(backup, 0) is { Path: not null } path)
            await pgRestore.DefinitionsAsync(head, toc, first, path, await TargetTools.FindAsync("psql", 0, database, ct, preferred: backup.Manifest.Source.ServerMajor), ct);
        else
            await pgRestore.DefinitionsAsync(head, toc, first, ["pre-data"], ct);
        // A wrapper of a function that the database itself has comes only now.
        if (options.DisablesExtensions)
            await DisableAsync(ct);
    }

    private async Task DisableAsync(CancellationToken ct)
    {
        await using var session = await FillSettings.OpenAsync(database, ct);
        await DisabledExtensions.DisableAsync(session, backup.Database, ct);
    }

    private Task<bool> InSessionAsync(Func<NpgsqlConnection, CancellationToken, Task> work, CancellationToken ct) => Task.Run(
        async () =>
        {
            await using var session = await FillSettings.OpenAsync(database, ct);
            await work(session, ct);
            return true;
        },
        ct);

    private bool IsWanted(ArchiveEntry entry) => entry.HasData && entry.Description == "TABLE DATA" && options.Wants(entry.Schema, entry.Tag) && !skipped.Contains(entry.DumpId);

    private async Task LargeObjectsAsync(ArchiveToc toc, IEnumerable<string> archive, Func<Stream, CancellationToken, Task>? feed, CancellationToken ct)
    {
        if (toc.Entries.Any(IsLargeObjects) && options.Tables.Count == 0)
            await pgRestore.DataAsync(toc.Entries.Where(IsLargeObjects), archive, feed, ct);
    }

    private async Task CopyPayloadAsync(Stream input, CancellationToken ct)
    {
        await using var dump = PayloadStream.Open(backup);
        await dump.CopyToAsync(input, 256 * 1024, ct);
    }

    private static bool IsLargeObjects(ArchiveEntry entry) => entry.HasData && entry.Description == "BLOBS";

    /// <summary>The ENCODING entry reads <c>SET client_encoding = 'UTF8';</c>.</summary>
    private static string Encoding(ArchiveToc toc) =>
        toc.Entries.FirstOrDefault(e => e.Description == "ENCODING")?.Definition.Split('\'') is [_, var name, ..] ? name : "UTF8";
}
