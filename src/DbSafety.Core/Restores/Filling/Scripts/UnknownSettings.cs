using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Restores.Filling.Scripts;

/// <summary>
/// Statements of a dump that set parameters that the server does not have: a newer pg_dump writes <c>SET transaction_timeout = 0</c>, which psql reports as an
/// error and ignores. An unknown parameter has no effect on a server, so only these statements are left out, and reported.
/// </summary>
/// <param name="known">The server's settings.</param>
internal sealed partial class UnknownSettings(IReadOnlySet<string> known)
{
    /// <summary>Settings that <c>pg_settings</c> does not list.</summary>
    private static readonly string[] Unlisted = ["default_with_oids", "role", "session_authorization", "is_superuser"];

    private readonly ConcurrentDictionary<string, bool> leftOut = new(StringComparer.OrdinalIgnoreCase);

    public static async Task<UnknownSettings> ReadAsync(NpgsqlConnection connection, CancellationToken ct) =>
        new((await connection.ListAsync("SELECT name FROM pg_catalog.pg_settings", r => r.GetString(0), ct)).Concat(Unlisted).ToHashSet(StringComparer.OrdinalIgnoreCase));

    /// <summary>Whether the statement sets one.</summary>
    public bool AreIn(string statement)
    {
        if (SettingPattern().Match(statement) is not { Success: true } setting || known.Contains(setting.Groups[1].Value))
            return false;
        leftOut[setting.Groups[1].Value] = true;
        return true;
    }

    /// <summary>Whether each error that pg_restore ignored, as it does without <c>--exit-on-error</c>, is about one of them.</summary>
    /// <param name="error">Its standard error.</param>
    public bool AreAllErrors(string error)
    {
        var commands = CommandPattern().Matches(error);
        return IgnoredPattern().Match(error) is { Success: true } ignored
            && int.Parse(ignored.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) == commands.Count
            && commands.All(c => AreIn(c.Groups[1].Value.Trim()));
    }

    /// <summary>The errors that are about something else, to be reported.</summary>
    public string Others(string error) => FailurePattern().Replace(error, failure => AreIn(failure.Groups[1].Value) ? "" : failure.Value);

    /// <summary>What was left out, in words.</summary>
    public IEnumerable<string> Notes(int major) => leftOut.Keys.Order(StringComparer.Ordinal).Select(name => $"SET {name} was left out: PostgreSQL {major} does not have this setting");

    // Names with a dot are an extension's, which every server accepts.
    [GeneratedRegex(@"\ASET (?:(?:SESSION|LOCAL) )?([A-Za-z_][A-Za-z0-9_]*) ?(?:=|TO\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SettingPattern();

    [GeneratedRegex(@"^Command was: (.*)$", RegexOptions.Multiline)]
    private static partial Regex CommandPattern();

    [GeneratedRegex(@"^pg_restore: [^\n]*error: could not execute query:[^\n]*\nCommand was: ([^\n]*)\n?", RegexOptions.Multiline)]
    private static partial Regex FailurePattern();

    [GeneratedRegex(@"errors ignored on restore: (\d+)")]
    private static partial Regex IgnoredPattern();
}
