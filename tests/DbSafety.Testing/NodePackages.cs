using DbSafety.Tools;

namespace DbSafety.Testing;

/// <summary>
/// Packages from the npm registry that tests hold the project against. They are kept in <c>DBSAFETY_NODE_CACHE</c>, or below the
/// temporary folder, and installed once.
/// </summary>
public static class NodePackages
{
    private static readonly SemaphoreSlim One = new(1);

    /// <summary>The folder that has <c>node_modules</c> with these packages (<c>name@version</c>) in it.</summary>
    public static async Task<string> InstallAsync(string folderName, params string[] packages)
    {
        var cache = Environment.GetEnvironmentVariable("DBSAFETY_NODE_CACHE") is { Length: > 0 } named ? named : Path.Combine(Path.GetTempPath(), "dbsafety-node");
        var folder = Path.Combine(cache, folderName);
        await One.WaitAsync();
        try
        {
            Directory.CreateDirectory(cache);
            using var alone = await LockAsync(folder + ".lock");
            var mark = Path.Combine(folder, "installed");
            var wanted = string.Join('\n', packages);
            if (File.Exists(mark) && await File.ReadAllTextAsync(mark) == wanted)
                return folder;
            // A run that was killed here has left halves of packages, which npm would take for whole ones.
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), "{\"private\":true}");
            (await ToolProcess.RunAsync(new ToolCommand("npm", ["install", "--no-audit", "--no-fund", "--silent", "--ignore-scripts", .. packages]) { WorkingDirectory = folder }, CancellationToken.None)).OrThrow();
            await File.WriteAllTextAsync(mark, wanted);
            return folder;
        }
        finally
        {
            One.Release();
        }
    }

    /// <summary>Other runs on this machine share the packages.</summary>
    private static async Task<FileStream> LockAsync(string path)
    {
        // As long as a run may say nothing.
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path) && attempt < 3000)
            {
                await Task.Delay(200);
            }
        }
    }
}
