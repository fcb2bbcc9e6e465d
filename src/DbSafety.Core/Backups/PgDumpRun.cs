using DbSafety.Backups.Compression;
using DbSafety.Backups.Dumps;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Tools;

namespace DbSafety.Backups;

/// <summary>A completed dump: the counts of its contents, and its files.</summary>
internal sealed record WrittenDump(DumpCensus Census, string Compression, IReadOnlyList<BackupFile> Files)
{
    public IReadOnlyList<BlockEnd>? BlockEnds { get; init; }
}

/// <summary>Runs pg_dump under a snapshot and writes its output, counted and hashed, into a draft.</summary>
internal sealed class PgDumpRun(BackupRequest request, PgTool tool, SetDraft draft, ByteProgress progress)
{
    /// <summary>Identifies its sessions on the server.</summary>
    public required string ApplicationName { get; init; }

    /// <summary>The database's own, whatever <c>client_encoding</c> its role has.</summary>
    public required string Encoding { get; init; }

    public required IOperationEvents Events { get; init; }

    /// <summary>Bytes of a table's data above which a reader should reopen the file after them.</summary>
    private const int WorthPassing = 16 << 20;

    private readonly int jobs = request.Jobs > 0 ? request.Jobs : Environment.ProcessorCount;

    /// <param name="selection">Arguments that make pg_dump take a part of the database.</param>
    public Task<WrittenDump> RunAsync(string snapshot, IReadOnlyList<string> selection, CancellationToken ct) => request.Format switch
    {
        BackupFormat.Directory => DirectoryAsync(["--snapshot=" + snapshot, .. selection], ct),
        BackupFormat.Plain => FileAsync(["--snapshot=" + snapshot, .. selection], ".sql", "plain", ct),
        _ => FileAsync(["--snapshot=" + snapshot, .. selection], ".dump", "custom", ct),
    };

    private async Task<WrittenDump> FileAsync(IReadOnlyList<string> what, string ending, string format, CancellationToken ct)
    {
        var compression = request.CompressionLevel == 0 ? PayloadCompression.None : PayloadCompression.Best;
        ending += compression.Extension;
        using var file = new HashingStream(draft.Create(ending));
        using var compressor = compression.Compress(file, jobs, request.CompressionLevel);
        var command = Command(what, "--format=" + format, "--compress=0");
        DumpCensus? census = null;
        await RunAsync(command, (stream, token) => Task.Factory.StartNew(
            () => census = Counted(() => Count(stream, compressor, format, token)), token, TaskCreationOptions.LongRunning, TaskScheduler.Default), ct);
        compressor.Complete();
        file.Complete();
        return new WrittenDump(census!, compression.Name, [new BackupFile(draft.Name + ending, file.Bytes, file.Sha256)])
        {
            BlockEnds = format == "plain" ? null : [.. census!.Blocks.Where(b => b.End - b.Start > WorthPassing).Select(b => EndOf(b.DumpId, compressor.PlaceOf(b.End)))],
        };

        static BlockEnd EndOf(int dumpId, (long Offset, int Skip) place) => new(dumpId, place.Offset, place.Skip);
    }

    private DumpCensus Count(Stream stream, Stream compressor, string format, CancellationToken ct)
    {
        var tee = new TeeStream(stream, compressor, progress);
        return format == "plain" ? PlainDump.Count(tee, ct) : CustomArchive.Count(tee, ct);
    }

    private async Task<WrittenDump> DirectoryAsync(IReadOnlyList<string> what, CancellationToken ct)
    {
        if (tool.Inside is not null)
            throw ErrorCatalogue.ContainerToolUnfit.For("a backup in directory format", "pg_dump would write its files inside the container");
        var level = request.CompressionLevel == 0 ? 0 : PayloadCompression.Gzip.Level(request.CompressionLevel);
        var folder = draft.PartialPath(".dir");
        await RunAsync(Command(what, "--format=directory", $"--compress={level}", $"--jobs={jobs}", "--file=" + folder), (stream, token) => stream.CopyToAsync(Stream.Null, token), ct);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var files = Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToList();
        var hashes = await SetFiles.HashAsync(files, jobs, null, ct);
        var named = files.Zip(hashes, (path, h) => new BackupFile($"{draft.Name}.dir/{Path.GetFileName(path)}", h.Bytes, h.Sha256));
        return new WrittenDump(Counted(() => DirectoryArchive.Count(folder, jobs, ct)), level == 0 ? PayloadCompression.None.Name : PayloadCompression.Gzip.Name, [.. named]);
    }

    private ToolCommand Command(IReadOnlyList<string> what, params string[] more) =>
        tool.Command(
            [.. what, "--no-password", "--encoding=" + Encoding, $"--lock-wait-timeout={(long)request.LockTimeout.TotalMilliseconds}", .. more],
            new Dictionary<string, string?>(request.Target.ToolEnvironment(), StringComparer.Ordinal) { ["PGAPPNAME"] = ApplicationName });

    private async Task RunAsync(ToolCommand command, Func<Stream, CancellationToken, Task> read, CancellationToken ct)
    {
        Events.Debug(command.ToString());
        var result = await ToolProcess.RunAsync(command, read, null, ct);
        if (result.ExitCode != 0 && FreeConnections.AreDeniedIn(result.Error))
            throw ErrorCatalogue.TooManyConnections.For(request.Target.Server, "pg_dump: " + result.Error.Trim().Split('\n')[0]);
        if (result.ExitCode != 0 && SaysServerWentAway(result.Error))
            throw ErrorCatalogue.ConnectionLost.For(request.Target.Server, "pg_dump: " + result.Error.Trim().Split('\n')[0]);
        if (result.ExitCode != 0 && SaysSnapshotIsGone(result.Error))
            throw ErrorCatalogue.ConnectionLost.For(request.Target.Server, "the session that held the snapshot has ended (pg_dump: " + result.Error.Trim().Split('\n')[0] + ")");
        result.OrThrow();
        StepPoint.Reach("backup: dump complete");
    }

    private DumpCensus Counted(Func<DumpCensus> count)
    {
        try
        {
            return count();
        }
        catch (DumpDamagedException e)
        {
            throw ErrorCatalogue.CountsDisagree.Because(e, request.Target.Database, e.Message);
        }
    }

    private static bool SaysSnapshotIsGone(string error) =>
        error.Contains("invalid snapshot identifier", StringComparison.Ordinal)
        || error.Contains("could not import the requested snapshot", StringComparison.Ordinal)
        || (error.Contains("snapshot \"", StringComparison.Ordinal) && error.Contains("does not exist", StringComparison.Ordinal));

    private static bool SaysServerWentAway(string error) =>
        error.Contains("server closed the connection", StringComparison.Ordinal)
        || error.Contains("terminating connection", StringComparison.Ordinal)
        || error.Contains("connection to server", StringComparison.Ordinal)
        || error.Contains("could not receive data from server", StringComparison.Ordinal);
}
