using System.Diagnostics;
using DbSafety.Audit;
using DbSafety.Backups.Compression;
using DbSafety.Backups.Dumps;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Backups;

/// <summary>Tests a set without a server: every file's bytes by hash, the dump's structure to its end, and every row count.</summary>
public sealed class TestBackup : IOperation<BackupTestRequest, PgBackupTest>
{
    /// <summary>The stage of a test in the log.</summary>
    internal const string DrillStage = LastTest.DrillStage;

    /// <inheritdoc/>
    /// <remarks>A damaged set is a result with problems, not an exception; a set that is not there is <c>DBS203</c>.</remarks>
    public Task<PgBackupTest> RunAsync(BackupTestRequest request, IOperationEvents events, CancellationToken ct) =>
        RecordAsync(request, events, async e => (await ReadSetAsync(request, e, ct)).Test);

    internal static Task<PgBackupTest> RecordAsync(BackupTestRequest request, IOperationEvents events, Func<IOperationEvents, Task<PgBackupTest>> test) =>
        AuditLog.RecordAsync(new LogSubject("backup test"), events, test, t => new LogResult
        {
            Outcome = t.Passed ? LogOutcome.Succeeded : LogOutcome.Failed,
            Database = t.Database.Length > 0 ? t.Database : null,
            Sets = [new LoggedSet(t.Path, t.Seal)],
            Tables = t.Tables,
            Rows = t.Rows,
            Bytes = t.Bytes,
            Stages = t.DrillDuration is { } drill ? new Dictionary<string, TimeSpan> { [DrillStage] = drill } : [],
            Evidence = [.. t.DrilledOn is { } server && t.Passed ? [$"restored on {server} and compared"] : Array.Empty<string>(), .. t.Problems],
        });

    /// <summary>The set as well, unless it is damaged; a foreign set with everything that was read from it.</summary>
    internal static async Task<(PgBackup? Backup, PgBackupTest Test)> ReadSetAsync(BackupTestRequest request, IOperationEvents events, CancellationToken ct)
    {
        var clock = Stopwatch.StartNew();
        var path = SetFiles.FullPath(request.Path);
        events.Progress($"Testing {Path.GetFileName(path)}", "reading");
        try
        {
            var (backup, problems) = SetFiles.IsForeign(path)
                ? await Task.Run(() => ReadForeign(path, ct), ct)
                : await ReadOwnAsync(SetFiles.Find(path), events, ct);
            return (problems.Count == 0 ? backup : null, Describe(backup, problems, clock.Elapsed));
        }
        catch (DbSafetyException e) when (e.Kind == ErrorKind.Verification)
        {
            return (null, Damaged(path, e.Message, clock.Elapsed));
        }
        catch (Exception e) when (e is DumpDamagedException or InvalidDataException or EndOfStreamException)
        {
            var mangled = File.Exists(path) ? TextDamage.Explain(path) : null;
            return (null, Damaged(path, mangled ?? e.Message, clock.Elapsed));
        }
    }

    private static (PgBackup Backup, IReadOnlyList<string> Problems) ReadForeign(string path, CancellationToken ct)
    {
        var dump = ForeignDump.Identify(path).Locate(ct);
        return (ForeignSet.Of(dump, ForeignContent.Read(dump, ct)), []);
    }

    private static async Task<(PgBackup Backup, IReadOnlyList<string> Problems)> ReadOwnAsync(PgBackup backup, IOperationEvents events, CancellationToken ct)
    {
        using var hold = SetHold.Read(backup);
        var problems = SetFiles.Problems(backup).ToList();
        return (backup, problems.Count > 0 ? problems : await ReadAsync(backup, events, ct));
    }

    private static PgBackupTest Damaged(string path, string problem, TimeSpan duration) =>
        new() { Path = path, Database = "", SnapshotTime = default, Tables = 0, Rows = 0, Bytes = 0, Problems = [problem], Duration = duration };

    private static PgBackupTest Describe(PgBackup backup, IReadOnlyList<string> problems, TimeSpan duration) => new()
    {
        Path = backup.Path,
        Seal = backup.Logged.Seal,
        State = problems.Count == 0 ? backup.State : BackupState.Damaged,
        Database = backup.Database,
        SnapshotTime = backup.SnapshotTime,
        Tables = backup.Tables,
        Rows = backup.Rows,
        Bytes = backup.Bytes,
        Problems = problems,
        NotProven = backup.Manifest.NotProven,
        Duration = duration,
    };

    /// <summary>Hashes and counts at the same time, because both read the entire set.</summary>
    private static async Task<List<string>> ReadAsync(PgBackup backup, IOperationEvents events, CancellationToken ct)
    {
        var counting = Task.Run(() => Count(backup, ct), ct);
        var problems = (await SetFiles.ChangedAsync(backup, events, ct)).ToList();
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
                problems.Add("the sequences of the dump differ from the manifest's");
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
        using var dump = new StoppableStream(PayloadStream.Open(backup), ct);
        return backup.Manifest.Format == BackupFormat.Plain ? PlainDump.Count(dump, ct) : CustomArchive.Count(dump, ct);
    }
}
