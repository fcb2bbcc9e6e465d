using System.Text.RegularExpressions;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Runbooks;

/// <summary>The files of the schedulers, judged by their own programs.</summary>
[Collection(PgServerGroup.Name)]
public sealed partial class ScheduleTests(PgServer pg)
{
    [Fact]
    public async Task Each_line_of_the_cron_file_runs_with_the_shell_and_the_variables_of_cron()
    {
        using var folder = new RunbookFolder();
        using var scripts = new ScriptLink();
        folder.Configure([await pg.CreateDatabaseAsync("shop", SampleSql.Shop)]);
        foreach (var command in Lines(scripts).Select(l => CronLine().Match(l).Groups["command"].Value).Where(c => c.Length > 0))
        {
            var run = await RunbookFolder.EndAsync(folder.StartCommand("/bin/sh", "-c", command));
            Assert.Equal((0, ""), (run.ExitCode, run.Output));
        }

        Assert.Equal(["nightly", "drill"], folder.Runs.Select(r => r.GetProperty("job").GetString()));
    }

    [LongFact(needsRoot: true)]
    public async Task Cron_itself_runs_the_night()
    {
        using var folder = new RunbookFolder();
        using var scripts = new ScriptLink();
        folder.Configure([await pg.CreateDatabaseAsync("shop", SampleSql.Shop)]);
        Directory.CreateDirectory(folder.At("cron.d"));
        await File.WriteAllLinesAsync(folder.At("cron.d/dbsafety"), Lines(scripts).Select(l => CronLine().Match(l) is { Success: true } line
            ? $"* * * * *  root  {line.Groups["command"].Value}"
            : l.StartsWith("PATH=", StringComparison.Ordinal) ? $"PATH={folder.At("bin")}:{Path.GetDirectoryName(Environment.ProcessPath)}:/usr/bin:/bin\nDBSAFETY_ENV={folder.At("dbsafety.env")}\nDBSAFETY_LOG={folder.At("log")}\nTMPDIR={Path.GetTempPath()}" : l).Where(l => !l.Contains("weekly-drill", StringComparison.Ordinal)));
        // A cron of its own, in a mount namespace where the machine's tables are not.
        using var cron = folder.StartCommand("unshare", "--mount", "--pid", "--fork", "--mount-proc", "sh", "-c",
            $"chown root:root '{folder.At("cron.d")}'/* && chmod 644 '{folder.At("cron.d")}'/* && mount --bind '{folder.At("cron.d")}' /etc/cron.d && mount -t tmpfs none /var/spool/cron && mount -t tmpfs none /run && exec /usr/sbin/cron -f");
        try
        {
            await Wait.UntilAsync(() => Task.FromResult(cron.HasExited || (File.Exists(folder.At("state/runs.jsonl")) && folder.Runs.Count > 0)), "cron has run the night");
            Assert.False(cron.HasExited);
            Assert.Equal(0, folder.Runs[0].GetProperty("exitCode").GetInt32());
        }
        finally
        {
            cron.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task The_units_of_systemd_pass_its_verification()
    {
        using var folder = new TempFolder();
        using var scripts = new ScriptLink();
        var units = Directory.GetFiles(Path.Combine(RunbookFolder.Scripts, "systemd")).Select(f => Path.Combine(folder.Path, Path.GetFileName(f))).ToList();
        foreach (var unit in units)
        {
            // The scripts are checked where they are in this checkout.
            var text = await File.ReadAllTextAsync(Path.Combine(RunbookFolder.Scripts, "systemd", Path.GetFileName(unit)));
            await File.WriteAllTextAsync(unit, text.Replace("/opt/dbsafety/runbooks", scripts.Path, StringComparison.Ordinal));
        }

        var verified = await ToolProcess.RunAsync(new ToolCommand("systemd-analyze", ["verify", "--man=no", .. units]), CancellationToken.None);
        Assert.Equal((0, ""), (verified.ExitCode, verified.Output + verified.Error));
    }

    [Fact]
    public async Task The_shell_scripts_have_no_findings_of_shellcheck()
    {
        var scripts = Directory.GetFiles(RunbookFolder.Scripts, "*.sh");
        Assert.Equal(4, scripts.Length);
        var found = await ToolProcess.RunAsync(new ToolCommand("shellcheck", ["-x", .. scripts]) { WorkingDirectory = RunbookFolder.Scripts }, CancellationToken.None);
        Assert.Equal((0, ""), (found.ExitCode, found.Output));
    }

    /// <summary>The cron file with the scripts of this checkout.</summary>
    private static string[] Lines(ScriptLink scripts) =>
        [.. File.ReadAllLines(Path.Combine(RunbookFolder.Scripts, "dbsafety.cron")).Select(l => l.Replace("/opt/dbsafety/runbooks", scripts.Path, StringComparison.Ordinal))];

    /// <summary>The scripts of this checkout at a path without a space, as in the files.</summary>
    private sealed class ScriptLink : IDisposable
    {
        public ScriptLink() => File.CreateSymbolicLink(Path, RunbookFolder.Scripts);

        public string Path { get; } = $"/tmp/dbsafety-runbooks-{Guid.NewGuid():N}";

        public void Dispose() => File.Delete(Path);
    }

    [GeneratedRegex(@"^(?:[\d*]+ ){5} *dbsafety +(?<command>.+)$")]
    private static partial Regex CronLine();
}
