using System.Collections.Concurrent;

namespace DbSafety.Tools.Isolation;

/// <summary>Finds socket files, regardless of the listener: the kernel does not list a server in a container that shares a folder with this machine.</summary>
internal static class SocketFiles
{
    private static readonly HashSet<string> Skipped = new(["node_modules", ".git", "__pycache__"], StringComparer.Ordinal);

    /// <param name="folders">Searched concurrently, breadth first.</param>
    /// <param name="limit">The time limit, for large or hanging file systems.</param>
    /// <returns>The sockets found within the limit, and whether the search is complete.</returns>
    public static (IReadOnlyCollection<string> Found, bool IsComplete) Below(IEnumerable<string> folders, TimeSpan limit)
    {
        var found = new ConcurrentQueue<string>();
        using var stop = new CancellationTokenSource(limit);
        var token = stop.Token;
        // On a separate thread: a hanging file system must not block this one.
        var search = Task.Factory.StartNew(() => Search([.. folders.Distinct(StringComparer.Ordinal)], found, token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var isComplete = search.Wait(limit) && !token.IsCancellationRequested;
        return ([.. found], isComplete);
    }

    private static void Search(List<string> roots, ConcurrentQueue<string> found, CancellationToken stop)
    {
        // A single file can be mounted, too.
        foreach (var file in roots.Where(File.Exists).Where(LinuxCalls.IsSocket))
            found.Enqueue(file);
        var (waiting, seen) = (new Queue<string>(roots), new HashSet<string>(roots, StringComparer.Ordinal));
        while (!stop.IsCancellationRequested && waiting.TryDequeue(out var folder))
        {
            foreach (var (name, type) in LinuxCalls.ReadFolder(folder))
            {
                var path = folder.TrimEnd('/') + "/" + name;
                if (type == FolderEntry.Socket || (type == FolderEntry.Unknown && LinuxCalls.IsSocket(path)))
                    found.Enqueue(path);
                else if ((type == FolderEntry.Folder || (type == FolderEntry.Unknown && Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)) && !Skipped.Contains(name) && !IsKernels(path) && seen.Add(path))
                    waiting.Enqueue(path);
            }
        }
    }

    private static bool IsKernels(string path) => path is "/proc" or "/sys" or "/dev";
}

internal enum FolderEntry
{
    Unknown = 0,
    Folder = 4,
    Socket = 12,
}
