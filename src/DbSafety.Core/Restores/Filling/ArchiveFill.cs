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
    /// the rest.
    /// </summary>
    private async Task FromStreamAsync(CancellationToken ct)
    {
        var (head, toc) = ReadHead();
        var tables = toc.Entries.Where(IsWanted).ToDictionary(e => e.DumpId);
        var begun = new ConcurrentDictionary<int, bool>();
        await FillAsync(head, toc, Math.Min(tables.Count, MostReaders), LoadAsync, ct);
        // pg_restore finds them in the whole archive only, and passes over the rest.
        await LargeObjectsAsync(toc, [], CopyPayloadAsync, ct);

        async Task LoadAsync(Func<ArchiveEntry, Stream, Task> load)
        {
            using var pass = new ArchivePass(backup);
            while (begun.Count < tables.Count && pass.Next())
            {
                if (tables.TryGetValue(pass.DumpId, out var table) && begun.TryAdd(pass.DumpId, true))
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

    /// <summary>A file a table, the largest first.</summary>
    private async Task FromDirectoryAsync(CancellationToken ct)
    {
        var head = await File.ReadAllBytesAsync(Path.Combine(backup.Payload, "toc.dat"), ct);
        using var memory = new MemoryStream(head);
        var toc = ArchiveToc.Read(new DumpInput(memory), isDirectory: true);
        if (pgRestore.Inside is not null && toc.Entries.Any(IsLargeObjects) && options.Tables.Count == 0)
            throw ErrorCatalogue.ContainerToolUnfit.For("a restore of large objects from a directory dump", "its files are on this machine");
        var tables = new ConcurrentQueue<ArchiveEntry>(toc.Entries.Where(IsWanted).OrderByDescending(e => DirectoryArchive.Size(backup.Payload, e)));
        await FillAsync(head, toc, tables.Count, LoadAsync, ct);
        await LargeObjectsAsync(toc, [backup.Payload], null, ct);

        async Task LoadAsync(Func<ArchiveEntry, Stream, Task> load)
        {
            while (tables.TryDequeue(out var table))
            {
                await using var rows = DirectoryArchive.Open(backup.Payload, table);
                await load(table, rows);
            }
        }
    }

    /// <summary>Definitions, then rows in as many sessions as there are cores, each of which builds indexes when it has no rows left, then the rest.</summary>
    /// <param name="most">Sessions that could load at the same time.</param>
    /// <param name="take">Takes tables and has them loaded, in one session, until there is none left.</param>
    private async Task FillAsync(byte[] head, ArchiveToc toc, int most, Func<Func<ArchiveEntry, Stream, Task>, Task> take, CancellationToken ct)
    {
        await DefinitionsAsync(ReducedArchive.Write(head, toc, Definitions(toc)), ["pre-data"], ct);
        var (loaders, encoding) = (Math.Min(jobs, most), Encoding(toc));
        var build = new IndexBuild(toc, loaders);
        using var work = new Together(ct);
        for (var i = 0; i < loaders; i++)
            _ = work.Run(token => InSessionAsync(LoadAllAsync, token));
        for (var i = 0; i < loaders - 1; i++)
            _ = work.Run(token => InSessionAsync(build.WorkAsync, token));
        await work.WaitAsync();

        // Sequence values, and everything that comes after the rows and was not built yet.
        var done = build.Built.ToHashSet();
        await DefinitionsAsync(ReducedArchive.Write(head, toc, Definitions(toc).Where(e => !done.Contains(e.DumpId))), ["data", "post-data"], ct);

        async Task LoadAllAsync(NpgsqlConnection session, CancellationToken token)
        {
            await take(async (table, rows) =>
            {
                token.ThrowIfCancellationRequested();
                events.Progress($"Restoring {backup.Database}", SqlName.Display(table.Schema, table.Tag));
                await TableLoad.RunAsync(session, table, rows, encoding, token);
                build.Begin(table);
            });
            await build.HelpAsync(session, token);
        }
    }

    private Task<bool> InSessionAsync(Func<NpgsqlConnection, CancellationToken, Task> work, CancellationToken ct) => Task.Run(
        async () =>
        {
            await using var session = await FillSettings.OpenAsync(database, ct);
            await work(session, ct);
            return true;
        },
        ct);

    private bool IsWanted(ArchiveEntry entry) => entry.HasData && entry.Description == "TABLE DATA" && options.Wants(entry.Schema, entry.Tag);

    private IEnumerable<ArchiveEntry> Definitions(ArchiveToc toc) =>
        toc.Entries.Where(e => !e.HasData && options.Wants(e)).Select(e => RoleRenaming.Apply(e, options));

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
