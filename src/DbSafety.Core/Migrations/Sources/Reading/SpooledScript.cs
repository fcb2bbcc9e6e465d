using DbSafety.Analysis.Scripts;
using DbSafety.Errors;

namespace DbSafety.Migrations.Sources.Reading;

/// <summary>
/// A script from a pipe, stored in a temporary file that other users cannot read: it is read more than once, and can be
/// larger than memory. The file is removed when the process ends, however it ends.
/// </summary>
/// <param name="name">As findings name it.</param>
internal sealed class SpooledScript(string name) : IAsyncDisposable
{
    private FileStream? file;

    /// <exception cref="DbSafetyException"><c>DBS211</c> if the pipe breaks or the disk is full.</exception>
    public async Task<SqlScript> FillAsync(Stream input, CancellationToken ct)
    {
        try
        {
            file = Create(Path.Combine(Path.GetTempPath(), $"dbsafety-{Guid.NewGuid():N}.sql"));
            await input.CopyToAsync(file, ct);
            await file.FlushAsync(ct);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.FileUnreadable.Because(e, name, e.Message);
        }

        return new SqlScript(name, () =>
        {
            file.Position = 0;
            return new ScriptWindow(new ScriptReader(file, name, leaveOpen: true));
        });
    }

    public ValueTask DisposeAsync() => file?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, Options = FileOptions.DeleteOnClose };
        if (OperatingSystem.IsWindows())
            return new FileStream(path, options);
        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var created = new FileStream(path, options);
        // An unlinked file is removed even when the process is killed.
        File.Delete(path);
        return created;
    }
}
