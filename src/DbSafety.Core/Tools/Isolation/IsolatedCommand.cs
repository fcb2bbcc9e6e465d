using System.Text.Json;
using DbSafety.Errors;

namespace DbSafety.Tools.Isolation;

/// <summary>
/// Runs a child process in separate namespaces (Linux): only one loopback port responds there, which is forwarded to a given Unix socket; the paths to hide
/// are empty or refuse connections; it cannot see or signal processes of this machine; and processes that it leaves running end with it. <c>unshare</c> creates the namespaces, as root or with a user namespace; in
/// them the program of this process is restarted with <see cref="StartupHook"/>, which prepares them and runs the child.
/// </summary>
internal sealed class IsolatedCommand
{
    /// <summary>Contains an <see cref="IsolatedChild"/>.</summary>
    public const string Variable = "DBSAFETY_ISOLATED";

    private const string Hook = "DOTNET_STARTUP_HOOKS";

    /// <summary>Its socket in the temporary folder would only delay the start.</summary>
    private const string Diagnostics = "DOTNET_EnableDiagnostics";

    private static readonly string[] AsRoot = ["--net", "--ipc", "--mount", "--pid", "--fork", "--kill-child"];

    /// <summary>The second is for an unshare without the options of the first, such as BusyBox's; the child then runs as root in its namespace.</summary>
    private static readonly string[][] AsUser = [["--user", "--map-current-user", "--keep-caps", "--net", "--ipc", "--mount", "--pid", "--fork", "--kill-child"], ["--user", "--map-root-user", "--net", "--ipc", "--mount", "--pid", "--fork"]];

    private readonly string[] way;
    private readonly string[] host;

    private IsolatedCommand(string[] way, string[] host) => (this.way, this.host) = (way, host);

    /// <summary>Finds a method of isolation that works on this machine.</summary>
    /// <returns>Null and the reason if none works.</returns>
    public static async Task<(IsolatedCommand? Found, string Reason)> FindAsync(CancellationToken ct)
    {
        if (!OperatingSystem.IsLinux())
            return (null, "namespaces exist only on Linux");
        if (Host() is not { } host)
            return (null, "the program of this process cannot be restarted");
        var reason = "";
        foreach (var way in Environment.IsPrivilegedProcess ? [AsRoot, .. AsUser] : AsUser)
        {
            var candidate = new IsolatedCommand(way, host);
            try
            {
                // A folder that is mounted over requires the same privileges as those of a real run.
                var tried = await ToolProcess.RunAsync(candidate.Command(new IsolatedChild { Hidden = [Path.GetTempPath()] }, new ToolCommand("")), ct);
                if (tried.ExitCode == 0 && tried.Output.Contains(IsolatedChild.Ready, StringComparison.Ordinal))
                    return (candidate, "");
                if (reason.Length == 0)
                    reason = FirstLine(tried.Error) is { Length: > 0 } message ? message : $"{candidate.host[0]} does not start in new namespaces";
            }
            catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.ToolMissing)
            {
                return (null, "unshare and setsid (util-linux) are not installed");
            }
        }

        return (null, reason);
    }

    /// <param name="child">The environment of the child, without the program.</param>
    public ToolCommand Isolate(ToolCommand command, IsolatedChild child) => Command(child with { Path = command.Path, Arguments = command.Arguments }, command);

    private ToolCommand Command(IsolatedChild child, ToolCommand command)
    {
        LinuxCalls.KeepOpenFiles();
        string?[] names = [Hook, Diagnostics, Variable];
        var restored = names.ToDictionary(n => n!, n => command.Environment.TryGetValue(n!, out var value) ? value : Environment.GetEnvironmentVariable(n!), StringComparer.Ordinal);
        var environment = new Dictionary<string, string?>(command.Environment, StringComparer.Ordinal)
        {
            [Hook] = typeof(IsolatedCommand).Assembly.Location,
            [Diagnostics] = "0",
            [Variable] = JsonSerializer.Serialize(child with { Environment = restored, HidesProcesses = way == AsRoot }),
        };
        // In a separate session: a signal to the process group (kill 0) crosses namespaces.
        return new ToolCommand("setsid", ["unshare", .. way, .. host]) { Environment = environment, WorkingDirectory = command.WorkingDirectory };
    }

    /// <summary>
    /// What starts the program of this process: its executable, or <c>dotnet</c> with the options before its assembly. It never gets to its own work, because the
    /// hook comes first; where a host does not know hooks, it prints its version.
    /// </summary>
    private static string[]? Host()
    {
        if (Environment.ProcessPath is not { } program || typeof(IsolatedCommand).Assembly.Location.Length == 0)
            return null;
        if (Path.GetFileNameWithoutExtension(program) != "dotnet")
            return [program, "--version"];
        var words = File.ReadAllText("/proc/self/cmdline").Split('\0');
        var assembly = Array.FindIndex(words, 1, w => w.EndsWith(".dll", StringComparison.OrdinalIgnoreCase));
        return assembly < 0 ? null : [program, .. words[1..(assembly + 1)], "--version"];
    }

    private static string FirstLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault() ?? "";
}

/// <summary>A TCP address in the new network namespace, and the path of the Unix socket to which it is forwarded.</summary>
internal sealed record ForwardedPort(string Address, int Port, string Socket);
