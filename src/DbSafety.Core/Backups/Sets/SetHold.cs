using DbSafety.Errors;

namespace DbSafety.Backups.Sets;

/// <summary>Keeps a set from being removed while it is read: its manifest is held open for reading, and a removal requires exclusive access.</summary>
internal static class SetHold
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2), Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>For a reader. Null for a dump of another tool, which is never removed.</summary>
    /// <exception cref="DbSafetyException"><c>DBS211</c> the set was removed, or is being removed.</exception>
    public static IDisposable? Read(PgBackup set) => set.Foreign is null ? SetFiles.Open(set.Path) : null;

    /// <summary>For the removal. Waits for a list that reads the manifest at this moment.</summary>
    /// <exception cref="IOException">The set is being read.</exception>
    public static IDisposable Alone(PgBackup set)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (true)
        {
            try
            {
                // Windows lets an open file be deleted only if its opener agreed.
                return new FileStream(set.Path, FileMode.Open, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None, 1);
            }
            catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException) && clock.Elapsed < Longest)
            {
                Thread.Sleep(Interval);
            }
        }
    }
}
