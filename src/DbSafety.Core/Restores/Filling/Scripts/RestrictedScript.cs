using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Tools;

namespace DbSafety.Restores.Filling.Scripts;

/// <summary>
/// While psql runs a script of another tool, it runs no meta-command in it, as pg_dump itself arranges for its own scripts: what looks like text to one
/// reader can be a meta-command to another (https://www.postgresql.org/docs/current/app-psql.html, <c>\restrict</c>).
/// </summary>
internal static partial class RestrictedScript
{
    /// <summary>The first minor release of each major version that knows it (August 2025).</summary>
    private static readonly Dictionary<int, int> Since = new() { [13] = 22, [14] = 19, [15] = 14, [16] = 10, [17] = 6 };

    public static async Task WriteAsync(PgTool psql, Stream input, Func<Stream, CancellationToken, Task> script, CancellationToken ct)
    {
        if (!Knows(psql))
        {
            await script(input, ct);
            return;
        }

        var key = RandomNumberGenerator.GetHexString(64);
        await input.WriteAsync(Encoding.ASCII.GetBytes($"\\restrict {key}\n"), ct);
        await script(input, ct);
        await input.WriteAsync(Encoding.ASCII.GetBytes($"\n\\unrestrict {key}\n"), ct);
    }

    internal static bool Knows(PgTool psql) =>
        psql.Major >= 18 || (VersionPattern().Match(psql.Version) is { Success: true } version && Since.TryGetValue(psql.Major, out var since) && int.Parse(version.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) >= since);

    [GeneratedRegex(@"\b\d+\.(\d+)")]
    private static partial Regex VersionPattern();
}
