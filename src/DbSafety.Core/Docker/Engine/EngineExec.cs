using System.IO.Pipelines;
using System.Net;
using System.Runtime.ExceptionServices;
using System.Text;
using DbSafety.Docker.Engine.Models.Containers;
using DbSafety.Docker.Engine.Transport;
using DbSafety.Errors;
using Docker.DotNet.Models;

namespace DbSafety.Docker.Engine;

/// <summary>
/// Programs in containers: bytes are not changed (no terminal), both streams are copied at the same time, the exit code is never lost, and a cancelled program is
/// killed in its container. The engine itself does not stop it when its caller disconnects.
/// </summary>
internal sealed class EngineExec(EngineClient client, EngineAddress address)
{
    /// <summary>Marks the program and its children, so that they can be found: the engine has no call to signal an exec.</summary>
    private const string Mark = "DBSAFETY_EXEC";

    /// <summary>
    /// Kills the program itself, whose parent is outside, and not its children: as orphans they become the server's where that is process 1, and servers
    /// before 17 treat the death of an unknown child by a signal as a crash of their own and terminate every session.
    /// </summary>
    private const string KillScript =
        """
        for f in $(grep -l -- "$1" /proc/[0-9]*/environ 2>/dev/null); do
          p=${f#/proc/}; p=${p%/environ}; q=$(grep '^PPid:' /proc/$p/status 2>/dev/null); q=$((${q#PPid:}))
          grep -q -- "$1" /proc/$q/environ 2>/dev/null || kill -9 $p 2>/dev/null
        done; :
        """;

    private const int ErrorLimit = 64 * 1024;
    private static readonly TimeSpan ExitCodeWaitLimit = TimeSpan.FromSeconds(10);

