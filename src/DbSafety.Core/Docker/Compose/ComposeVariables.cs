using DbSafety.Databases.Connections.Text;
using DbSafety.Errors;

namespace DbSafety.Docker.Compose;

/// <summary>The variables that compose replaces: the environment overrides <c>.env</c>.</summary>
internal sealed class ComposeVariables
{
    private readonly Dictionary<string, string> file = new(StringComparer.Ordinal);

    /// <param name="folder">The project's.</param>
    /// <param name="files">The files that replace its <c>.env</c>; later files override earlier files.</param>
    /// <exception cref="DbSafetyException"><c>DBS106</c>.</exception>
    public ComposeVariables(string folder, IReadOnlyList<string> files)
    {
        var beside = Path.Combine(folder, ".env");
        foreach (var (name, value) in (files.Count > 0 ? files : File.Exists(beside) ? [beside] : []).SelectMany(f => EnvFile.Read(Path.GetFullPath(f, folder))))
            file[name] = value;
    }

    public string? Of(string name) => ProcessVariables.Of(name) ?? file.GetValueOrDefault(name);
}
