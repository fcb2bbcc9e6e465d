namespace DbSafety.Audit;

/// <summary>
/// Where the log is: the folder that the environment variable <c>DBSAFETY_LOG</c> names, else <c>dbsafety</c> in the state folder of the user
/// (https://specifications.freedesktop.org/basedir-spec/latest/), on Windows in the local application data.
/// </summary>
internal static class LogFolder
{
    public const string Variable = "DBSAFETY_LOG";

    public static string Path
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } chosen)
                return System.IO.Path.GetFullPath(chosen);
            if (OperatingSystem.IsWindows())
                return System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "DbSafety", "Log");
            var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } named && System.IO.Path.IsPathRooted(named) ? named
                : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
            return System.IO.Path.Combine(state, "dbsafety");
        }
    }

    /// <summary>Only its owner can read it.</summary>
    public static string Create()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(Path);
        else
            Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return Path;
    }
}
