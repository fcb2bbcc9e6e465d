using DbSafety.Backups.Compression;
using DbSafety.Databases.Tables;
using DbSafety.Errors;

namespace DbSafety.Backups.Dumps.Archives;

/// <summary>Counts what a directory dump holds: <c>toc.dat</c> and a gzip file for each table (src/bin/pg_dump/pg_backup_directory.c).</summary>
internal static class DirectoryArchive
{
    /// <exception cref="DumpDamagedException">It is incomplete, or its structure is invalid.</exception>
    public static DumpCensus Count(string folder, int jobs, CancellationToken ct) => Count(folder, jobs, check: false, ct).Census;

    /// <param name="check">Checks what no hash proves: no trailing data after the table of contents, and each row's number of values.</param>
    public static (ArchiveToc Toc, DumpCensus Census) Count(string folder, int jobs, bool check, CancellationToken ct)
    {
        using var tocFile = File.OpenRead(Path.Combine(folder, "toc.dat"));
        var input = new DumpInput(tocFile);
        var toc = ArchiveToc.Read(input, isDirectory: true);
        if (check && input.TryReadByte() >= 0)
            throw new DumpDamagedException("trailing data after its table of contents");
        var tables = new System.Collections.Concurrent.ConcurrentBag<TableCount>();
        long bytes = tocFile.Length;
        CountAll(toc.Entries.Where(e => e.HasData && e.Description == "TABLE DATA"), jobs, entry =>
        {
            using var file = new StoppableStream(Open(folder, entry), ct);
            var (rows, length) = ArchiveData.CountRows(file, entry, check);
            tables.Add(entry.Counted(rows));
            Interlocked.Add(ref bytes, length);
        }, ct);
        var lists = toc.Entries.Where(e => e.HasData && e.Description == "BLOBS").Select(e => e.FileName ?? "blobs.toc");
        var listed = lists.SelectMany(list => ReadLargeObjects(folder, list)).ToHashSet(StringComparer.Ordinal);
        // The list has no end mark: files that it does not name show that it is incomplete.
        if (check && Directory.EnumerateFiles(folder, "blob_*").FirstOrDefault(f => !listed.Contains(Unpacked(Path.GetFileName(f)))) is { } unlisted)
            throw new DumpDamagedException($"the large object {Path.GetFileName(unlisted)} is in no list of large objects");
        return (toc, ArchiveData.Census(toc, [.. tables], listed.Count, bytes));
    }

    /// <summary>Several at once; the first failure is thrown as itself.</summary>
    private static void CountAll(IEnumerable<ArchiveEntry> entries, int jobs, Action<ArchiveEntry> count, CancellationToken ct)
    {
        try
        {
            Parallel.ForEach(entries, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = ct }, count);
        }
        catch (AggregateException e) when (e.InnerExceptions[0] is var first)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        }
    }

    /// <summary>The unpacked data of an entry.</summary>
    public static Stream Open(string folder, ArchiveEntry entry) => Open(Path.Combine(folder, entry.FileName ?? ""));

    /// <summary>Bytes on disk of an entry's data.</summary>
    public static long Size(string folder, ArchiveEntry entry)
    {
        var path = Path.Combine(folder, entry.FileName ?? "");
        return new FileInfo(File.Exists(path + ".gz") ? path + ".gz" : path).Length;
    }

    /// <summary>The TOC names the file without the ending that its compression gives it.</summary>
    private static Stream Open(string path) =>
        File.Exists(path + ".gz") ? PayloadCompression.Gzip.Decompress(File.OpenRead(path + ".gz"), path)
        : File.Exists(path + ".zst") ? PayloadCompression.Zstd.Decompress(File.OpenRead(path + ".zst"), path)
        : File.Exists(path + ".lz4") ? throw ErrorCatalogue.CompressionUnknown.For(path, "lz4")
        : File.Exists(path) ? File.OpenRead(path)
        : throw new DumpDamagedException($"the file {Path.GetFileName(path)} is missing");

    private static string Unpacked(string name) =>
        name.EndsWith(".gz", StringComparison.Ordinal) || name.EndsWith(".zst", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(name) : name;

    /// <summary>The names of the files that a list names (a line an object: its oid and its file), each read to its end.</summary>
    private static List<string> ReadLargeObjects(string folder, string list)
    {
        using var reader = new StreamReader(Open(Path.Combine(folder, list)));
        var names = new List<string>();
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            var name = line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            using var data = Open(Path.Combine(folder, name));
            ArchiveData.Skip(data);
            names.Add(name);
        }

        return names;
    }
}
