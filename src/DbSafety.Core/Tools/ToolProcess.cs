using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.Tools;

/// <summary>
/// Runs child processes. Input and output are bytes and are copied concurrently; cancellation kills the process tree and waits
/// for it, and an exit code is never lost.
/// </summary>
public static class ToolProcess
{
    private const int ErrorLimit = 64 * 1024;

    /// <summary>How long a child process whose output ended early can take to exit before it is killed.</summary>
    private static readonly TimeSpan OwnEnd = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LastOutput = TimeSpan.FromSeconds(1);

    /// <summary>Runs the command until it exits and returns its result with the text output.</summary>
    public static async Task<ToolResult> RunAsync(ToolCommand command, CancellationToken ct, Func<Stream, CancellationToken, Task>? writeInput = null)
    {
        var output = new StringBuilder();
        var result = await RunAsync(
            command,
            async (stream, token) =>
            {
                using var reader = new StreamReader(stream);
                var part = new char[4096];
                for (int read; (read = await reader.ReadAsync(part, token)) > 0;)
                {
                    lock (output)
                        output.Append(part, 0, read);
                }
            },
            writeInput,
            ct);
        lock (output)
            return result with { Output = output.ToString() };
    }

    /// <summary>
    /// Runs the command with <paramref name="readOutput"/> on its standard output and <paramref name="writeInput"/> on its
    /// standard input. If either fails, the child is killed and that failure is thrown, unless the child had
    /// already failed: then its result has the reason.
    /// </summary>
    public static async Task<ToolResult> RunAsync(
        ToolCommand command,
        Func<Stream, CancellationToken, Task> readOutput,
        Func<Stream, CancellationToken, Task>? writeInput,
        CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (command.Inside is { } container)
            return await container.RunAsync(command, readOutput, writeInput, ct);
        using var process = new Process { StartInfo = StartInfo(command) };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            throw ErrorCatalogue.ToolMissing.Because(e, command.Path, "Debian: apt-get install postgresql-client");
        }

        StepPoint.Reach($"process: {Path.GetFileName(command.Path)} started");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var killer = stop.Token.Register(() => Kill(process));
        var error = new StringBuilder();
        var errorPump = ReadErrorAsync(process.StandardError, error);
        var outputPump = ReadAsync(process, readOutput, stop);
        var inputPump = WriteAsync(process, writeInput ?? NoInput, stop);

        if (command.EndsWithProgram)
        {
            await process.WaitForExitAsync(CancellationToken.None);
            var all = Task.WhenAll(outputPump, inputPump, errorPump);
            if (await Task.WhenAny(all, Task.Delay(LastOutput, CancellationToken.None)) != all)
            {
                ct.ThrowIfCancellationRequested();
                lock (error)
                    return new ToolResult(command, process.ExitCode, "", error.ToString()) { LeftRunning = true };
            }
        }

        var failures = await Task.WhenAll(outputPump, inputPump);
        await process.WaitForExitAsync(CancellationToken.None);
        await errorPump;
        ct.ThrowIfCancellationRequested();

        // If the child failed by itself, its result has the reason, and the failure of the reader is irrelevant.
        var failure = failures.FirstOrDefault(f => f is not null and not OperationCanceledException);
        if (failure is not null && (process.ExitCode == 0 || stop.IsCancellationRequested))
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        return new ToolResult(command, process.ExitCode, "", error.ToString());
    }

    private static ProcessStartInfo StartInfo(ToolCommand command)
    {
        var info = new ProcessStartInfo(command.Path)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = command.WorkingDirectory ?? "",
        };
        foreach (var argument in command.Arguments)
            info.ArgumentList.Add(argument);
        foreach (var (name, value) in command.Environment)
            info.Environment[name] = value;
        // Messages are parsed: keep them in English.
        info.Environment["LC_MESSAGES"] = "C";
        info.Environment.Remove("LC_ALL");
        return info;
    }

    private static Task NoInput(Stream stream, CancellationToken ct) => Task.CompletedTask;

    private static async Task<Exception?> WriteAsync(Process process, Func<Stream, CancellationToken, Task> writeInput, CancellationTokenSource stop)
    {
        try
        {
            await writeInput(process.StandardInput.BaseStream, stop.Token);
            process.StandardInput.Close();
            return null;
        }
        catch (IOException e) when (e is not FileNotFoundException)
        {
            // The child closed its input: its exit code has the reason.
            return process.WaitForExit(TimeSpan.FromSeconds(10)) && process.ExitCode != 0 ? null : e;
        }
        catch (Exception e)
        {
            await stop.CancelAsync();
            return e;
        }
    }

    private static async Task<Exception?> ReadAsync(Process process, Func<Stream, CancellationToken, Task> readOutput, CancellationTokenSource stop)
    {
        try
        {
            await readOutput(process.StandardOutput.BaseStream, stop.Token);
            return null;
        }
        catch (Exception e)
        {
            if (!process.WaitForExit(OwnEnd))
                await stop.CancelAsync();
            return e;
        }
    }

    private static async Task ReadErrorAsync(StreamReader reader, StringBuilder kept)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (kept)
            {
                kept.Append(line).Append('\n');
                if (kept.Length > ErrorLimit)
                    kept.Remove(0, kept.Length - ErrorLimit);
            }
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It had already exited.
        }
    }
}
