namespace DbSafety.Backups.Sets.Folders;

/// <summary>The marker of a set that is being written or removed: the run that works on it holds it open.</summary>
internal static class SetMarker
{
    /// <summary>Disposing it removes it.</summary>
    /// <exception cref="IOException">Another run is working on the set.</exception>
    public static FileStream Hold(string folder, string name)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, Options = FileOptions.DeleteOnClose, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(Path.Combine(folder, name + SetDraft.Partial), options);
    }
}
