namespace DbSafety.Backups.Sets.Folders;

/// <summary>The marker of a set that is neither whole nor gone: held open by whoever works on it.</summary>
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
