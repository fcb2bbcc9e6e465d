using System.Diagnostics;
using System.Text;
using DbSafety.Operations;

namespace DbSafety.Audit;

/// <summary>
/// One month of the log. Each line is written and synced under an exclusive lock of the file, which ends with its process. The end of a line that a killed
/// process or a full disk left incomplete was never reported as written: the next writer removes it.
/// </summary>
internal sealed class LogFile(string path)
{
    private const string Prefix = "dbsafety-", Ending = ".jsonl";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10), Interval = TimeSpan.FromMilliseconds(5);

    public string Path { get; } = path;

    public static LogFile Of(string folder, DateTimeOffset time) => new(System.IO.Path.Combine(folder, $"{Prefix}{time.UtcDateTime:yyyy-MM}{Ending}"));

    /// <summary>The files of a folder, the oldest first.</summary>
    public static IEnumerable<LogFile> In(string folder) =>
        Directory.EnumerateFiles(folder, $"{Prefix}????-??{Ending}").Order(StringComparer.Ordinal).Select(f => new LogFile(f));

    /// <exception cref="IOException">It cannot be written, or another process has locked it for ten seconds.</exception>
    /// <exception cref="UnauthorizedAccessException">It belongs to another user.</exception>
    public void Append(string line)
    {
        // In a folder of others, a link would lead to a file that is no log.
        if (new FileInfo(Path).LinkTarget is { } target)
            throw new IOException($"{Path} is a link to {target}");
        using var file = Lock();
        var end = RemoveIncomplete(file);
        try
        {
            file.Seek(end, SeekOrigin.Begin);
            file.Write(Encoding.UTF8.GetBytes(line));
            file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            file.SetLength(end);
            throw;
        }
    }

    /// <summary>Each complete line that can be read, how many cannot, and how many a newer version has written.</summary>
    public (IReadOnlyList<LogLine> Lines, int Damaged, int Newer) Read()
    {
        if (FileContent.IsEmpty(Path))
            return ([], 0, 0);
        // Only what was there when the file was opened: a line that is being written is incomplete.
        using var file = Open(FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        var rest = bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        var (lines, damaged, newer) = (new List<LogLine>(), 0, 0);
        while (rest.IndexOf((byte)'\n') is >= 0 and var end)
        {
            if (LogLine.Read(rest[..end]) is { } line)
                lines.Add(line);
            else if (LogLine.IsNewer(rest[..end]))
                newer++;
            else if (!rest[..end].Trim(" \t\r"u8).IsEmpty)
                damaged++;
            rest = rest[(end + 1)..];
        }

        // An editor may have removed the last line break.
        if (LogLine.Read(rest) is { } last)
            lines.Add(last);
        return (lines, damaged, newer);
    }

    private FileStream Lock()
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return Open(FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e is not (DirectoryNotFoundException or PathTooLongException) && clock.Elapsed < Longest && File.Exists(Path))
            {
                Thread.Sleep(Interval);
            }
        }
    }

    private FileStream Open(FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = access == FileAccess.Read ? FileMode.Open : FileMode.OpenOrCreate, Access = access, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && access != FileAccess.Read)
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(Path, options);
    }

    /// <summary>The length of the complete lines.</summary>
    private static long RemoveIncomplete(FileStream file)
    {
        var end = file.Length;
        var at = end;
        var tail = new List<byte>();
        while (at > 0)
        {
            file.Seek(--at, SeekOrigin.Begin);
            if (file.ReadByte() is var value && value == '\n')
            {
                at++;
                break;
            }

            tail.Add((byte)value);
        }

        if (tail.Count == 0)
            return end;
        tail.Reverse();
        if (LogLine.Read([.. tail]) is null && !LogLine.IsNewer([.. tail]))
        {
            file.SetLength(at);
            return at;
        }

        file.Seek(end, SeekOrigin.Begin);
        file.WriteByte((byte)'\n');
        return end + 1;
    }
}
