using DbSafety.Backups;
using DbSafety.Backups.Retention;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Tables;
using DbSafety.Errors;

namespace DbSafety.Core.Tests.Backups;

public sealed class TestBackupTests : IDisposable
{
    private static readonly DateTimeOffset Time = new(2025, 11, 20, 2, 15, 0, TimeSpan.Zero);

    private readonly PlainSets sets = new();

    public void Dispose() => sets.Dispose();

    [Fact]
    public async Task An_intact_backup_passes_and_its_contents_are_reported()
    {
        var path = sets.Add(Time);
        var test = await TestAsync(path);
        Assert.Empty(test.Problems);
        Assert.True(test.Passed);
        Assert.Equal((path, BackupState.Intact, "shop", Time, 2, 2L, (long)PlainSets.Dump.Length), (test.Path, test.State, test.Database, test.SnapshotTime, test.Tables, test.Rows, test.Bytes));
    }

    [Fact]
    public async Task A_changed_byte_is_detected_even_if_size_and_counts_are_equal()
    {
        var path = sets.Add(Time);
        PlainSets.Damage(path);
        var test = await TestAsync(path);
        Assert.Equal("backup_prod_shop_20251120T021500Z.sql was changed: its SHA-256 differs from the manifest's", Assert.Single(test.Problems));
        Assert.Equal((false, BackupState.Damaged), (test.Passed, test.State));
    }

    /// <summary>The hash is right each time: the manifest counted something else than was written.</summary>
    [Fact]
    public async Task The_backup_test_compares_every_count_of_the_manifest_with_the_dump()
    {
        var manifest = PlainSets.Manifest;
        foreach (var (wrong, problem) in new (BackupManifest, string)[]
        {
            (manifest with { Tables = [new TableCount("public", "orders", 3), manifest.Tables[1]] }, "public.orders has 3 rows in the manifest, 2 in the dump"),
            (manifest with { Tables = [.. manifest.Tables, new TableCount("public", "gone", 0)] }, "public.gone is missing in the dump"),
            (manifest with { LargeObjects = 2 }, "2 large objects in the manifest, 1 in the dump"),
            (manifest with { Sequences = [] }, "the sequences of the dump differ from the manifest's"),
            (manifest with { Sequences = [manifest.Sequences[0] with { IsCalled = false }] }, "the sequences of the dump differ from the manifest's"),
        })
        {
            Assert.Equal(problem, Assert.Single((await TestAsync(sets.Add(Time, wrong))).Problems));
        }
    }

