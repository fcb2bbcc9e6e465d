using System.IO.Compression;

namespace DbSafety.Backups.Dumps;

/// <summary>Counts what a directory dump holds: <c>toc.dat</c> and a gzip file a table (src/bin/pg_dump/pg_backup_directory.c).</summary>
internal static class DirectoryArchive
{
    /// <exception cref="DumpDamagedException">It is cut off, or not what its structure says.</exception>
    public static DumpCensus Count(string folder, int jobs, CancellationToken ct)
    {
        using var tocFile = File.OpenRead(Path.Combine(folder, "toc.dat"));
        var toc = ArchiveToc.Read(new DumpInput(tocFile), isDirectory: true);
        var tables = new System.Collections.Concurrent.ConcurrentBag<TableCount>();
        long bytes = tocFile.Length;
        Parallel.ForEach(
            toc.Entries.Where(e => e.HasData && e.Description == "TABLE DATA"),
            new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = ct },
            entry =>
            {
                var (rows, length) = CountFile(Path.Combine(folder, entry.FileName ?? ""), entry.Tag);
                tables.Add(new TableCount(entry.Schema, entry.Tag, rows));
                Interlocked.Add(ref bytes, length);
            });
        return new DumpCensus
        {
            Tables = [.. tables],
            Sequences = toc.Sequences(),
            LargeObjects = toc.Entries.Where(e => e.HasData && e.Description == "BLOBS").Sum(e => CountLargeObjects(folder, e.FileName ?? "blobs.toc")),
            Owners = toc.Owners(),
            Secrets = toc.Secrets(),
            Bytes = bytes,
        };
    }

    /// <summary>The unpacked data of an entry.</summary>
    public static Stream Open(string folder, ArchiveEntry entry) => Open(Path.Combine(folder, entry.FileName ?? ""));

    /// <summary>Bytes on disk of an entry's data.</summary>
    public static long Size(string folder, ArchiveEntry entry)
    {
        var path = Path.Combine(folder, entry.FileName ?? "");
        return new FileInfo(File.Exists(path + ".gz") ? path + ".gz" : path).Length;
    }

    private static (long Rows, long Bytes) CountFile(string path, string table)
    {
        using var file = Open(path);
        var input = new DumpInput(file);
        var rows = new CopyRows();
        for (var data = input.Peek(); !data.IsEmpty; data = input.Peek())
        {
            rows.Add(data);
            input.Take(data.Length);
        }

        return (rows.Rows(table), input.Position);
    }

    /// <summary>The TOC names the file without <c>.gz</c>.</summary>
    private static Stream Open(string path) =>
        File.Exists(path + ".gz") ? new GZipStream(File.OpenRead(path + ".gz"), CompressionMode.Decompress)
        : File.Exists(path) ? File.OpenRead(path)
        : throw new DumpDamagedException($"the file {Path.GetFileName(path)} is missing");

    /// <summary>A line an object: its oid and its file.</summary>
    private static long CountLargeObjects(string folder, string index)
    {
        using var reader = new StreamReader(Open(Path.Combine(folder, index)));
        long objects = 0;
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            var name = line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            using var data = Open(Path.Combine(folder, name));
            data.CopyTo(Stream.Null);
            objects++;
        }

        return objects;
    }
}
