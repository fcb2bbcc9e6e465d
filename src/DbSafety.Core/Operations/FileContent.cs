namespace DbSafety.Operations;

/// <summary>Whether a file can be read without waiting.</summary>
internal static class FileContent
{
    /// <summary>Also true of pipes, sockets and devices, which have no length: opening a pipe would wait for a process that writes to it.</summary>
    public static bool IsEmpty(string path)
    {
        var file = new FileInfo(path);
        try
        {
            var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true);
            return target is FileInfo { Exists: true, Length: 0 };
        }
        catch (IOException)
        {
            return false; // A circle of links: reading it reports that.
        }
    }
}
