using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Integration.Tests.Runbooks;

/// <summary>The shell scripts as a scheduler runs them, against a real server.</summary>
[Collection(PgServerGroup.Name)]
public sealed class NightlyTests(PgServer pg)
{
    [Fact]
    public async Task A_night_backs_up_each_database_prunes_reports_and_pings()
    {
        using var folder = new RunbookFolder();
        var (shop, other) = (await pg.CreateDatabaseAsync("shop", SampleSql.Shop), await pg.CreateDatabaseAsync("my-other", "CREATE TABLE t AS SELECT 1 AS id"));
        using var monitor = new Monitor();
        folder.Configure([shop, other], $"PING_URL='{monitor.Url}'");

        var first = await folder.RunAsync("nightly.sh");
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Equal(2, folder.Sets);
        Assert.Equal("/ping-secret", await monitor.RequestAsync());
        var second = await folder.RunAsync("nightly.sh");

        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Equal((2, 2), (folder.Sets, folder.Runs.Count));
        Assert.Equal(2, Directory.GetFiles(folder.Backups, "*.server.conf").Length);
        var run = folder.Runs[^1];
        Assert.Equal(("nightly", "test", 0), (run.GetProperty("job").GetString(), run.GetProperty("environment").GetString(), run.GetProperty("exitCode").GetInt32()));
        var entry = run.GetProperty("databases")[1];
        Assert.Equal((other.Database, 0, 1), (entry.GetProperty("database").GetString(), entry.GetProperty("exitCode").GetInt32(), entry.GetProperty("rows").GetInt32()));
        Assert.True(File.Exists(entry.GetProperty("set").GetString()));
        Assert.Equal(("1", "1"), (folder.Metric("dbsafety_backup_success", shop.Database), folder.Metric("dbsafety_backup_rows", other.Database)));
        Assert.Equal(entry.GetProperty("bytes").GetRawText(), folder.Metric("dbsafety_backup_bytes", other.Database));
        Assert.False(File.Exists(folder.At("failure.json")));
        Assert.Equal(["dbsafety_nightly_test.prom"], Directory.GetFiles(folder.At("metrics")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_failed_night_keeps_the_exit_code_and_the_old_backups_and_calls_the_command_for_failures()
    {
        using var folder = new RunbookFolder();
        var shop = await pg.CreateDatabaseAsync("shop", SampleSql.Shop);
        using var monitor = new Monitor();
        folder.Configure([shop]);
        Assert.Equal(0, (await folder.RunAsync("nightly.sh")).ExitCode);
        var (finished, rows) = (folder.Metric("dbsafety_backup_timestamp_seconds", shop.Database), folder.Metric("dbsafety_backup_rows", shop.Database));

        // However many runs of other jobs there were since.
        await File.AppendAllLinesAsync(folder.At("state/runs.jsonl"), Enumerable.Repeat("""{"job":"drill","environment":"test","databases":[]}""", 1100));
        folder.Configure([shop], $"URL_{shop.Database}='postgres://app:s3cr3t@127.0.0.1:1/{shop.Database}'", $"PING_URL='{monitor.Url}'");
        var down = await folder.RunAsync("nightly.sh");

        Assert.Equal((5, 1), (down.ExitCode, folder.Sets));
        Assert.DoesNotContain("s3cr3t", down.Output + down.Error + await File.ReadAllTextAsync(folder.At("state/runs.jsonl")), StringComparison.Ordinal);
        var report = JsonDocument.Parse(await File.ReadAllTextAsync(folder.At("failure.json"))).RootElement;
        Assert.Equal((5, 5), (report.GetProperty("exitCode").GetInt32(), report.GetProperty("databases")[0].GetProperty("exitCode").GetInt32()));
        Assert.StartsWith("error DBS", report.GetProperty("databases")[0].GetProperty("error").GetString(), StringComparison.Ordinal);
        // The last success stays: an alarm is about its age.
        Assert.Equal(("0", finished, rows), (folder.Metric("dbsafety_backup_success", shop.Database), folder.Metric("dbsafety_backup_timestamp_seconds", shop.Database), folder.Metric("dbsafety_backup_rows", shop.Database)));
        Assert.False(monitor.WasAsked);
    }

    [Fact]
    public async Task A_URL_that_leads_to_another_database_fails_the_night()
    {
        using var folder = new RunbookFolder();
        var shop = await pg.CreateDatabaseAsync("shop", SampleSql.Shop);
        folder.Configure([shop with { Database = "billing" }], $"URL_billing='{TargetText.Url(shop)}'");
        var run = await folder.RunAsync("nightly.sh");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"the URL of billing leads to {shop.Database}", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_without_databases_fails_and_keeps_the_metrics_and_a_name_is_not_a_pattern()
    {
        using var folder = new RunbookFolder();
        folder.Configure([], $"DATABASES='*'");
        Assert.Equal(2, (await folder.RunAsync("nightly.sh")).ExitCode);
        Assert.Equal("*", folder.Runs.Single().GetProperty("databases").EnumerateArray().Single().GetProperty("database").GetString());

        folder.Configure([], "DATABASES=' '");
        using var monitor = new Monitor();
        // A relative path is one in the current folder.
        var empty = await RunbookFolder.EndAsync(folder.StartCommand("/bin/sh", "-c", $"cd '{folder.At(".")}' && PING_URL='{monitor.Url}' DBSAFETY_ENV=dbsafety.env exec sh '{RunbookFolder.Scripts}/nightly.sh'"));

        Assert.Equal(2, empty.ExitCode);
        Assert.StartsWith("DATABASES is empty", JsonDocument.Parse(await File.ReadAllTextAsync(folder.At("failure.json"))).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal("0", folder.Metric("dbsafety_backup_success", "*"));
        Assert.False(monitor.WasAsked);

        File.Delete(folder.At("state/nightly.lock"));
        Directory.CreateDirectory(folder.At("state/nightly.lock"));
        Assert.Equal(5, (await folder.RunAsync("nightly.sh")).ExitCode);
    }

    [Fact]
    public async Task Retention_without_a_rule_keeps_all_and_its_failure_is_reported()
    {
        using var folder = new RunbookFolder();
        var shop = await pg.CreateDatabaseAsync("shop", "CREATE TABLE t AS SELECT 1 AS id");
        folder.Configure([shop], "KEEP_LAST='0'");
        var kept = await folder.RunAsync("nightly.sh");
        Assert.True(kept.ExitCode == 0, kept.Error);

        folder.Configure([shop], "KEEP_LAST='many'");
        Assert.Equal((2, 2), ((await folder.RunAsync("nightly.sh")).ExitCode, folder.Sets));
        Assert.StartsWith("old backups were not removed: ", JsonDocument.Parse(await File.ReadAllTextAsync(folder.At("failure.json"))).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_reported_if_the_run_cannot_be_appended_and_the_command_for_failures_has_neither_the_lock_nor_a_visible_secret()
    {
        using var folder = new RunbookFolder();
        var shop = await pg.CreateDatabaseAsync("shop", "CREATE TABLE t AS SELECT 1 AS id");
        folder.Configure([shop]);
        Assert.Equal(0, (await folder.RunAsync("nightly.sh")).ExitCode);
        File.Delete(folder.At("state/runs.jsonl"));
        Directory.CreateDirectory(folder.At("state/runs.jsonl"));

        folder.Configure([shop], $"URL_{shop.Database}='postgres://app@127.0.0.1:1/{shop.Database}'",
            $"ON_FAILURE='tr \"\\0\" \" \" < /proc/$$/cmdline > \"{folder.At("arguments")}\"; flock -n \"{folder.At("state/nightly.lock")}\" cat > \"{folder.At("failure.json")}\"; exit 7 # T0KEN'");
        var run = await folder.RunAsync("nightly.sh");

        Assert.Equal(5, run.ExitCode);
        Assert.Equal("0", folder.Metric("dbsafety_backup_success", shop.Database));
        Assert.Equal(5, JsonDocument.Parse(await File.ReadAllTextAsync(folder.At("failure.json"))).RootElement.GetProperty("exitCode").GetInt32());
        Assert.Contains("the command for failures ended with exit code 7", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("T0KEN", run.Output + run.Error + await File.ReadAllTextAsync(folder.At("arguments")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_run_names_the_first_and_a_killed_run_leaves_no_lock()
    {
        using var folder = new RunbookFolder();
        var shop = await pg.CreateDatabaseAsync("shop", "CREATE TABLE t AS SELECT 1 AS id");
        folder.Configure([shop]);
        using var first = await BlockedAsync(folder, shop, async first =>
        {
            var second = await folder.RunAsync("nightly.sh");
            Assert.Equal(75, second.ExitCode);
            Assert.Contains($"nightly: another run works: process {first.Id.ToString(CultureInfo.InvariantCulture)} of ", second.Error, StringComparison.Ordinal);
            await SignalAsync("KILL", -first.Id);
        });
        await first.WaitForExitAsync();

        var next = await folder.RunAsync("nightly.sh");
        Assert.True(next.ExitCode == 0, next.Error);
        Assert.Equal(1, folder.Sets);
        Assert.DoesNotContain(Directory.GetFiles(folder.Backups), f => f.EndsWith(".partial", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task A_terminated_run_cancels_the_backup_and_reports_each_database(string signal)
    {
        using var folder = new RunbookFolder();
        var shop = await pg.CreateDatabaseAsync("shop", "CREATE TABLE t AS SELECT 1 AS id");
        folder.Configure([shop, shop with { Database = "later" }]);
        // The script alone, as Kubernetes does.
        using var run = await BlockedAsync(folder, shop, run => SignalAsync(signal, run.Id));
        Assert.Equal(130, (await RunbookFolder.EndAsync(run)).ExitCode);
        Assert.Equal(130, folder.Runs.Single().GetProperty("exitCode").GetInt32());
        Assert.Equal(("0", "0"), (folder.Metric("dbsafety_backup_success", shop.Database), folder.Metric("dbsafety_backup_success", "later")));
        Assert.Empty(Directory.GetFiles(folder.Backups, "backup_*"));
        Assert.True(File.Exists(folder.At("failure.json")));
    }

    /// <summary>Starts a night, which waits for a lock of the table; acts while it waits, and releases the lock.</summary>
    private static async Task<Process> BlockedAsync(RunbookFolder folder, DatabaseTarget shop, Func<Process, Task> act)
    {
        await using var blocker = await shop.OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand("BEGIN; LOCK TABLE t", blocker);
        await command.ExecuteNonQueryAsync();
        var run = folder.Start("nightly.sh");
        await Wait.UntilAsync(async () => await PgServer.ScalarAsync<bool>(shop, "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"), "the backup waits");
        await act(run);
        return run;
    }

    private static async Task SignalAsync(string signal, int process)
    {
        using var kill = Process.Start("kill", ["-" + signal, "--", process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>A monitor that expects a ping.</summary>
    private sealed class Monitor : IDisposable
    {
        private readonly HttpListener listener = new();
        private readonly Task<HttpListenerContext> request;

        public Monitor()
        {
            using (var free = new TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                Url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/ping-secret";
            }

            listener.Prefixes.Add(new Uri(Url).GetLeftPart(UriPartial.Authority) + "/");
            listener.Start();
            request = listener.GetContextAsync();
            _ = AnswerAsync();
        }

        public string Url { get; }

        public bool WasAsked => request.IsCompleted;

        public async Task<string?> RequestAsync() => (await request.WaitAsync(TimeSpan.FromMinutes(1))).Request.RawUrl;

        public void Dispose() => listener.Close();

        private async Task AnswerAsync()
        {
            try
            {
                for (var context = await request; ; context = await listener.GetContextAsync())
                    context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                // The test has ended.
            }
        }
    }
}
