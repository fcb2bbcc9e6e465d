using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using DbSafety.Errors;

namespace DbSafety.Tools;

/// <summary>A PostgreSQL program on this machine.</summary>
/// <param name="Major">Its major version, 10 or more.</param>
public sealed record PgTool(string Path, int Major, string Version)
{
    /// <summary>The container that contains it; null: this machine.</summary>
    internal IToolPlace? Inside { get; init; }

    internal ToolCommand Command(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> environment) =>
        new(Path, arguments) { Environment = environment, Inside = Inside };
}

/// <summary>
/// Finds PostgreSQL's own programs: in <c>DBSAFETY_PG_BIN</c> (alone, where it is set), on PATH, and where Debian, Red Hat,
/// Homebrew, Postgres.app and the Windows installer put them.
/// </summary>
public static partial class PgTools
{
    private static readonly ConcurrentDictionary<string, PgTool?> Known = new(StringComparer.Ordinal);

    /// <summary>
    /// The most suitable program: of the version <paramref name="preferred"/> or the next newer one, else the newest that is not older
    /// than <paramref name="required"/>. pg_dump refuses servers newer than itself, and pg_restore reads archives of its own version and
    /// older ones (https://www.postgresql.org/docs/current/app-pgdump.html).
    /// </summary>
    /// <param name="preferred">A major version; 0: the required one.</param>
    /// <exception cref="DbSafetyException"><c>DBS110</c> not found; <c>DBS111</c>, <c>DBS228</c> all are too old.</exception>
    public static async Task<PgTool> FindAsync(string name, int required, CancellationToken ct, int preferred = 0)
    {
        var found = await AllAsync(name, ct);
        if (found.Count == 0)
            throw ErrorCatalogue.ToolMissing.For(name, "Debian: apt-get install postgresql-client");
        var fitting = found.Where(t => t.Major >= required).ToList();
        return fitting.Where(t => t.Major >= preferred).MinBy(t => t.Major)
            ?? fitting.MaxBy(t => t.Major)
            ?? throw (name == "pg_restore" ? ErrorCatalogue.DumpNewerThanTool : ErrorCatalogue.ToolTooOld).For(name, found.Max(t => t.Major), required);
    }

    /// <summary>Every copy of the program that runs here, the first on PATH first.</summary>
    public static async Task<IReadOnlyList<PgTool>> AllAsync(string name, CancellationToken ct)
    {
        var tools = new List<PgTool>();
        foreach (var folder in Folders())
        {
            var path = Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name);
            if (!File.Exists(path))
                continue;
            if (!Known.TryGetValue(path, out var tool))
                Known[path] = tool = await VersionAsync(path, ct);
            if (tool is not null)
                tools.Add(tool);
        }

        return tools;
    }

    private static async Task<PgTool?> VersionAsync(string path, CancellationToken ct)
    {
        // Debian's wrapper in /usr/bin answers for whatever cluster it finds: its answer is the version it would run.
        var result = await ToolProcess.RunAsync(new ToolCommand(path, "--version"), ct);
        return result.ExitCode == 0 ? ParseVersion(path, result.Output) : null;
    }

    /// <summary>Parses the output of <c>--version</c>; null if the program is not from PostgreSQL.</summary>
    internal static PgTool? ParseVersion(string path, string answer) =>
        VersionPattern().Match(answer) is { Success: true } match
            ? new PgTool(path, int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), match.Value)
            : null;

    private static IEnumerable<string> Folders()
    {
        if (Environment.GetEnvironmentVariable("DBSAFETY_PG_BIN") is { Length: > 0 } chosen)
            return chosen.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return Installed()
            .Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            .Distinct(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Installed() =>
        Below("/usr/lib/postgresql", "*", "bin")
            .Concat(Below("/usr", "pgsql-*", "bin"))
            .Concat(Below("/opt/homebrew/opt", "postgresql@*", "bin"))
            .Concat(Below("/opt/homebrew/opt", "libpq", "bin"))
            .Concat(Below("/usr/local/opt", "postgresql@*", "bin"))
            .Concat(Below("/Applications/Postgres.app/Contents/Versions", "*", "bin"))
            .Concat(Below(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ProgramFiles), "PostgreSQL"), "*", "bin"));

    private static IEnumerable<string> Below(string root, string pattern, string leaf) =>
        Directory.Exists(root) ? Directory.EnumerateDirectories(root, pattern).Select(d => Path.Combine(d, leaf)) : [];

    [GeneratedRegex(@"(\d+)(\.\d+)*\S*")]
    private static partial Regex VersionPattern();
}
