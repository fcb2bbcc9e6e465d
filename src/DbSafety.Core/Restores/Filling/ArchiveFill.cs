using System.Collections.Concurrent;
using System.Globalization;
using DbSafety.Backups;
using DbSafety.Backups.Dumps;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Tools;
using Npgsql;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Fills a new database from a custom or directory archive: definitions by pg_restore, rows over COPY sessions of our own straight from
/// the set, each table's indexes begun as soon as its rows are in, the rest by pg_restore again.
/// </summary>
internal sealed class ArchiveFill(PgBackup backup, DatabaseTarget database, PgTool pgRestore, RestoreOptions options, IOperationEvents events)
{
    /// <summary>Each reads and unpacks all of the set.</summary>
    private const int MostReaders = 4;

    private readonly int jobs = Environment.ProcessorCount;

    /// <exception cref="DbSafetyException"><c>DBS204</c>, <c>DBS310</c>, or what pg_restore said (<c>DBS112</c>).</exception>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            if (backup.Manifest.Format == BackupFormat.Directory)
                await FromDirectoryAsync(ct);
            else
                await FromStreamAsync(ct);
        }
        catch (Exception e) when (e is DumpDamagedException or InvalidDataException)
        {
            throw ErrorCatalogue.BackupDamaged.Because(e, backup.Payload, e.Message);
        }
    }

    /// <summary>
    /// One stream: several readers go through it at their own pace, each loads the next table that no other has begun, and passes over
    /// the rest, which costs next to nothing beside a load.
    /// </summary>
    private async Task FromStreamAsync(CancellationToken ct)
    {
        var (head, toc) = ReadHead();
        await BeginAsync(head, toc, ct);
        await using var build = new IndexBuild(database, toc, Math.Max(1, jobs - 1), ct);
        var begun = new ConcurrentDictionary<int, bool>();
        using var work = new Together(ct);
        for (var reader = 0; reader < Math.Min(jobs, MostReaders); reader++)
            _ = work.Run(token => Task.Run(() => ReadThroughAsync(toc, begun, build, token), token));
        await work.WaitAsync();
        await FinishAsync(head, toc, build, ct);
        // pg_restore finds them in the whole archive only, and passes over the rest.
        await LargeObjectsAsync(toc, [], CopyPayloadAsync, ct);
    }

    private (byte[] Head, ArchiveToc Toc) ReadHead()
    {
        using var dump = PayloadStream.Open(backup);
        using var start = new HeadCapture(dump);
        var input = new DumpInput(start);
        var toc = ArchiveToc.Read(input, isDirectory: false);
        return (start.Take(input.Position), toc);
    }

    private async Task<bool> ReadThroughAsync(ArchiveToc toc, ConcurrentDictionary<int, bool> begun, IndexBuild build, CancellationToken ct)
    {
        await using var dump = PayloadStream.Open(backup);
        var input = new DumpInput(dump);
        ArchiveToc.Read(input, isDirectory: false);
        await using var session = await FillSettings.OpenAsync(database, ct);
        var tables = toc.Entries.Where(e => e.Description == "TABLE DATA" && options.Wants(e.Schema, e.Tag)).ToDictionary(e => e.DumpId);
        for (var type = input.TryReadByte(); type >= 0 && begun.Count < tables.Count; type = input.TryReadByte())
        {
            ct.ThrowIfCancellationRequested();
            var id = ArchiveToc.ReadInt(input, toc.IntegerBytes);
            if (tables.TryGetValue(id, out var table) && begun.TryAdd(id, true))
                await LoadAsync(session, toc, table, new ArchiveBlockStream(input, toc.IntegerBytes), build, ct);
            else
                CustomArchive.Skip(input, type, toc.IntegerBytes);
        }

        return true;
    }

    /// <summary>A file a table: several are loaded at once, the largest first.</summary>
    private async Task FromDirectoryAsync(CancellationToken ct)
    {
        var head = await File.ReadAllBytesAsync(Path.Combine(backup.Payload, "toc.dat"), ct);
        using var memory = new MemoryStream(head);
        var toc = ArchiveToc.Read(new DumpInput(memory), isDirectory: true);

        await BeginAsync(head, toc, ct);
        await using var build = new IndexBuild(database, toc, Math.Max(1, jobs - 1), ct);
        var tables = toc.Entries.Where(e => e.HasData && e.Description == "TABLE DATA" && options.Wants(e.Schema, e.Tag)).OrderByDescending(e => DirectoryArchive.Size(backup.Payload, e));
        await Parallel.ForEachAsync(tables, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = ct }, async (entry, token) =>
        {
            await using var session = await FillSettings.OpenAsync(database, token);
            await using var rows = DirectoryArchive.Open(backup.Payload, entry);
            await LoadAsync(session, toc, entry, rows, build, token);
        });
        await FinishAsync(head, toc, build, ct);
        if (pgRestore.Inside is not null && toc.Entries.Any(IsLargeObjects) && options.Tables.Count == 0)
            throw ErrorCatalogue.ContainerToolUnfit.For("a restore of large objects from a directory dump", "its files are on this machine");
        await LargeObjectsAsync(toc, [backup.Payload], null, ct);
    }

    private Task BeginAsync(byte[] head, ArchiveToc toc, CancellationToken ct) =>
        DefinitionsAsync(ReducedArchive.Write(head, toc, Definitions(toc)), ["pre-data"], ct);

    private IEnumerable<ArchiveEntry> Definitions(ArchiveToc toc) =>
        toc.Entries.Where(e => !e.HasData && options.Wants(e)).Select(e => RoleRenaming.Apply(e, options));

    private async Task LoadAsync(NpgsqlConnection session, ArchiveToc toc, ArchiveEntry entry, Stream rows, IndexBuild build, CancellationToken ct)
    {
        events.Progress($"Restoring {backup.Database}", SqlName.Display(entry.Schema, entry.Tag));
        await TableLoad.RunAsync(session, entry, rows, Encoding(toc), ct);
        build.Begin(entry);
    }

    /// <summary>Sequence values, and everything that comes after the rows and was not built yet.</summary>
    private async Task FinishAsync(byte[] head, ArchiveToc toc, IndexBuild build, CancellationToken ct)
    {
        await build.CompleteAsync();
        var done = build.Built.ToHashSet();
        await DefinitionsAsync(ReducedArchive.Write(head, toc, Definitions(toc).Where(e => !done.Contains(e.DumpId))), ["data", "post-data"], ct);
    }

    /// <summary>From a file by several workers; over a pipe, by one, where pg_restore is in a container.</summary>
    private async Task DefinitionsAsync(byte[] archive, string[] sections, CancellationToken ct)
    {
        var arguments = sections.Select(s => "--section=" + s);
        if (pgRestore.Inside is not null)
        {
            await PgRestoreAsync(arguments, ct, (input, token) => input.WriteAsync(archive, token).AsTask());
            return;
        }

        var file = Path.GetTempFileName(); // readable by its owner alone
        try
        {
            await File.WriteAllBytesAsync(file, archive, ct);
            await PgRestoreAsync([.. arguments, $"--jobs={jobs.ToString(CultureInfo.InvariantCulture)}", file], ct);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task LargeObjectsAsync(ArchiveToc toc, IEnumerable<string> archive, Func<Stream, CancellationToken, Task>? feed, CancellationToken ct)
    {
        if (!toc.Entries.Any(IsLargeObjects) || options.Tables.Count > 0)
            return;
        // Only tables can be left out by name, and naming one leaves large objects out: so a list it must be.
        var list = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(list, toc.Entries.Where(IsLargeObjects).Select(e => e.DumpId.ToString(CultureInfo.InvariantCulture) + ";"), ct);
            await PgRestoreAsync(["--section=data", "--use-list=" + list, .. archive], ct, feed);
        }
        finally
        {
            File.Delete(list);
        }
    }

    private async Task CopyPayloadAsync(Stream input, CancellationToken ct)
    {
        await using var dump = PayloadStream.Open(backup);
        await dump.CopyToAsync(input, 256 * 1024, ct);
    }

    private async Task PgRestoreAsync(IEnumerable<string> arguments, CancellationToken ct, Func<Stream, CancellationToken, Task>? feed = null)
    {
        var command = pgRestore.Command(["--exit-on-error", "--no-password", "--dbname=" + database.ToolConnectionName, .. options.NoOwner ? ["--no-owner", "--no-privileges"] : Array.Empty<string>(), .. arguments], FillSettings.ToolEnvironment(database));
        events.Debug(command.ToString());
        (await ToolProcess.RunAsync(command, (output, token) => output.CopyToAsync(Stream.Null, token), feed, ct)).OrThrow();
    }

    private static bool IsLargeObjects(ArchiveEntry entry) => entry.HasData && entry.Description == "BLOBS";

    /// <summary>The ENCODING entry reads <c>SET client_encoding = 'UTF8';</c>.</summary>
    private static string Encoding(ArchiveToc toc) =>
        toc.Entries.FirstOrDefault(e => e.Description == "ENCODING")?.Definition.Split('\'') is [_, var name, ..] ? name : "UTF8";
}
