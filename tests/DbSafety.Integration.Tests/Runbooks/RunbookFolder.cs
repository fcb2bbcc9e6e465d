using System.Diagnostics;
using System.Text.Json;
using DbSafety.Databases.Connections;

namespace DbSafety.Integration.Tests.Runbooks;

/// <summary>A schedule of the test's own: settings, state, backups and metrics in a temporary folder, and the real scripts.</summary>
public sealed class RunbookFolder : IDisposable
{
    private readonly TempFolder folder = new();

    public RunbookFolder()
    {
        Directory.CreateDirectory(At("bin"));
        Directory.CreateDirectory(At("metrics"));
        File.WriteAllText(At("bin/dbsafety"), $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "dbsafety.dll")}' \"$@\"\n");
        File.SetUnixFileMode(At("bin/dbsafety"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public static string Scripts => Repository.Folder("docs/runbooks");

    public string Backups => At("backups");

    public string Holder => At("state/nightly.holder");

    public int Sets => Directory.Exists(Backups) ? Directory.GetFiles(Backups, "*.json").Length : 0;

    public string At(string name) => Path.Combine(folder.Path, name);

    /// <summary>Writes the env file.</summary>
    /// <param name="more">Lines that replace the others.</param>
    public void Configure(IReadOnlyList<DatabaseTarget> databases, params string[] more) => File.WriteAllLines(At("dbsafety.env"),
    [
        $"DATABASES='{string.Join(' ', databases.Select(d => d.Database))}'",
        .. databases.Select(d => $"URL_{d.Database.Replace('-', '_')}='{TargetText.Url(d)}'"),
        "ENVIRONMENT='test'", $"BACKUPS='{Backups}'", $"STATE='{At("state")}'", $"METRICS='{At("metrics")}'", "SERVER_SETTINGS='yes'", "KEEP_LAST='1'", "KEEP_DAILY='0'", "KEEP_WEEKLY='0'", "KEEP_MONTHLY='0'",
        $"ON_FAILURE='cat > \"{At("failure.json")}\"'", .. more,
    ]);

    /// <summary>Runs a script as cron does: in an empty environment, without a terminal.</summary>
    public Task<DbsafetyResult> RunAsync(string script, params string[] arguments) => EndAsync(Start(script, arguments));

    public Process Start(string script, params string[] arguments) => StartCommand("/bin/sh", [Path.Combine(Scripts, script), .. arguments]);

    /// <summary>In a process group of its own, which a test can kill as a whole.</summary>
    public Process StartCommand(string program, params string[] arguments)
    {
        // A suite that was started in the background hands ignored signals on to every program it starts.
        var info = new ProcessStartInfo("env", ["--default-signal=HUP,INT,TERM", "setsid", program, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        info.Environment.Clear();
        foreach (var (name, value) in Variables)
            info.Environment[name] = value;
        var process = Process.Start(info)!;
        process.StandardInput.Close();
        return process;
    }

    public static async Task<DbsafetyResult> EndAsync(Process process)
    {
        using (process)
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(8));
            return new DbsafetyResult(process.ExitCode, await output, await error);
        }
    }

    /// <summary>The lines of runs.jsonl.</summary>
    public IReadOnlyList<JsonElement> Runs => [.. File.ReadAllLines(At("state/runs.jsonl")).Select(l => JsonDocument.Parse(l).RootElement)];

    /// <summary>The value of a metric of a database; null if there is none.</summary>
    public string? Metric(string name, string database, string job = "nightly") =>
        File.ReadAllLines(At($"metrics/dbsafety_{job}_test.prom")).SingleOrDefault(l => l.StartsWith($"{name}{{database=\"{database}\",environment=\"test\"}} ", StringComparison.Ordinal))?.Split(' ')[1];

    public void Dispose() => folder.Dispose();

    /// <summary>dotnet is where this process found it; its runtime needs a home.</summary>
    private Dictionary<string, string> Variables => new()
    {
        ["PATH"] = $"{At("bin")}:{Path.GetDirectoryName(Environment.ProcessPath)}:/usr/local/bin:/usr/bin:/bin",
        ["HOME"] = At("home"),
        ["TMPDIR"] = Path.GetTempPath(),
        ["DBSAFETY_ENV"] = At("dbsafety.env"),
        ["DBSAFETY_LOG"] = At("log"),
        ["DOTNET_ROOT"] = Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? "",
    };
}
