namespace DbSafety.Analysis.Reports;

/// <summary>Finds the file of a finding from where the reader stands: findings name it relative to the migrations folder.</summary>
internal static class ReportPath
{
    private static readonly string[] Below = ["", "prisma", "drizzle", ".."];

    /// <param name="path">The file or folder that was analysed.</param>
    /// <returns>Relative to the current folder, with slashes.</returns>
    public static string Of(string file, string path)
    {
        if (File.Exists(path))
            return Relative(path);
        foreach (var below in Below)
        {
            if (Path.Combine(path, below, file) is var candidate && File.Exists(candidate))
                return Relative(candidate);
        }

        return file;
    }

    private static string Relative(string path) => Path.GetRelativePath(Environment.CurrentDirectory, Path.GetFullPath(path)).Replace('\\', '/');
}
