using System.Globalization;
using DbSafety.Backups.Compression;
using DbSafety.Backups.Dumps;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Backups;

/// <summary>Which folder to list, and of which database (null: of all).</summary>
public sealed record BackupListRequest(string Folder, string? Database = null);

/// <summary>
/// The sets in a folder, the newest first: intact and damaged sets, files of interrupted runs, and dumps of other tools. By names,
/// manifests and sizes only: a test checks the contents of the files.
/// </summary>
public sealed class ListBackups : IOperation<BackupListRequest, IReadOnlyList<PgBackup>>
{
    private static readonly string[] Endings = [".sql", ".dump", ".backup", ".pgdump", ".pgsql", ".tar"];

    /// <inheritdoc/>
    public Task<IReadOnlyList<PgBackup>> RunAsync(BackupListRequest request, IOperationEvents events, CancellationToken ct)
    {
        if (!Directory.Exists(request.Folder))
            throw ErrorCatalogue.BackupNotFound.For(request.Folder);
        var found = new List<PgBackup>();
        var entries = Directory.EnumerateFileSystemEntries(Path.GetFullPath(request.Folder)).ToLookup(SetName);
        foreach (var set in entries.Where(e => e.Key.Length > 0))
        {
            ct.ThrowIfCancellationRequested();
            found.Add(Own(set.Key, [.. set], events));
        }

        foreach (var path in entries[""])
        {
            ct.ThrowIfCancellationRequested();
            if (Other(path, events) is { } other)
                found.Add(other);
        }

        return Task.FromResult<IReadOnlyList<PgBackup>>(
            [.. found.Where(s => request.Database is null || s.Database == request.Database).OrderByDescending(s => s.SnapshotTime).ThenByDescending(s => s.Path, StringComparer.Ordinal)]);
    }

    /// <summary><c>backup_prod_shop_20261120T021500Z</c>; empty where the name is not one of ours.</summary>
    private static string SetName(string path)
    {
        var match = SetFiles.OwnName().Match(Path.GetFileName(path));
        return match.Success ? match.Value.TrimEnd('.') : "";
    }

    private static PgBackup Own(string name, IReadOnlyList<string> files, IOperationEvents events)
    {
        if (files.FirstOrDefault(f => Path.GetFileName(f) == name + ".json") is not { } manifest)
            return Stub(name, files, BackupState.Incomplete);
        return Read(manifest, events) ?? Stub(name, [manifest], BackupState.Damaged);
    }

    /// <summary>A manifest under another name than ours, or a dump of another tool; null where it is neither.</summary>
    private static PgBackup? Other(string path, IOperationEvents events)
    {
        // Pipes, sockets and devices have no length: opening a pipe would wait for whoever writes to it.
        if (FileContent.IsEmpty(path))
        {
            if (!IsNamedDump(path))
                return null;
            events.Warning($"{path} is empty");
            return Damaged(path);
        }

        if (path.EndsWith(".json", StringComparison.Ordinal))
            return File.Exists(path) && ManifestFile.LooksLikeOne(path) ? Read(path, events) : null;
        if (Directory.Exists(path) && !File.Exists(Path.Combine(path, "toc.dat")))
            return null;
        try
        {
            var dump = ForeignDump.Identify(path);
            return dump.Kind is not (ForeignKind.Plain or ForeignKind.Packed) || IsNamedDump(path) ? ForeignSet.Named(dump) : null;
        }
        catch (Exception e) when (e is DumpDamagedException or InvalidDataException or DbSafetyException)
        {
            if (!IsNamedDump(path))
                return null;
            events.Warning($"{path}: {e.Message}");
            return Damaged(path);
        }
    }

    private static PgBackup Damaged(string path) => ForeignSet.Named(new ForeignDump(path, ForeignKind.Plain, PayloadCompression.None)) with { State = BackupState.Damaged };

    private static PgBackup? Read(string manifest, IOperationEvents events)
    {
        try
        {
            return SetFiles.Find(manifest);
        }
        catch (DbSafetyException e)
        {
            events.Warning(e.Message);
            return null;
        }
    }

    /// <summary>The information in the names of the files of a set without a manifest.</summary>
    private static PgBackup Stub(string name, IReadOnlyList<string> files, BackupState state)
    {
        var parts = name.Split('_');
        var first = files.Order(StringComparer.Ordinal).First();
        var stub = ForeignSet.Named(new ForeignDump(first, ForeignKind.Plain, PayloadCompression.None));
        return stub with
        {
            State = state,
            Foreign = null,
            Manifest = stub.Manifest with
            {
                Environment = Uri.UnescapeDataString(parts[1]),
                Database = Uri.UnescapeDataString(string.Join('_', parts[2..^1])),
                SnapshotTime = DateTimeOffset.ParseExact(parts[^1], "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                Files = [.. files.Select(f => new BackupFile(Path.GetFileName(f), File.Exists(f) ? new FileInfo(f).Length : 0, ""))],
            },
        };
    }

    private static bool IsNamedDump(string path)
    {
        var name = Path.GetFileName(path).ToLowerInvariant();
        if (name.EndsWith(".gz", StringComparison.Ordinal) || name.EndsWith(".zst", StringComparison.Ordinal))
            name = Path.GetFileNameWithoutExtension(name);
        return Endings.Any(e => name.EndsWith(e, StringComparison.Ordinal));
    }
}
