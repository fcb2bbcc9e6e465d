using System.Text.RegularExpressions;

namespace DbSafety.Backups.Dumps;

/// <summary>
/// Holds back the end of a pg_dump script: privileges, REFRESH MATERIALIZED VIEW, and event triggers. Thus restored rows can be counted before an owner
/// loses the SELECT privilege, and before populating a view, or an event trigger, writes. If anything else follows, nothing is held back: the order stays.
/// </summary>
internal sealed partial class ScriptTail
{
    private readonly List<(string Text, string Raw)> held = [];
    private readonly Dictionary<string, string> settings = new(StringComparer.OrdinalIgnoreCase);
    private bool isInTransaction;

    /// <returns>What of the script has to be executed now: nothing, or the statement and everything that was held back before it.</returns>
    public string Take(string text, string raw)
    {
        if (!isInTransaction && TailPattern().IsMatch(text))
        {
            held.Add((text, raw));
            return "";
        }

        isInTransaction = BeginPattern().IsMatch(text) || (isInTransaction && !EndPattern().IsMatch(text));
        var setting = SettingPattern().Match(text);
        if (setting.Success && held.Count > 0 && !isInTransaction)
        {
            held.Add((text, raw));
            return "";
        }

        var now = Release() + raw;
        if (setting.Success)
            Keep(setting, raw);
        return now;
    }

    /// <summary>What was held back until the end, with the settings that apply there; empty: nothing.</summary>
    /// <param name="start">The statements that come first.</param>
    public byte[] Rest(byte[] start)
    {
        if (!held.Any(h => TailPattern().IsMatch(h.Text)))
            return [];
        // The role comes last: a setting can require the privileges of the session user.
        var before = settings.OrderBy(s => s.Key.ToUpperInvariant() is "AUTHORIZATION" or "ROLE" ? s.Key.Length == 4 ? 2 : 1 : 0).Select(s => s.Value);
        // Event triggers would fire for what follows them.
        var statements = held.Any(h => !TailPattern().IsMatch(h.Text)) ? held : [.. held.OrderBy(h => EventPattern().IsMatch(h.Text))];
        return [.. start, .. DumpText.Raw.GetBytes(string.Concat(before.Concat(statements.Select(h => h.Raw)).Select(s => s + "\n")))];
    }

    private string Release()
    {
        var now = string.Concat(held.Select(h => h.Raw));
        foreach (var (text, raw) in held)
        {
            if (SettingPattern().Match(text) is { Success: true } setting)
                Keep(setting, raw);
        }

        held.Clear();
        return now;
    }

    private void Keep(Match setting, string raw)
    {
        var name = setting.Groups[1].Value;
        if (name.Equals("ALL", StringComparison.OrdinalIgnoreCase))
        {
            foreach (var other in settings.Keys.Where(s => s.ToUpperInvariant() is not ("AUTHORIZATION" or "ROLE")).ToList())
                settings.Remove(other);
            return;
        }

        settings.Remove(name);
        settings[name] = raw;
    }

    [GeneratedRegex(@"\A\s*(?:GRANT\b|REVOKE\b|ALTER DEFAULT PRIVILEGES\b|REFRESH MATERIALIZED VIEW\b|(?:CREATE|ALTER) EVENT TRIGGER\b|COMMENT ON EVENT TRIGGER\b|SECURITY LABEL\b[^']* ON EVENT TRIGGER\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TailPattern();

    [GeneratedRegex(@"\A\s*(?:(?:CREATE|ALTER) EVENT TRIGGER\b|COMMENT ON EVENT TRIGGER\b|SECURITY LABEL\b)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex EventPattern();

    [GeneratedRegex(@"\A\s*(?:(?:RE)?SET (?!LOCAL\b|TRANSACTION\b|CONSTRAINTS\b|SESSION CHARACTERISTICS\b)(?:SESSION )?(?<1>[\w.]+)|SELECT (?:pg_catalog\.)?set_config ?\( ?'(?<1>[\w.]+)')", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SettingPattern();

    [GeneratedRegex(@"\A\s*(?:BEGIN|START TRANSACTION)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BeginPattern();

    [GeneratedRegex(@"\A\s*(?:COMMIT|END|ROLLBACK(?! TO\b)|ABORT)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex EndPattern();
}
