using DbSafety.Errors;

namespace DbSafety.Databases.Connections.Text;

/// <summary>
/// An env file as dotenv and dotenv-expand read it (https://github.com/motdotla/dotenv#what-rules-does-the-parsing-engine-follow): <c>export</c>, quotes,
/// values of several lines, comments, <c>${NAME}</c> of any line or of the environment, defaults (<c>${NAME:-value}</c>), and <c>\$</c>.
/// </summary>
public static class EnvFile
{
    /// <summary>All variables; an unset variable expands to an empty text.</summary>
    /// <exception cref="DbSafetyException"><c>DBS106</c> if it cannot be read.</exception>
    public static IReadOnlyDictionary<string, string> Read(string path) => Parse(Text(path));

    public static IReadOnlyDictionary<string, string> Parse(string text)
    {
        var lines = EnvLines.Read(text);
        var expansion = new EnvExpansion(lines);
        return lines.ToDictionary(l => l.Key, l => expansion.Expand(l.Value.Value), StringComparer.Ordinal);
    }

    /// <summary>The variable that names a database. A value that other readers of env files would read differently is an error.</summary>
    /// <returns>Null: it is not in the file.</returns>
    /// <exception cref="DbSafetyException"><c>DBS106</c>, <c>DBS125</c>.</exception>
    public static string? Text(string path, string variable)
    {
        if (IsWide(path))
            throw ErrorCatalogue.EnvFileInvalid.For(path, "it is UTF-16, in which dotenv reads no variables; save it as UTF-8");
        var lines = EnvLines.Read(Text(path));
        return lines.TryGetValue(variable, out var line) ? new EnvExpansion(lines).ExpandClearly(line, why => ErrorCatalogue.EnvVariableUnresolved.For(path, variable, why)) : null;
    }

    /// <summary>Similar files in the same folder, such as <c>.env.local</c> for <c>.env</c>, that set the variable to another value.</summary>
    public static IReadOnlyList<string> DifferentBeside(string path, string variable = "DATABASE_URL")
    {
        try
        {
            var full = Path.GetFullPath(path);
            var own = Read(full).GetValueOrDefault(variable);
            return [.. Directory.EnumerateFiles(Path.GetDirectoryName(full)!, ".env*").Order(StringComparer.Ordinal).Where(f => f != full && Read(f).GetValueOrDefault(variable) is { Length: > 0 } other && other != own)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DbSafetyException)
        {
            return [];
        }
    }

    /// <summary>UTF-16, with its mark or without.</summary>
    private static bool IsWide(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            Span<byte> start = stackalloc byte[64];
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
            return start is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] || start.Contains((byte)0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Reading it says what is wrong.
            return false;
        }
    }

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ErrorCatalogue.EnvFileInvalid.Because(e, path, e is FileNotFoundException or DirectoryNotFoundException ? "the file does not exist" : e.Message);
        }
    }
}