    public async Task<ExecResult> RunAsync(
        ExecRequest request, Func<Stream, CancellationToken, Task> readOutput, Func<Stream, CancellationToken, Task>? writeInput, CancellationToken ct)
    {
        var mark = Guid.NewGuid().ToString("N");
        var exec = await CreateAsync(request, mark, writeInput is not null, ct);
        using var connection = await StartAsync(request, exec, ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var error = new TailStream(ErrorLimit);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        // A read from a program that writes nothing, or a write to a program that has ended, ends only with the connection.
        await using var breaker = ended.Token.Register(connection.Break);
        var writing = Task.Run(() => WriteAsync(connection, writeInput, stop, ended.Token), CancellationToken.None);
        var failures = await Task.WhenAll(ReadAsync(connection, error, readOutput, stop, ended), writing);
        var own = failures.FirstOrDefault(f => f is not null and not EngineStreamException and not OperationCanceledException);

        if (stop.IsCancellationRequested)
        {
            await KillAsync(request, exec, mark);
            ct.ThrowIfCancellationRequested();
            ExceptionDispatchInfo.Throw(own ?? failures.First(f => f is not null)!);
        }

        var code = await ExitCodeAsync(request, exec, ct);
        if (code == 0 && failures.OfType<EngineStreamException>().FirstOrDefault() is { } broken)
            throw ErrorCatalogue.EngineUnreachable.Because(broken, address.Text, $"the stream of {request} ended unexpectedly ({broken.Message})");
        // If the program failed, its own error is reported; the reader's error about incomplete output is ignored.
        if (code == 0 && own is not null)
            ExceptionDispatchInfo.Throw(own);
        return new ExecResult(code, "", Encoding.UTF8.GetString(error.ToArray()));
    }

    private async Task<string> CreateAsync(ExecRequest request, string mark, bool input, CancellationToken ct)
    {
        var create = new ContainerExecCreateParameters
        {
            Cmd = [.. request.Command],
            Env = [.. request.Environment.Select(e => $"{e.Key}={e.Value}"), $"{Mark}={mark}"],
            User = request.User ?? "",
            AttachStdin = input,
            AttachStdout = true,
            AttachStderr = true,
        };
        return await RunningAsync(request, async () =>
            (await client.CallAsync((engine, token) => engine.Exec.CreateContainerExecAsync(EngineClient.Escape(request.Container), create, token), ct)).ID);
    }

    private async Task<ExecConnection> StartAsync(ExecRequest request, string exec, CancellationToken ct)
    {
        var version = (await client.VersionAsync(ct)).Agreed;
        return await RunningAsync(request, () => client.GuardAsync(token => ExecConnection.OpenAsync(address, version, exec, token), Timeout.InfiniteTimeSpan, ct));
    }

    /// <summary>409: the container is stopped or paused (API 1.41, ContainerExec).</summary>
    private static async Task<T> RunningAsync<T>(ExecRequest request, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (DbSafetyException e) when (EngineClient.Status(e) == HttpStatusCode.Conflict)
        {
            throw ErrorCatalogue.ContainerStopped.For(request.Container);
        }
    }

    private static async Task<Exception?> ReadAsync(
        ExecConnection connection, Stream error, Func<Stream, CancellationToken, Task> readOutput, CancellationTokenSource stop, CancellationTokenSource ended)
    {
        var both = new ExecOutput(connection, error);
        var pipe = new Pipe(ExecOutput.Bounds);
        var pumping = both.PumpAsync(pipe.Writer);
        try
        {
            await using var output = pipe.Reader.AsStream(leaveOpen: true);
            await readOutput(output, stop.Token);
            // Output that was not read precedes the end of standard error.
            await output.CopyToAsync(Stream.Null, stop.Token);
            return null;
        }
        catch (Exception e)
        {
            // At the stream's end the program has ended by itself, and its exit code comes first.
            if (e is not EngineStreamException && !both.HasEnded)
                await stop.CancelAsync();
            return e;
        }
        finally
        {
            await pipe.Reader.CompleteAsync();
            // A program that has ended does not read its input.
            await ended.CancelAsync();
            await pumping;
        }
    }

    private static async Task<Exception?> WriteAsync(ExecConnection connection, Func<Stream, CancellationToken, Task>? writeInput, CancellationTokenSource stop, CancellationToken ended)
    {
        if (writeInput is null)
            return null;
        try
        {
            await writeInput(new ExecInput(connection), ended);
        }
        catch (Exception e)
        {
            // The program closed its input or has ended: its exit code shows why.
            if (e is EngineStreamException || (e is OperationCanceledException && !stop.IsCancellationRequested))
                return null;
            await stop.CancelAsync();
            return e;
        }

        try
        {
            connection.EndInput();
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It has ended already.
        }

        return null;
    }

    /// <summary>The engine closes the stream shortly before it records the exit code, so it is queried until it has.</summary>
    private async Task<int> ExitCodeAsync(ExecRequest request, string exec, CancellationToken ct)
    {
        var until = DateTime.UtcNow + ExitCodeWaitLimit;
        do
        {
            var state = await StateAsync(exec, ct);
            if (state is { Running: false, ExitCode: { } code })
                return unchecked((int)code);
            var container = await client.FindAsync(request.Container, (engine, name, token) => engine.Containers.InspectContainerAsync(name, token), ct);
            if (container is not { State.Running: true })
                throw ErrorCatalogue.ContainerStopped.For(request.Container);
            await Task.Delay(20, ct);
        }
        while (DateTime.UtcNow < until);
        throw ErrorCatalogue.EngineFailed.For(address.Text, $"it does not report the exit code of {request}");
    }

    private Task<ContainerExecInspectResponse?> StateAsync(string exec, CancellationToken ct) =>
        client.FindAsync(exec, (engine, id, token) => engine.Exec.InspectContainerExecAsync(id, token), ct);

    private async Task KillAsync(ExecRequest request, string exec, string mark)
    {
        using var limit = new CancellationTokenSource(ExitCodeWaitLimit);
        try
        {
            while (await StateAsync(exec, limit.Token) is { Running: true })
            {
                if (request.EndsWithItsInput)
                    await Task.Delay(20, limit.Token);
                else
                    await RunAsync(
                        new ExecRequest(request.Container, "sh", "-c", KillScript, "sh", $"{Mark}={mark}") { User = request.User, EndsWithItsInput = true },
                        (output, ct) => output.CopyToAsync(Stream.Null, ct),
                        null,
                        limit.Token);
            }
        }
        catch (Exception e) when (e is DbSafetyException or OperationCanceledException)
        {
            // The container or the engine has ended, and the program with it; or the image has no shell to run kill.
        }
    }
}
