using System.Security.Cryptography;
using System.Text.RegularExpressions;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Backups.Sets;

/// <summary>The files of a set on disk.</summary>
internal static partial class SetFiles
{
    /// <summary>The script of the rows that were committed after the backup, which a migration that fails writes next to it.</summary>
    public static string RowsSince(string manifest) => Path.ChangeExtension(manifest, ".since.sql");

    /// <summary>Size and SHA-256 of each, several at once, in the order given.</summary>
    public static async Task<IReadOnlyList<(long Bytes, string Sha256)>> HashAsync(IReadOnlyList<string> paths, int jobs, ByteProgress? progress, CancellationToken ct)
    {
        var hashes = new (long, string)[paths.Count];
        await Parallel.ForAsync(0, paths.Count, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = ct }, async (i, token) =>
        {
            await using var file = Open(paths[i]);
            hashes[i] = (file.Length, await HashAsync(file, progress, token));
        });
        return hashes;
    }

    private static async Task<string> HashAsync(FileStream file, ByteProgress? progress, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[256 * 1024];
        for (int read; (read = await file.ReadAsync(buffer, ct)) > 0;)
        {
            hash.AppendData(buffer.AsSpan(0, read));
            progress?.Add(read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <exception cref="DbSafetyException"><c>DBS211</c>.</exception>
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 256 * 1024, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.FileUnreadable.Because(e, path, e.Message);
        }
    }

    /// <summary>
    /// The set that a path means: a manifest, the payload beside one, or a foreign dump. Sizes are compared; contents are not.
    /// </summary>
    /// <exception cref="DbSafetyException"><c>DBS203</c>, <c>DBS204</c>, <c>DBS205</c>; for a foreign dump <c>DBS209</c>, <c>DBS212</c> too.</exception>
    /// <exception cref="DumpDamagedException">It is no dump.</exception>
    public static PgBackup Find(string path)
    {
        path = FullPath(path);
        if (!File.Exists(path) && !Directory.Exists(path))
            throw ErrorCatalogue.BackupNotFound.For(path);
        if (IsForeign(path))
            return ForeignSet.Named(ForeignDump.Identify(path));
        var manifest = ManifestOf(path);
        var pin = SetPin.Read(manifest);
        var backup = new PgBackup(manifest, ManifestFile.Read(manifest)) { PinnedUntil = pin?.Until, PinReason = pin?.Reason, HasRowsSince = Path.Exists(RowsSince(manifest)) };
        return backup with { State = Problems(backup).Any() ? BackupState.Damaged : backup.State };
    }

    /// <summary>Of a set that the user specified; an empty name is a variable that is not set.</summary>
    /// <exception cref="DbSafetyException"><c>DBS203</c>.</exception>
    public static string FullPath(string path) =>
        path.Length > 0 ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) : throw ErrorCatalogue.BackupNotFound.For("\"\" (the path is empty)");

    /// <summary>Neither a manifest nor named like our payloads: a payload without a manifest is abandoned, not a dump of another tool.</summary>
    public static bool IsForeign(string path) =>
        !path.EndsWith(".json", StringComparison.Ordinal) && !OwnName().IsMatch(Path.GetFileName(path)) && (File.Exists(path) || Directory.Exists(path));

    [GeneratedRegex(@"\Abackup_[^_]+_.+_\d{8}T\d{6}Z(\.|\z)")]
    internal static partial Regex OwnName();

    /// <summary>Files that are missing or of the wrong size, in words.</summary>
    public static IEnumerable<string> Problems(PgBackup backup)
    {
        foreach (var file in backup.Manifest.Files)
        {
            var info = new FileInfo(Path.Combine(backup.Folder, file.Path));
            if (!info.Exists)
                yield return $"{file.Path} is missing";
            else if (info.Length != file.Bytes)
                yield return $"{file.Path} has {info.Length:N0} bytes instead of {file.Bytes:N0}";
        }
    }

    /// <summary>Files whose SHA-256 differs from the manifest's, in words.</summary>
    public static async Task<IReadOnlyList<string>> ChangedAsync(PgBackup backup, IOperationEvents events, CancellationToken ct)
    {
        var progress = new ByteProgress(events, $"Testing {Path.GetFileName(backup.Path)}", backup.Bytes);
        var hashes = await HashAsync([.. backup.Manifest.Files.Select(f => Path.Combine(backup.Folder, f.Path))], Environment.ProcessorCount, progress, ct);
        return [.. backup.Manifest.Files.Zip(hashes)
            .Where(pair => pair.First.Sha256 != pair.Second.Sha256)
            .Select(pair => $"{pair.First.Path} was changed: its SHA-256 differs from the manifest's")];
    }

    private static string ManifestOf(string path)
    {
        if (path.EndsWith(".json", StringComparison.Ordinal))
            return path;
        // Everything up to the time and its Z belongs to the name; what follows are endings.
        var name = Path.GetFileName(path);
        var end = name.IndexOf("Z.", StringComparison.Ordinal);
        while (end >= 0 && name.IndexOf("Z.", end + 1, StringComparison.Ordinal) is > 0 and var next)
            end = next;
        var manifest = Path.Combine(Path.GetDirectoryName(path)!, (end < 0 ? name : name[..(end + 1)]) + ".json");
        return File.Exists(manifest) ? manifest : throw ErrorCatalogue.ManifestMissing.For(path);
    }
}
