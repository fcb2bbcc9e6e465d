using System.Text;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Tools;
using DbSafety.Tools.Isolation;

namespace DbSafety.Scratch;

/// <summary>
/// The folder of a temporary server. It names its owner (process id and start time), so that the next run can distinguish an
/// abandoned folder from one in use. If this process is root, PostgreSQL programs run as an unprivileged user, because they refuse root.
/// </summary>
internal sealed class ScratchFolder : IDisposable
{
    /// <summary>The maximum size in bytes of a log that is read.</summary>
    private const int MostLog = 50_000_000;

    private const string Prefix = "dbsafety-scratch-";

    private static readonly TimeSpan SigningTime = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan StartInterval = TimeSpan.FromMilliseconds(30);

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly string programs;
    private readonly string? user;
    private IsolatedServer? isolation;
    private FileStream? held;

    private ScratchFolder(string path, string programs, string? user)
    {
        Path = path;
        this.programs = programs;
        this.user = user;
    }

    public string Path { get; }

    public string Data => System.IO.Path.Combine(Path, "data");

    public string Log => System.IO.Path.Combine(Path, "server.log");

    private string Owner => System.IO.Path.Combine(Path, "owner");

    public string Program(string name) => System.IO.Path.Combine(programs, OperatingSystem.IsWindows() ? name + ".exe" : name);

