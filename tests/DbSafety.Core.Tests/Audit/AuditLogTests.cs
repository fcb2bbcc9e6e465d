using System.Text.Json.Nodes;
using DbSafety.Audit;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Core.Tests.Audit;

/// <summary>What is in the log after an operation, however it ended. The log's folder is a variable of the process, so these tests run one after the other.</summary>
[CollectionDefinition(nameof(AuditLogTests), DisableParallelization = true)]
[Collection(nameof(AuditLogTests))]
public sealed class AuditLogTests : IDisposable
{
    private static readonly JsonObject Schema = JsonNode.Parse(File.ReadAllText(Repository.Folder("docs/log.schema.json")))!.AsObject();

    private readonly string folder = Directory.CreateTempSubdirectory("dbsafety-log-").FullName;
    private readonly string? before = Environment.GetEnvironmentVariable(LogFolder.Variable);

    public AuditLogTests() => Environment.SetEnvironmentVariable(LogFolder.Variable, folder);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(LogFolder.Variable, before);
        Directory.Delete(folder, recursive: true);
    }

    public static TheoryData<Exception, LogOutcome, string> Failures { get; } = new()
    {
        { ErrorCatalogue.AnotherRun.For("shop", "it runs"), LogOutcome.Refused, "DBS115" },
        { ErrorCatalogue.BackupDamaged.For("a", "b"), LogOutcome.Failed, "DBS204" },
        { ErrorCatalogue.UnknownOutcomes[0].For("shop", "a", "b", "c", "d", "e"), LogOutcome.Unknown, ErrorCatalogue.UnknownOutcomes[0].Code },
        { new OperationCanceledException(), LogOutcome.Cancelled, nameof(OperationCanceledException) },
        { new InvalidOperationException("postgres://u:secret@h/d"), LogOutcome.Failed, nameof(InvalidOperationException) },
    };

    [Fact]
    public async Task An_operation_is_recorded_before_it_starts_and_after_it_has_ended()
    {
        var during = await RecordAsync(_ => Task.FromResult(Entries().Single()));
        Assert.Equal((LogOutcome.Running, null), (during.Outcome, during.Duration));
        var after = Assert.Single(Entries());
        Assert.Equal((during.Id, LogOutcome.Succeeded, "restore run", 7), (after.Id, after.Outcome, after.Verb, after.Rows));
        Assert.Equal(["shop_before_1 is retained"], after.Evidence);
        Assert.Equal("dbsafety restore undo --to \"shop_before_1\"", after.Undo);
        Assert.Equal([new LoggedSet("/b/set.json", new string('a', 64))], after.Sets);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_failure_is_recorded_with_its_code_and_thrown(Exception failure, LogOutcome outcome, string code)
    {
        Assert.Same(failure, await Assert.ThrowsAnyAsync<Exception>(() => RecordAsync<int>(_ => throw failure)));
        var entry = Assert.Single(Entries());
        Assert.Equal((outcome, code), (entry.Outcome, entry.ErrorCode));
        Assert.DoesNotContain("secret", entry.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operation_within_another_one_and_a_plan_are_not_recorded()
    {
        await RecordAsync(_ => RecordAsync(_ => Task.FromResult(1)));
        await AuditLog.RecordAsync(new LogSubject("restore run") { IsPlan = true }, OperationEvents.None, _ => Task.FromResult(1), _ => new LogResult());
        Assert.Single(Entries());
        await RecordAsync(_ => Task.FromResult(1));
        Assert.Equal(2, Entries().Count);
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_is_a_warning_and_the_operation_runs()
    {
        var file = Path.Combine(folder, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        Environment.SetEnvironmentVariable(LogFolder.Variable, file);
        var warnings = new List<string>();
        Assert.Equal(5, await RecordAsync(_ => Task.FromResult(5), new Listener(warnings)));
        Assert.All(warnings, w => Assert.Contains(file, w, StringComparison.Ordinal));
        Assert.Equal(2, warnings.Count);
    }

    [Fact]
    public async Task A_process_that_was_killed_is_interrupted_and_its_incomplete_line_is_removed_by_the_next_writer()
    {
        await RecordAsync(_ => Task.FromResult(1));
        var path = Directory.GetFiles(folder).Single();
        var lines = await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken);
        var gone = lines[0].Replace($"\"processId\":{Environment.ProcessId}", "\"processId\":2147483647", StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, gone + "\n" + lines[1][..40], TestContext.Current.CancellationToken);
        Assert.Equal(LogOutcome.Interrupted, Assert.Single(Entries()).Outcome);
        await RecordAsync(_ => Task.FromResult(1));
        Assert.Equal(3, (await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken)).Length);
        Assert.Equal([LogOutcome.Succeeded, LogOutcome.Interrupted], Entries().Select(e => e.Outcome));
    }

    [Fact]
    public async Task A_complete_line_without_a_line_break_stays()
    {
        await RecordAsync(_ => Task.FromResult(1));
        var path = Directory.GetFiles(folder).Single();
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).TrimEnd('\n'), TestContext.Current.CancellationToken);
        Assert.Single(Entries());
        await RecordAsync(_ => Task.FromResult(1));
        Assert.Equal(2, Entries().Count(e => e.Outcome == LogOutcome.Succeeded));
    }

    [Fact]
    public async Task A_line_that_another_program_has_changed_is_reported_and_all_others_are_read()
    {
        await RecordAsync(_ => Task.FromResult(1));
        var path = Directory.GetFiles(folder).Single();
        await File.WriteAllTextAsync(path, "damage\n\n" + await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        var warnings = new List<string>();
        Assert.Single(await new ReadLog().RunAsync(new LogRequest(), new Listener(warnings), TestContext.Current.CancellationToken));
        Assert.Contains("1 line was changed by another program", Assert.Single(warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"seconds\":", "\"seconds\":1e300,\"was\":")]
    [InlineData("\"seconds\":", "\"seconds\":-1,\"was\":")]
    [InlineData("\"drill\":1.5", "\"drill\":1e300")]
    [InlineData("\"sets\":[", "\"sets\":[null,")]
    [InlineData("\"evidence\":[", "\"evidence\":[null,")]
    [InlineData("\"operation\":\"restore run\"", "\"operation\":null")]
    [InlineData("\"path\":\"/b/set.json\"", "\"path\":null")]
    public async Task A_line_with_impossible_values_is_damaged_and_all_others_are_read(string text, string other)
    {
        await RecordAsync(_ => Task.FromResult(1));
        var path = Directory.GetFiles(folder).Single();
        var lines = await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken);
        Assert.Contains(text, lines[1], StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, $"{lines[1].Replace(text, other, StringComparison.Ordinal)}\n{lines[1]}\n", TestContext.Current.CancellationToken);
        Assert.Equal((1, "1 line was changed by another program and cannot be read"), await ReadWithWarningAsync());
    }

    [Fact]
    public async Task A_line_of_a_newer_version_is_not_reported_as_damaged()
    {
        await RecordAsync(_ => Task.FromResult(1));
        var path = Directory.GetFiles(folder).Single();
        var newer = (await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken))[1].Replace("\"format\":1", "\"format\":2", StringComparison.Ordinal).Replace("\"succeeded\"", "\"partly\"", StringComparison.Ordinal);
        await File.AppendAllTextAsync(path, newer, TestContext.Current.CancellationToken);
        await RecordAsync(_ => Task.FromResult(1));
        Assert.Equal((2, "1 line was written by a newer version of DbSafety and cannot be read"), await ReadWithWarningAsync());
    }

    [Fact]
    public async Task The_order_is_that_of_the_lines_also_after_the_clock_was_set_back()
    {
        await RecordAsync(_ => Task.FromResult(1));
        var first = Assert.Single(Entries());
        var path = Directory.GetFiles(folder).Single();
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(path, text.Replace($"\"time\":\"{first.Time:yyyy}", $"\"time\":\"{first.Time.Year + 1}", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await RecordAsync(_ => Task.FromResult(1));
        Assert.Equal([false, true], Entries().Select(e => e.Id == first.Id));
        Assert.True(Entries()[1].Time > Entries()[0].Time);
    }

    [Fact]
    public async Task A_running_operation_is_running_whatever_the_clock_shows()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "only Linux counts the start of a process in ticks");
        var during = await RecordAsync(async _ =>
        {
            var path = Directory.GetFiles(folder).Single();
            var line = LogLine.Read(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken))!;
            await File.WriteAllTextAsync(path, (line with { ProcessStart = line.ProcessStart.AddHours(-2) }).Write(), TestContext.Current.CancellationToken);
            return Assert.Single(Entries()).Outcome;
        });
        Assert.Equal(LogOutcome.Running, during);
    }

    [Fact]
    public async Task A_pipe_is_not_read_and_a_link_is_not_written()
    {
        await RecordAsync(_ => Task.FromResult(1));
        var path = Directory.GetFiles(folder).Single();
        using (var pipe = System.Diagnostics.Process.Start("mkfifo", Path.Combine(folder, "dbsafety-2026-01.jsonl")))
            await pipe.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Single(await Task.Run(Entries, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));

        var other = Path.Combine(folder, "other");
        File.Move(path, other);
        File.CreateSymbolicLink(path, other);
        var (before, warnings) = (await File.ReadAllTextAsync(other, TestContext.Current.CancellationToken), new List<string>());
        await RecordAsync(_ => Task.FromResult(1), new Listener(warnings));
        Assert.Equal(before, await File.ReadAllTextAsync(other, TestContext.Current.CancellationToken));
        Assert.All(warnings, w => Assert.Contains("is a link to", w, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Many_writers_lose_no_line()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
                await RecordAsync(_ => Task.FromResult(1));
        })));
        Assert.Equal(80, Entries().Count(e => e.Outcome == LogOutcome.Succeeded));
    }

    [Fact]
    public async Task Every_line_is_valid_by_the_schema_and_private()
    {
        await RecordAsync(_ => Task.FromResult(1));
        await Assert.ThrowsAnyAsync<Exception>(() => RecordAsync<int>(_ => throw ErrorCatalogue.AnotherRun.For("shop", "it runs")));
        var path = Directory.GetFiles(folder).Single();
        Assert.Matches(@"dbsafety-\d{4}-\d{2}\.jsonl$", path);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        foreach (var line in await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken))
            Assert.Equal([], SchemaValidation.Problems(Schema, JsonNode.Parse(line)));
        var members = typeof(LogLine).GetProperties().Where(p => p.CanWrite).Select(p => char.ToLowerInvariant(p.Name[0]) + p.Name[1..]);
        Assert.Equal(members.Order(StringComparer.Ordinal), Schema["properties"]!.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal));
    }

    private static async Task<(int Entries, string Warning)> ReadWithWarningAsync()
    {
        var warnings = new List<string>();
        var entries = await new ReadLog().RunAsync(new LogRequest(), new Listener(warnings), TestContext.Current.CancellationToken);
        return (entries.Count, Assert.Single(warnings).Split(": ", 2)[1]);
    }

    [Fact]
    public async Task An_estimate_is_the_duration_of_the_last_run_that_counted_rows()
    {
        var target = new DatabaseTarget { Host = "db1", Username = "app", Database = "shop" };
        await BackUpAsync(new LogResult());
        Assert.Null(await PastDuration.TextAsync(target, "backup create", "backup"));
        await BackUpAsync(new LogResult { Rows = 7 });
        await BackUpAsync(new LogResult());
        Assert.Matches(@"^the last backup took \d+ ms$", await PastDuration.TextAsync(target, "backup create", "backup"));
        Assert.Null(await PastDuration.TextAsync(target with { Database = "other" }, "backup create", "backup"));

        Task BackUpAsync(LogResult result) => AuditLog.RecordAsync(target.Log("backup create"), OperationEvents.None, _ => Task.FromResult(result), r => r);
    }

    private static IReadOnlyList<DbSafetyLogEntry> Entries() => new ReadLog().RunAsync(new LogRequest(), OperationEvents.None, CancellationToken.None).GetAwaiter().GetResult();

    private static Task<T> RecordAsync<T>(Func<IOperationEvents, Task<T>> operation, IOperationEvents? events = null) => AuditLog.RecordAsync(
        new LogSubject("restore run") { Database = "shop", Server = "db1:5432", Role = "app" },
        events ?? OperationEvents.None,
        operation,
        _ => new LogResult
        {
            Sets = [new LoggedSet("/b/set.json", new string('a', 64))],
            Tables = 2,
            Rows = 7,
            Bytes = 9,
            Stages = new Dictionary<string, TimeSpan> { ["drill"] = TimeSpan.FromSeconds(1.5) },
            Evidence = ["shop_before_1 is retained"],
            Undo = Advice.Of($"restore undo --to \"{"shop_before_1"}\""),
        });

    private sealed class Listener(List<string> warnings) : IOperationEvents
    {
        public void Raise(OperationEvent operationEvent)
        {
            if (operationEvent is MessageEvent { Level: MessageLevel.Warning } message)
                warnings.Add(message.Text);
        }
    }
}
