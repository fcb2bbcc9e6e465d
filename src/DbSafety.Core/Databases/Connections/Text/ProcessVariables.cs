namespace DbSafety.Databases.Connections.Text;

/// <summary>The environment variables that determine a connection.</summary>
internal static class ProcessVariables
{
    private static readonly AsyncLocal<IReadOnlyDictionary<string, string>?> Instead = new();

    /// <summary>Null if it is not set.</summary>
    public static string? Of(string name) => Instead.Value is { } others ? others.GetValueOrDefault(name) : Environment.GetEnvironmentVariable(name);

    /// <summary>The folder of <c>.pgpass</c> and <c>.pg_service.conf</c>; on Windows that of applications' settings.</summary>
    public static string HomeFile(string name, string onWindows) => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "postgresql", onWindows)
        : Path.Combine(Instead.Value?.GetValueOrDefault("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify), name);

    /// <summary>For concurrent tests: only these variables, for the caller.</summary>
    public static void Use(IReadOnlyDictionary<string, string>? variables) => Instead.Value = variables;
}