    public static async Task<ScratchFolder> CreateAsync(string programs, CancellationToken ct)
    {
        var user = OwnedFolders.IsRoot() ? OwnedFolders.UnprivilegedUser() : null;
        var name = Prefix + Guid.NewGuid().ToString("N")[..8];
        ScratchFolder folder;
        try
        {
            folder = await MakeAsync(new ScratchFolder(OwnedFolders.Place + name, programs, user), ct);
        }
        catch (DbSafetyException) when (user is not null && OwnedFolders.Place != OwnedFolders.Places[^1])
        {
            // A temporary folder that only root can enter, as libpam-tmpdir creates it.
            folder = await MakeAsync(new ScratchFolder(OwnedFolders.Places[^1] + name, programs, user), ct);
        }

        folder.held = new FileStream(System.IO.Path.Combine(folder.Path, OwnedFolders.Lock), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        await File.WriteAllTextAsync(folder.Owner, $"{ScratchOwner.Mark()}\n{programs}\n", ct);
        return folder;
    }

    /// <summary>Runs a server program, as the unprivileged user if this process is root.</summary>
    public async Task RunAsync(string program, CancellationToken ct, params string[] arguments)
    {
        var command = user is null ? new ToolCommand(program, arguments)
            : File.Exists("/usr/bin/setpriv") ? new ToolCommand("/usr/bin/setpriv", ["--reuid=" + user, "--regid=" + user, "--init-groups", program, .. arguments])
            : new ToolCommand("su", ["-s", "/bin/sh", user, "-c", "exec \"$0\" \"$@\"", program, .. arguments]);
        (await ToolProcess.RunAsync(command with { WorkingDirectory = System.IO.Path.GetDirectoryName(Path) }, ct)).OrThrow();
    }

    /// <summary>Makes <see cref="StartServerAsync"/> start the server isolated: without access to a network or to sockets of other servers.</summary>
    /// <param name="hidden">Folders of sockets to hide in any case.</param>
    /// <returns>The reason why that is impossible on this machine; null if it is possible.</returns>
    public async Task<string?> IsolateAsync(IEnumerable<string> hidden, CancellationToken ct)
    {
        var candidate = new IsolatedServer(Path, programs, hidden);
        var reason = await candidate.ReasonAgainstAsync(user, ct);
        isolation = reason is null ? candidate : null;
        return reason;
    }

    /// <summary>Starts the server, isolated if that was requested and is possible.</summary>
    public async Task StartServerAsync(CancellationToken ct)
    {
        if (isolation is null)
        {
            await RunAsync(Program("pg_ctl"), ct, "start", "-D", Data, "-l", Log, "-w", "-t", "60");
            return;
        }

        string[] start = ["-c", "exec < /dev/null >> \"$0\" 2>&1; exec \"$@\"", Log, Program("postgres"), "-D", Data];
        // The server runs in a separate process, which outlives this call.
        var running = ToolProcess.RunAsync(isolation.Wrap(new ToolCommand("/bin/sh", start) { WorkingDirectory = System.IO.Path.GetDirectoryName(Path) }, user), CancellationToken.None);
        for (var clock = System.Diagnostics.Stopwatch.StartNew(); !await IsReadyAsync(); await Task.WhenAny(running, Task.Delay(StartInterval, ct)))
        {
            ct.ThrowIfCancellationRequested();
            if (running.IsCompleted || clock.Elapsed > StartLimit)
            {
                await IsolatedServer.EndAsync(Path);
                (await running with { ExitCode = 1 }).OrThrow();
            }
        }
    }

    /// <summary>Line 8 of postmaster.pid is what pg_ctl waits for.</summary>
    private async Task<bool> IsReadyAsync()
    {
        try
        {
            return await LinesAsync(PidFile) is [_, _, _, _, _, _, _, var status, ..] && status.StartsWith("ready", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private string PidFile => System.IO.Path.Combine(Data, "postmaster.pid");

    /// <summary>Restored or rehearsed SQL can replace this file by a pipe or a device, which would be read forever. These have no length.</summary>
    private static async Task<string[]> LinesAsync(string path, int most = 65_536)
    {
        var length = new FileInfo(path).Length;
        return length == 0 || length > most ? [] : await File.ReadAllLinesAsync(path);
    }

    /// <summary>The last line of the server log with the reason why the server or a session ended.</summary>
    public async Task<string?> LastFatalAsync()
    {
        try
        {
            return (await LinesAsync(Log, MostLog)).LastOrDefault(l => l.Contains("PANIC:", StringComparison.Ordinal) || l.Contains("FATAL:", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Stops the server in the folder, if it is running, and removes the folder.</summary>
    public async Task RemoveAsync(string pgCtl)
    {
        if (OperatingSystem.IsLinux())
            await IsolatedServer.EndAsync(Path);
        if (await RunsServerAsync())
        {
            try
            {
                await RunAsync(pgCtl, CancellationToken.None, "stop", "-D", Data, "-m", "immediate", "-w", "-t", "20");
            }
            catch (DbSafetyException)
            {
                // It stopped by itself after the check; the folder is removed anyway.
            }
        }

        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
        Dispose();
    }

    /// <summary>Marks the folder as abandoned, if it still exists.</summary>
    public void Dispose() => held?.Dispose();

    /// <summary>
    /// Whether a server that is not isolated runs in it. What was restored or rehearsed can write here, so a process id counts only if that process works in this folder;
    /// an isolated server's is an id of its namespace.
    /// </summary>
    private async Task<bool> RunsServerAsync()
    {
        try
        {
            var lines = await LinesAsync(PidFile);
            return lines.Length > 0 && (!OperatingSystem.IsLinux() || (int.TryParse(lines[0], out var process)
                && new DirectoryInfo(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/{process}/cwd")).LinkTarget?.EndsWith($"/{System.IO.Path.GetFileName(Path)}/data", StringComparison.Ordinal) == true));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Removes what killed runs left, and reports it.</summary>
    public static async Task RemoveAbandonedAsync(IOperationEvents events, CancellationToken ct)
    {
        if (!OperatingSystem.IsWindows())
            CommandFolder.RemoveAbandoned();
        foreach (var path in OwnedFolders.LeftIn(Prefix))
        {
            try
            {
                var owner = System.IO.Path.Combine(path, "owner");
                if (!File.Exists(owner))
                {
                    // Its run was killed before it wrote the owner file, or is about to write it.
                    if (Directory.GetLastWriteTimeUtc(path) < DateTime.UtcNow - SigningTime)
                        Directory.Delete(path, recursive: true);
                    continue;
                }

                if (await LinesAsync(owner) is not [var mark, var programs, ..] || ScratchOwner.IsAlive(mark) || OwnedFolders.IsLocked(path))
                    continue;
                using var folder = new ScratchFolder(path, programs, OwnedFolders.IsRoot() ? OwnedFolders.UnprivilegedUser() : null);
                await folder.RemoveAsync(folder.Program("pg_ctl"));
                events.Warning($"removed temporary server {path} of a run that was killed");
            }
            catch (Exception e) when (e is UnauthorizedAccessException or IOException)
            {
                events.Verbose($"left {path} alone: {e.Message}");
            }
        }
    }

    private static async Task<ScratchFolder> MakeAsync(ScratchFolder folder, CancellationToken ct)
    {
        if (folder.user is null)
            CreatePrivate(folder.Path);
        else
            await folder.RunAsync("mkdir", ct, "-m", "700", folder.Path);
        return folder;
    }

    private static void CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
