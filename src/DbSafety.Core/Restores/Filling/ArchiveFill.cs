using System.Globalization;
using DbSafety.Backups;
using DbSafety.Backups.Dumps;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Tools;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Fills a new database from a custom or directory archive: definitions by pg_restore, rows over COPY sessions of our own straight from
/// the set, each table's indexes begun as soon as its rows are in, the rest by pg_restore again. pg_restore gets the archive's table of
/// contents alone, which is all it needs for definitions.
/// </summary>
internal sealed class ArchiveFill(PgBackup backup, DatabaseTarget database, PgTool pgRestore, IOperationEvents events)
{
    private readonly int jobs = Environment.ProcessorCount;

    public async Task RunAsync(CancellationToken ct)
    {
        var scratch = Directory.CreateTempSubdirectory("dbsafety-restore-");
        try
        {
            if (backup.Manifest.Format == BackupFormat.Directory)
                await FromDirectoryAsync(scratch.FullName, ct);
            else
                await FromStreamAsync(scratch.FullName, ct);
        }
        catch (Exception e) when (e is DumpDamagedException or InvalidDataException)
        {
            throw ErrorCatalogue.BackupDamaged.Because(e, backup.Payload, e.Message);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    /// <summary>One stream: tables come one after the other, and are loaded as they come.</summary>
    private async Task FromStreamAsync(string scratch, CancellationToken ct)
    {
        await using var dump = PayloadStream.Open(backup);
        using var head = new HeadCapture(dump);
        var input = new DumpInput(head);
        var toc = ArchiveToc.Read(input, isDirectory: false);
        var contents = Path.Combine(scratch, "toc.dump");
        await File.WriteAllBytesAsync(contents, head.Take(input.Position), ct);

        await PgRestoreAsync([.. Section("pre-data"), contents], ct);
        await using (var build = new IndexBuild(database, toc, Math.Max(1, jobs - 1), ct))
        {
            await using var loader = await FillSettings.OpenAsync(database, ct);
            var entries = toc.Entries.ToDictionary(e => e.DumpId);
            for (var type = input.TryReadByte(); type >= 0; type = input.TryReadByte())
            {
                var entry = entries[ArchiveToc.ReadInt(input, toc.IntegerBytes)];
                if (entry.Description != "TABLE DATA")
                {
                    CustomArchive.SkipLargeObjects(input, toc.IntegerBytes);
                    continue;
                }

                events.Progress($"Restoring {backup.Database}", SqlName.Display(entry.Schema, entry.Tag));
                await TableLoad.RunAsync(loader, entry, new ArchiveBlockStream(input, toc.IntegerBytes), Encoding(toc), ct);
                build.Begin(entry);
            }

            await build.CompleteAsync();
            await FinishAsync(toc, build, contents, scratch, ct);
        }

        if (toc.Entries.Any(IsLargeObjects))
            await LargeObjectsFromStreamAsync(toc, scratch, ct);
    }

    /// <summary>A file a table: several are loaded at once, the largest first.</summary>
    private async Task FromDirectoryAsync(string scratch, CancellationToken ct)
    {
        using var file = File.OpenRead(Path.Combine(backup.Payload, "toc.dat"));
        var toc = ArchiveToc.Read(new DumpInput(file), isDirectory: true);
        await PgRestoreAsync([.. Section("pre-data"), backup.Payload], ct);
        await using var build = new IndexBuild(database, toc, Math.Max(1, jobs - 1), ct);
        var tables = toc.Entries.Where(e => e.HasData && e.Description == "TABLE DATA").OrderByDescending(e => DirectoryArchive.Size(backup.Payload, e));
        await Parallel.ForEachAsync(tables, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = ct }, async (entry, token) =>
        {
            events.Progress($"Restoring {backup.Database}", SqlName.Display(entry.Schema, entry.Tag));
            await using var loader = await FillSettings.OpenAsync(database, token);
            await using var rows = DirectoryArchive.Open(backup.Payload, entry);
            await TableLoad.RunAsync(loader, entry, rows, Encoding(toc), token);
            build.Begin(entry);
        });
        await build.CompleteAsync();
        await FinishAsync(toc, build, backup.Payload, scratch, ct, alsoLargeObjects: true);
    }

    /// <summary>Sequence values, and everything that comes after the rows and was not built yet.</summary>
    private async Task FinishAsync(ArchiveToc toc, IndexBuild build, string archive, string scratch, CancellationToken ct, bool alsoLargeObjects = false)
    {
        var done = build.Built.ToHashSet();
        var list = await ListAsync(scratch, toc.Entries.Where(e => e.Description != "TABLE DATA" && !done.Contains(e.DumpId) && (alsoLargeObjects || !IsLargeObjects(e))), ct);
        await PgRestoreAsync([.. Section("data"), .. Section("post-data"), $"--jobs={jobs.ToString(CultureInfo.InvariantCulture)}", "--use-list=" + list, archive], ct);
    }

    private async Task LargeObjectsFromStreamAsync(ArchiveToc toc, string scratch, CancellationToken ct)
    {
        var list = await ListAsync(scratch, toc.Entries.Where(IsLargeObjects), ct);
        await PgRestoreAsync([.. Section("data"), "--use-list=" + list], ct, async (input, token) =>
        {
            await using var dump = PayloadStream.Open(backup);
            await dump.CopyToAsync(input, 256 * 1024, token);
        });
    }

    private async Task PgRestoreAsync(IEnumerable<string> arguments, CancellationToken ct, Func<Stream, CancellationToken, Task>? feed = null)
    {
        var command = new ToolCommand(pgRestore.Path, ["--exit-on-error", "--no-password", "--dbname=" + database.ToolConnectionName, .. arguments])
        {
            Environment = FillSettings.ToolEnvironment(database),
        };
        events.Debug(command.ToString());
        (await ToolProcess.RunAsync(command, (output, token) => output.CopyToAsync(Stream.Null, token), feed, ct)).OrThrow();
    }

    /// <summary>A list for <c>pg_restore --use-list</c>, which takes what is in it in its order: the archive's own.</summary>
    private static async Task<string> ListAsync(string scratch, IEnumerable<ArchiveEntry> entries, CancellationToken ct)
    {
        var path = Path.Combine(scratch, Guid.NewGuid().ToString("N") + ".list");
        await File.WriteAllLinesAsync(path, entries.Select(e => e.DumpId.ToString(CultureInfo.InvariantCulture) + ";"), ct);
        return path;
    }

    private static string[] Section(string name) => ["--section=" + name];

    private static bool IsLargeObjects(ArchiveEntry entry) => entry.HasData && entry.Description == "BLOBS";

    /// <summary>The ENCODING entry reads <c>SET client_encoding = 'UTF8';</c>.</summary>
    private static string Encoding(ArchiveToc toc) =>
        toc.Entries.FirstOrDefault(e => e.Description == "ENCODING")?.Definition.Split('\'') is [_, var name, ..] ? name : "UTF8";
}
