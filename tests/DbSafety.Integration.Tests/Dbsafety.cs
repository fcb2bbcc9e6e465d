using System.Diagnostics;
using System.Globalization;

namespace DbSafety.Integration.Tests;

/// <summary>How a run of the command line ended.</summary>
public sealed record DbsafetyResult(int ExitCode, string Output, string Error);

/// <summary>Runs the real <c>dbsafety</c> as a process of its own.</summary>
public sealed class Dbsafety : IDisposable
{
    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> error;

    private Dbsafety(Process process)
    {
        this.process = process;
        output = process.StandardOutput.ReadToEndAsync();
        error = process.StandardError.ReadToEndAsync();
    }

    public int Id => process.Id;

    public static Dbsafety Start(IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        // A suite that was started in the background hands an ignored SIGINT on to every program it starts.
        var info = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        info.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "dbsafety.dll"));
        foreach (var argument in arguments)
            info.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            info.Environment[name] = value;
        var process = Process.Start(info)!;
        return new Dbsafety(process);
    }

    public static async Task<DbsafetyResult> RunAsync(params string[] arguments)
    {
        using var run = Start(null, arguments);
        return await run.EndAsync();
    }

    public static async Task<DbsafetyResult> RunAsync(IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        using var run = Start(environment, arguments);
        return await run.EndAsync();
    }

    public void WriteLine(string text)
    {
        process.StandardInput.WriteLine(text);
        process.StandardInput.Close();
    }

    /// <summary>Pipes a file in.</summary>
    public async Task WriteAsync(string path)
    {
        await using var file = File.OpenRead(path);
        await file.CopyToAsync(process.StandardInput.BaseStream);
        process.StandardInput.Close();
    }

    public async Task<DbsafetyResult> EndAsync()
    {
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(8));
        return new DbsafetyResult(process.ExitCode, await output, await error);
    }

    /// <summary>Sends a signal, such as <c>INT</c> or <c>KILL</c>, to the process or one of its children by name.</summary>
    public async Task SignalAsync(string signal, string? child = null)
    {
        var target = child is null ? process.Id : await ChildAsync(child);
        using var kill = Process.Start("kill", ["-" + signal, target.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits until the condition holds; the run must not end before.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (process.HasExited)
                throw new InvalidOperationException($"the run ended before {what}: {await error}");
            if (clock.Elapsed > TimeSpan.FromMinutes(5))
                throw new TimeoutException($"waited five minutes until {what}");
            await Task.Delay(2);
        }
    }

    /// <summary>Sends <c>KILL</c> to one of its children, should it have one of that name now.</summary>
    public bool KillChild(string name)
    {
        if (process.HasExited || Children().FirstOrDefault(c => NameOf(c) == name) is not (> 0 and var child))
            return false;
        using var kill = Process.Start("kill", ["-KILL", child.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        return true;
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        process.Dispose();
    }

    private async Task<int> ChildAsync(string name)
    {
        var found = 0;
        await UntilAsync(() => Task.FromResult((found = Children().FirstOrDefault(c => NameOf(c) == name)) != 0), $"its child {name} was there");
        return found;
    }

    private List<int> Children()
    {
        try
        {
            return Directory.EnumerateDirectories($"/proc/{process.Id}/task")
                .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(int.Parse)
                .ToList();
        }
        catch (IOException)
        {
            return []; // It, or one of its threads, has just ended.
        }
    }

    private static string NameOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/comm").Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
