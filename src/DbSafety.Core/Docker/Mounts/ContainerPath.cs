namespace DbSafety.Docker.Mounts;

/// <summary>Compares paths inside containers: always slashes, always case-sensitive, on every machine.</summary>
internal static class ContainerPath
{
    public static string Normalize(string path) => path.Length > 1 ? path.TrimEnd('/') : path;

    /// <summary>True for the folder itself and for everything below it.</summary>
    public static bool IsAtOrAbove(string folder, string path)
    {
        (folder, path) = (Normalize(folder), Normalize(path));
        return folder == path || folder == "/" || path.StartsWith(folder + "/", StringComparison.Ordinal);
    }

    public static bool IsBelow(string path, string folder) => Normalize(path) != Normalize(folder) && IsAtOrAbove(folder, path);
}
