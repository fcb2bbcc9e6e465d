using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace DbSafety.Tools;

/// <summary>System calls that .NET has no method for; each acts on the namespaces that this process is in.</summary>
internal static unsafe partial class LinuxCalls
{
    private const nuint GetFlags = 0x8913;
    private const nuint SetFlags = 0x8914;
    private const int InterfaceUp = 1;
    private const int FlagsAt = 16;
    private const int RequestSize = 40;
    private const nuint NoSetuidNoDevices = 2 | 4;
    private const nuint Bind = 4096;
    private const int AmbientCapabilities = 47;
    private const int ClearAll = 4;

    private const int NoEntry = 2;
    private const int NoAccess = 13;
    private const int NoFolder = 20;

    /// <summary>A new network namespace has a loopback interface that is down.</summary>
    public static void RaiseLoopback()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var request = stackalloc byte[RequestSize];
        new Span<byte>(request, RequestSize).Clear();
        Encoding.ASCII.GetBytes("lo", new Span<byte>(request, FlagsAt));
        Check(ioctl((int)socket.Handle, GetFlags, request), "loopback interface");
        request[FlagsAt] |= InterfaceUp;
        Check(ioctl((int)socket.Handle, SetFlags, request), "loopback interface");
    }

    /// <summary>Puts an empty folder over a folder, and over a file or socket one that refuses connections. What this user cannot reach needs no hiding.</summary>
    public static void Hide(string path)
    {
        var result = Directory.Exists(path) ? mount("tmpfs", path, "tmpfs", NoSetuidNoDevices, "size=64k,mode=0755")
            : File.Exists(path) ? mount("/dev/null", path, null, Bind, null) : 0;
        if (result != 0 && Marshal.GetLastPInvokeError() is not (NoEntry or NoAccess or NoFolder))
            Check(result, path);
    }

    /// <summary>A program that this thread starts cannot undo the mounts.</summary>
    public static void DropAmbientCapabilities() => _ = prctl(AmbientCapabilities, ClearAll, 0, 0, 0);

    private static void Check(int result, string what)
    {
        if (result != 0)
            throw new IOException($"{what}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int descriptor, nuint request, byte* argument);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string? type, nuint flags, string? data);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);
}