    [Fact]
    public async Task A_truncated_dump_is_damaged_even_if_its_hash_matches_the_manifest()
    {
        var test = await TestAsync(sets.Add(Time, dump: PlainSets.Dump[..40]));
        Assert.StartsWith("the dump cannot be read: ", Assert.Single(test.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_files_wrong_file_sizes_and_modified_manifests_are_reported_as_problems_and_not_as_exceptions()
    {
        var path = sets.Add(Time);
        var dump = Path.ChangeExtension(path, ".sql");
        File.AppendAllText(dump, "\n");
        Assert.Contains("bytes instead of", Assert.Single((await TestAsync(path)).Problems), StringComparison.Ordinal);
        File.Delete(dump);
        Assert.EndsWith("is missing", Assert.Single((await TestAsync(path)).Problems), StringComparison.Ordinal);
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"prod\"", "\"test\"", StringComparison.Ordinal));
        Assert.False((await TestAsync(path)).Passed);
        await Assert.ThrowsAsync<DbSafetyException>(() => TestAsync(Path.Combine(sets.Folder, "none.json")));
    }

    [Fact]
    public async Task Pruning_verifies_the_newest_backups_first_and_does_not_count_damaged_backups()
    {
        var paths = Enumerable.Range(0, 4).Select(day => sets.Add(Time.AddDays(day))).ToList();
        Assert.Equal(paths[..3], await RemovalsAsync(1));

        using var others = new PlainSets();
        paths = [.. Enumerable.Range(0, 4).Select(day => others.Add(Time.AddDays(day)))];
        PlainSets.Damage(paths[3]);
        PlainSets.Damage(paths[2]);
        Assert.Equal(paths[..1], await RemovalsAsync(1, others));
        Assert.Equal(2, others.Warnings.Count(w => w.Contains("is damaged and is not counted", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task No_backup_is_removed_if_none_is_intact()
    {
        foreach (var day in Enumerable.Range(0, 3))
            PlainSets.Damage(sets.Add(Time.AddDays(day)));
        Assert.Empty(await RemovalsAsync(1));
    }

    [Fact]
    public async Task A_size_limit_that_protected_backups_exceed_is_reported()
    {
        var paths = Enumerable.Range(0, 3).Select(day => sets.Add(Time.AddDays(day))).ToList();
        var plan = await new PlanRetention().RunAsync(new RetentionRequest(sets.Folder, new RetentionPolicy { MaxBytes = 1 }), sets, CancellationToken.None);
        Assert.Equal([RetentionDecision.Remove, RetentionDecision.Remove, RetentionDecision.Keep], plan.Select(s => s.Decision!.Value));
        Assert.Equal(paths, plan.Select(s => s.Path));
        Assert.Contains(sets.Warnings, w => w.StartsWith("the size limit of 1 B cannot be met: backups of ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_removal_for_the_size_limit_is_decided_again_before_each_removal()
    {
        var paths = Enumerable.Range(0, 3).Select(day => sets.Add(Time.AddDays(day))).ToList();
        var request = new RetentionRequest(sets.Folder, new RetentionPolicy { MaxBytes = 2 * new FileInfo(Path.ChangeExtension(paths[0], ".sql")).Length });
        var plan = await new PlanRetention().RunAsync(request, sets, CancellationToken.None);
        Assert.Equal(paths[0], Assert.Single(plan, s => s.Decision == RetentionDecision.Remove).Path);
        File.Delete(paths[1]);

        var kept = (await new RemoveBackups { Retention = request }.RunAsync(plan, sets, CancellationToken.None))[0];

        Assert.Equal((RetentionDecision.Keep, "the retention rules keep it now (within the size limit)"), (kept.Decision, kept.Reason));
        Assert.True((await TestAsync(paths[0])).Passed);
    }

    [Fact]
    public async Task Of_two_backups_with_the_same_time_one_is_removed_and_a_copy_of_a_manifest_is_not_a_newer_backup()
    {
        var paths = Enumerable.Range(0, 2).Select(day => sets.Add(Time.AddDays(day))).ToList();
        File.WriteAllText(paths[0], ManifestFile.Write(ManifestFile.Read(paths[0]) with { SnapshotTime = Time.AddDays(1) }));
        var request = new RetentionRequest(sets.Folder, new RetentionPolicy { KeepLast = 1 });
        async Task<IReadOnlyList<PgBackup>> RemoveAsync() => await new RemoveBackups { Retention = request }.RunAsync(await new PlanRetention().RunAsync(request, sets, CancellationToken.None), sets, CancellationToken.None);

        Assert.Equal([(RetentionDecision.Remove, false), (RetentionDecision.Keep, true)], (await RemoveAsync()).Select(s => (s.Decision!.Value, File.Exists(s.Path))));
        Assert.Equal(RetentionDecision.Keep, Assert.Single(await RemoveAsync()).Decision);

        File.Copy(paths[1], Path.Combine(sets.Folder, "latest.json"));
        Assert.Equal([RetentionDecision.Keep, RetentionDecision.Ignore], (await RemoveAsync()).Select(s => s.Decision!.Value));
        var chosen = SetFiles.Find(paths[1]) with { Decision = RetentionDecision.Remove };
        Assert.Equal(RetentionDecision.Keep, Assert.Single(await new RemoveBackups().RunAsync([chosen], sets, CancellationToken.None)).Decision);
        Assert.True((await TestAsync(paths[1])).Passed);
    }

    [Fact]
    public async Task An_empty_or_invalid_retention_policy_is_rejected()
    {
        foreach (var policy in new RetentionPolicy[] { new(), new() { KeepLabels = ["release"] }, new() { KeepLast = 1, MaxBytes = -1 }, new() { KeepLast = -1 }, new() { KeepHourly = -1 }, new() { KeepYearly = -1 }, new() { KeepDaily = -1 }, new() { KeepWeekly = -1 }, new() { KeepMonthly = -1 }, new() { OlderThan = TimeSpan.FromSeconds(-1) } })
            Assert.Equal("DBS222", (await Assert.ThrowsAsync<DbSafetyException>(() => new PlanRetention().RunAsync(new RetentionRequest(sets.Folder, policy), sets, CancellationToken.None))).Code);
        foreach (var policy in new RetentionPolicy[] { new() { KeepLast = 1 }, new() { KeepDaily = 1 }, new() { KeepWeekly = 1 }, new() { KeepMonthly = 1 }, new() { KeepHourly = 1 }, new() { KeepYearly = 1 }, new() { MaxBytes = 0 }, new() { OlderThan = TimeSpan.Zero } })
            Assert.Empty(await new PlanRetention().RunAsync(new RetentionRequest(sets.Folder, policy), sets, CancellationToken.None));
    }

    private async Task<IEnumerable<string>> RemovalsAsync(int keepLast, PlainSets? folder = null) =>
        (await new PlanRetention().RunAsync(new RetentionRequest((folder ?? sets).Folder, new RetentionPolicy { KeepLast = keepLast }), folder ?? sets, CancellationToken.None)).Where(s => s.Decision == RetentionDecision.Remove).Select(s => s.Path);

    private Task<PgBackupTest> TestAsync(string path) => new TestBackup().RunAsync(new BackupTestRequest(path), sets, CancellationToken.None);
}
