namespace DbSafety.Testing;

/// <summary>The checkout the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string Folder(string name) => Path.Combine(Root, name);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "DbSafety.sln")) ? folder : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("there is no DbSafety.sln above the tests"));
}
