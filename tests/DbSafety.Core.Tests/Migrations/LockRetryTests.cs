using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Applying.Scripts;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;

namespace DbSafety.Core.Tests.Migrations;

public sealed class LockRetryTests : IOperationEvents
{
    private const string LockTimeout = "55P03";

    private static readonly DatabaseTarget Target = DatabaseTargets.Parse("postgres://app@127.0.0.1:1/shop");

    private readonly List<string> warnings = [];

    private int attempts;

    private int rollbacks;

    void IOperationEvents.Raise(OperationEvent operationEvent)
    {
        if (operationEvent is MessageEvent { Level: MessageLevel.Warning } message)
            warnings.Add(message.Text);
    }

    [Fact]
    public void A_pause_doubles_with_each_attempt_up_to_thirty_seconds_and_is_shortened_by_chance()
    {
        var settings = new ApplySettings(TimeSpan.FromSeconds(2), 5, TimeSpan.FromSeconds(1));
        foreach (var (attempt, longest) in new[] { (0, 1.0), (1, 2.0), (2, 4.0), (4, 16.0), (5, 30.0), (6, 30.0), (10_000, 30.0) })
        {
            var pauses = Enumerable.Range(0, 200).Select(_ => settings.Pause(attempt).TotalSeconds).ToList();
            Assert.All(pauses, p => Assert.InRange(p, longest / 2, longest));
            Assert.True(pauses.Distinct().Count() > 100, "two sessions that wait for each other would retry at the same time");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task After_the_last_retry_the_error_reports_the_attempts_each_of_which_was_rolled_back(int retries)
    {
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => RunAsync(retries, failures: int.MaxValue));

        Assert.Equal("DBS114", error.Code);
        Assert.Contains($"0.3 s in each of {retries + 1} attempts", error.Message, StringComparison.Ordinal);
        Assert.Equal((retries + 1, retries + 1, retries), (attempts, rollbacks, warnings.Count));
    }

    [Fact]
    public async Task An_attempt_that_succeeds_ends_the_retries()
    {
        Assert.Equal(2, await RunAsync(retries: 5, failures: 2));
        Assert.Equal((3, 2), (attempts, rollbacks));
        Assert.All(warnings, w => Assert.Contains("1_a.sql waited 0.3 s for a lock held by a session that has disconnected; it was rolled back and is retried in", w, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_deadlock_is_retried_and_no_other_error_is()
    {
        Assert.Equal(1, await RunAsync(retries: 5, failures: 1, state: "40P01"));
        await Assert.ThrowsAsync<StatementFailedException>(() => RunAsync(retries: 5, failures: 1, state: "42P01"));
        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task Statements_that_were_not_rolled_back_or_have_outside_effects_are_not_retried()
    {
        await Assert.ThrowsAsync<StatementFailedException>(() => RunAsync(retries: 5, failures: 1, end: ScriptEnd.PartsLeft));
        var error = await Assert.ThrowsAsync<DbSafetyException>(() => RunAsync(retries: 5, failures: 1, outside: "nextval of a sequence"));
        Assert.Equal(("DBS454", 1), (error.Code, attempts));
    }

    [Fact]
    public async Task Cancellation_ends_the_pause()
    {
        using var stop = new CancellationTokenSource();
        var run = RunAsync(retries: 5, failures: 1, backoff: TimeSpan.FromHours(1), ct: stop.Token);
        Assert.False(run.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal((1, 1), (attempts, warnings.Count));
    }

    /// <returns>The number of retries.</returns>
    private async Task<int> RunAsync(int retries, int failures, string state = LockTimeout, ScriptEnd end = ScriptEnd.RolledBack, string? outside = null, TimeSpan backoff = default, CancellationToken ct = default)
    {
        attempts = 0;
        // It connects only if an attempt takes a while.
        await using var watcher = LockWatcher.Start(Target, 1, this);
        var waitLimit = new LockRetry(Target, new ApplySettings(TimeSpan.FromSeconds(0.3), retries, backoff), watcher, _ => Task.FromResult(outside), this);
        await waitLimit.TryAsync(
            "1_a.sql",
            () => attempts++ < failures ? throw new StatementFailedException(new MigrationError("1_a.sql", 1, "ALTER TABLE a ADD b int", state, "failed", null, null), null) : Task.FromResult(true),
            () =>
            {
                rollbacks++;
                return Task.FromResult(end);
            },
            ct);
        return waitLimit.Retries;
    }
}
