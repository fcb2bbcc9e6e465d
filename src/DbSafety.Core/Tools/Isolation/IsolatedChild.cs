using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace DbSafety.Tools.Isolation;

/// <summary>The inner process of an <see cref="IsolatedCommand"/>: prepares its namespaces, runs a program in them and exits with its exit code.</summary>
internal sealed record IsolatedChild
{
    /// <summary>Printed if there is no program to run.</summary>
    public const string Ready = "dbsafety: isolated";

    /// <summary>Begins the line of an error of the isolation itself.</summary>
    public const string NotIsolated = "dbsafety: not isolated: ";

    /// <summary>Begins the line of a program that cannot be started.</summary>
    public const string NotStarted = "dbsafety: not started: ";

    private const int NotIsolatedCode = 125;

    private const int NotStartedCode = 127;

    private static readonly TimeSpan OrphanInterval = TimeSpan.FromSeconds(1);

    public IReadOnlyList<string> Hidden { get; init; } = [];

    public IReadOnlyList<PrivateFolder> Private { get; init; } = [];

    /// <summary>A user namespace protects the open files of other processes from the program; without it, the program must not see these processes.</summary>
    public bool HidesProcesses { get; init; }

    /// <summary>The <see cref="CommandFolder"/> of the process that waits for the program; null: not checked.</summary>
    public string? Owner { get; init; }

    public ForwardedPort? Forward { get; init; }

    /// <summary>Null: only test isolation.</summary>
    public string? Path { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Environment variables of the program.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public static int Run(string text)
    {
        IsolatedChild child;
        SocketForwarder? forwarder = null;
        try
        {
            LinuxCalls.EndWithParent();
            child = JsonSerializer.Deserialize<IsolatedChild>(text)!;
            LinuxCalls.RaiseLoopback();
            var here = System.Environment.CurrentDirectory;
            foreach (var folder in child.Private)
                LinuxCalls.MakePrivate(folder.Path, folder.Kept);
            foreach (var path in child.Hidden)
                LinuxCalls.Hide(path);
            LinuxCalls.ShowOwnProcesses(child.HidesProcesses);
            // It was entered before another file system was mounted over it.
            System.Environment.CurrentDirectory = here;
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

        var start = new ProcessStartInfo(Path, Arguments) { UseShellExecute = false };
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        LinuxCalls.DropMountRights();
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

        // This is the first process of its namespace: when it ends, the kernel ends all processes that the program left running.
        using (program)
        using (new Timer(_ => EndOrphan(), null, OrphanInterval, OrphanInterval))
        {
            program.WaitForExit();
            return program.ExitCode;
        }
    }

    /// <summary>If the parent process was killed, no process waits for the program.</summary>
    private void EndOrphan()
    {
        if (Owner is not null && !CommandFolder.IsAlive(Owner))
            System.Environment.Exit(NotIsolatedCode);
    }
}
