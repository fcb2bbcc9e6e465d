using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace DbSafety.Tools.Isolation;

/// <summary>System calls without a .NET method. Each acts on the namespaces of this process.</summary>
internal static unsafe partial class LinuxCalls
{
    private const nuint GetFlags = 0x8913;
    private const nuint SetFlags = 0x8914;
    private const int InterfaceUp = 1;
    private const int FlagsAt = 16;
    private const int RequestSize = 40;
    private const nuint NoSetuidNoDevices = 2 | 4;
    private const nuint Bind = 4096;
    private const nuint Recursive = 16384;
    private const nuint NoSetuidNoDevicesNoPrograms = 2 | 4 | 8;
    private const int AmbientCapabilities = 47;
    private const int DropFromBoundingSet = 24;
    private const nuint SystemAdministration = 21;
    private const int ParentDeathSignal = 1;
    private const nuint KillSignal = 9;

    private const int PathOnly = 0x200000 | 0x80000;
    private const int WithoutWaiting = 0x800 | 0x80000;

    /// <summary>Where <c>struct dirent</c> has type and name, on 64 bits.</summary>
    private const int EntryType = 18;
    private const int ClearAll = 4;
    private const int SetFileFlags = 2;
    private const int CloseOnExec = 1;

    /// <summary><c>struct statx</c> is the same on all processors.</summary>
    private const int StatusSize = 256;
    private const int OwnerAt = 20;
    private const int ModeAt = 28;
    private const int TypeMask = 0xF000;
    private const int FolderType = 0x4000;
    private const int WorkingFolder = -100;
    private const int NoFollowing = 0x100;
    private const uint TypeAndOwner = 1 | 8;

    private const int NoEntry = 2;
    private const int NoAddress = 6;
    private const int NoAccess = 13;
    private const int NoFolder = 20;

    /// <summary>What this process has been given open beside standard input and output (a lock's file, a connection) is not inherited by programs that it starts later.</summary>
    public static void KeepOpenFiles()
    {
        if (!OperatingSystem.IsLinux())
            return;
        foreach (var entry in Directory.GetFileSystemEntries("/proc/self/fd"))
        {
            // One entry is the list itself, which is already closed.
            if (int.TryParse(Path.GetFileName(entry), out var file) && file > 2)
                _ = fcntl(file, SetFileFlags, CloseOnExec);
        }
    }

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

    /// <summary>Mounts an empty folder over a folder, and a socket that refuses connections over a file or socket. Paths that this user cannot access are not hidden.</summary>
    public static void Hide(string path)
    {
        var result = Directory.Exists(path) ? mount("tmpfs", path, "tmpfs", NoSetuidNoDevices, "size=64k,mode=0755")
            : File.Exists(path) ? mount("/dev/null", path, null, Bind, null) : 0;
        if (result != 0 && Marshal.GetLastPInvokeError() is not (NoEntry or NoAccess or NoFolder))
            Check(result, path);
    }

    /// <summary>Mounts an empty folder over a folder, and in it only some of its files and folders.</summary>
    public static void MakePrivate(string folder, IReadOnlyList<string> kept)
    {
        if (!Directory.Exists(folder))
            return;
        var mode = OperatingSystem.IsWindows() ? "755" : Convert.ToString((int)File.GetUnixFileMode(folder), 8);
        var open = kept.Where(Path.Exists).Select(k => (Path: k, IsFolder: Directory.Exists(k), Handle: LinuxCalls.open(k, PathOnly))).Where(k => k.Handle >= 0).ToList();
        Check(mount("tmpfs", folder, "tmpfs", NoSetuidNoDevices, $"mode={mode}"), folder);
        foreach (var (path, isFolder, handle) in open)
        {
            if (isFolder)
                Directory.CreateDirectory(path);
            else
                File.WriteAllBytes(path, []);
            Check(mount($"/proc/self/fd/{handle}", path, null, Bind | Recursive, null), path);
            _ = close(handle);
        }
    }

    /// <summary>The processes of this process id namespace instead of all.</summary>
    /// <param name="isRequired">Not for a user whose namespaces keep from other processes what <c>/proc</c> shows of them; some containers do not let it be mounted.</param>
    public static void ShowOwnProcesses(bool isRequired)
    {
        var result = mount("proc", "/proc", "proc", NoSetuidNoDevicesNoPrograms, null);
        if (isRequired)
            Check(result, "/proc");
    }

    /// <summary>When the parent process ends, the kernel ends this process and, because it is the first of its namespace, all others in it.</summary>
    public static void EndWithParent() => _ = prctl(ParentDeathSignal, KillSignal, 0, 0, 0);

    /// <summary>A socket cannot be opened; a file that this user cannot read is treated as a socket.</summary>
    public static bool IsSocket(string path)
    {
        var handle = open(path, WithoutWaiting);
        if (handle < 0)
            return Marshal.GetLastPInvokeError() is NoAddress or NoAccess;
        _ = close(handle);
        return false;
    }

    /// <summary>The user id of the folder's owner; null: it is not a folder (for example a link), or the owner is unknown.</summary>
    public static uint? OwnerOfFolder(string path)
    {
        var status = stackalloc byte[StatusSize];
        if (statx(WorkingFolder, path, NoFollowing, TypeAndOwner, status) != 0 || (*(ushort*)(status + ModeAt) & TypeMask) != FolderType)
            return null;
        return *(uint*)(status + OwnerAt);
    }

    /// <summary>The entries of a folder with their types; empty if it cannot be read.</summary>
    public static List<(string Name, FolderEntry Type)> ReadFolder(string path)
    {
        var entries = new List<(string, FolderEntry)>();
        var folder = opendir(path);
        if (folder == 0)
            return entries;
        for (var entry = readdir(folder); entry is not null; entry = readdir(folder))
        {
            if (Marshal.PtrToStringUTF8((nint)(entry + EntryType + 1)) is { } name and not ("." or ".."))
                entries.Add((name, (FolderEntry)entry[EntryType]));
        }

        _ = closedir(folder);
        return entries;
    }

    /// <summary>A program that this thread starts cannot undo the mounts, not even as root.</summary>
    public static void DropMountRights()
    {
        _ = prctl(AmbientCapabilities, ClearAll, 0, 0, 0);
        _ = prctl(DropFromBoundingSet, SystemAdministration, 0, 0, 0);
    }

    private static void Check(int result, string what)
    {
        if (result != 0)
            throw new IOException($"{what}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(int file, int command, int argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(int descriptor, nuint request, byte* argument);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string? type, nuint flags, string? data);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint second, nuint third, nuint fourth, nuint fifth);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint opendir(string path);

    [LibraryImport("libc")]
    private static partial byte* readdir(nint folder);

    [LibraryImport("libc")]
    private static partial int closedir(nint folder);
}
