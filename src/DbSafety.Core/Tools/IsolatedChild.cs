using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace DbSafety.Tools;

/// <summary>The inside of an <see cref="IsolatedCommand"/>: prepares the namespaces it is in, runs a program in them and ends with its exit code.</summary>
internal sealed record IsolatedChild
{
    /// <summary>Printed where there is no program to run.</summary>
    public const string Ready = "dbsafety: isolated";

    /// <summary>Begins the line of an error of the isolation itself.</summary>
    public const string NotIsolated = "dbsafety: not isolated: ";

    /// <summary>Begins the line of a program that cannot be started.</summary>
    public const string NotStarted = "dbsafety: not started: ";

    private const int NotIsolatedCode = 125;

    private const int NotStartedCode = 127;

    private static readonly TimeSpan OrphanInterval = TimeSpan.FromSeconds(1);

    public IReadOnlyList<string> Hidden { get; init; } = [];

    public ForwardedPort? Forward { get; init; }

    /// <summary>Null: only try.</summary>
    public string? Path { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables as the program is to see them.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public static int Run(string text)
    {
        IsolatedChild child;
        SocketForwarder? forwarder = null;
        try
        {
            child = JsonSerializer.Deserialize<IsolatedChild>(text)!;
            LinuxCalls.RaiseLoopback();
            foreach (var path in child.Hidden)
                LinuxCalls.Hide(path);
            if (child.Forward is { } forward)
                forwarder = new SocketForwarder(new IPEndPoint(IPAddress.Parse(forward.Address), forward.Port), new UnixDomainSocketEndPoint(forward.Socket));
        }
        catch (Exception e)
        {
            Console.Error.WriteLine(NotIsolated + e.Message);
            return NotIsolatedCode;
        }

        using (forwarder)
            return child.RunProgram();
    }

    private int RunProgram()
    {
        if (Path is null)
        {
            Console.Out.WriteLine(Ready);
            return 0;
        }

        var parent = ParentId();
        var start = new ProcessStartInfo(Path, Arguments) { UseShellExecute = false };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        LinuxCalls.DropAmbientCapabilities();
        Process program;
        try
        {
            program = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            Console.Error.WriteLine(NotStarted + e.Message);
            return NotStartedCode;
        }

        using (program)
        {
            var ending = new Lock();
            using var timer = new Timer(_ => EndOrphan(program, parent, ending), null, OrphanInterval, OrphanInterval);
            program.WaitForExit();
            // What the program itself has started is ended after it, which must not be cut short.
            lock (ending)
                return program.ExitCode;
        }
    }

    /// <summary>Where the process that started this one was killed, nobody waits for the program any more.</summary>
    private static void EndOrphan(Process program, int parent, Lock ending)
    {
        lock (ending)
        {
            if (ParentId() != parent && !program.HasExited)
                program.Kill(entireProcessTree: true);
        }
    }

    /// <summary>The fourth word of <c>/proc/self/stat</c>; the second is a name in parentheses.</summary>
    private static int ParentId()
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        var stat = File.ReadAllText("/proc/self/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }
}
