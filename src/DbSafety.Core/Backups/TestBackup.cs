using System.Diagnostics;
using DbSafety.Backups.Compression;
using DbSafety.Backups.Dumps;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Backups;

/// <summary>Tests a set without a server: every file's bytes by hash, the dump's structure to its end, and every row count.</summary>
public sealed class TestBackup : IOperation<BackupTestRequest, PgBackupTest>
{
    /// <inheritdoc/>
    /// <remarks>A damaged set is a result with problems, not an exception; a set that is not there is <c>DBS203</c>.</remarks>
    public async Task<PgBackupTest> RunAsync(BackupTestRequest request, IOperationEvents events, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        PgBackup backup;
        try
        {
            backup = SetFiles.Find(request.Path);
        }
        catch (DbSafetyException e) when (e.Kind == ErrorKind.Verification)
        {
            return new PgBackupTest { Path = Path.GetFullPath(request.Path), Database = "", SnapshotTime = default, Tables = 0, Rows = 0, Bytes = 0, Problems = [e.Message], Duration = clock.Elapsed };
        }

        events.Progress($"Testing {Path.GetFileName(backup.Path)}", "reading");
        var problems = SetFiles.Problems(backup).ToList();
        if (problems.Count == 0)
            problems.AddRange(await ReadAsync(backup, ct));
        return new PgBackupTest
        {
            Path = backup.Path,
            Database = backup.Database,
            SnapshotTime = backup.SnapshotTime,
            Tables = backup.Tables,
            Rows = backup.Rows,
            Bytes = backup.Bytes,
            Problems = problems,
            NotProven = backup.Manifest.NotProven,
            Duration = clock.Elapsed,
        };
    }

    /// <summary>Hashes and counts at the same time, for both read the whole set.</summary>
    private static async Task<List<string>> ReadAsync(PgBackup backup, CancellationToken ct)
    {
        var counting = Task.Run(() => Count(backup, ct), ct);
        var problems = (await SetFiles.ChangedAsync(backup, ct)).ToList();
        problems.AddRange(await counting);
        return problems;
    }

    private static List<string> Count(PgBackup backup, CancellationToken ct)
    {
        try
        {
            var census = Census(backup, ct);
            var problems = CountComparison.Differences(backup.Manifest.Tables, census.Tables, "the manifest", "the dump", out _);
            if (census.LargeObjects != backup.Manifest.LargeObjects)
                problems.Add($"{backup.Manifest.LargeObjects:N0} large objects in the manifest, {census.LargeObjects:N0} in the dump");
            if (!census.Sequences.SequenceEqual(backup.Manifest.Sequences))
                problems.Add("the dump's sequences are not the manifest's");
            return problems;
        }
        catch (Exception e) when (e is DumpDamagedException or InvalidDataException or EndOfStreamException)
        {
            return [$"the dump cannot be read: {e.Message}"];
        }
    }

    private static DumpCensus Census(PgBackup backup, CancellationToken ct)
    {
        if (backup.Manifest.Format == BackupFormat.Directory)
            return DirectoryArchive.Count(backup.Payload, Environment.ProcessorCount, ct);
        using var dump = PayloadStream.Open(backup);
        return backup.Manifest.Format == BackupFormat.Plain ? PlainDump.Count(dump, ct) : CustomArchive.Count(dump, null, ct);
    }
}
