using System.Text.RegularExpressions;

namespace DbSafety.Analysis.Scripts;

/// <summary>
/// By which rules the plain strings of a script are read. psql follows standard_conforming_strings statement by statement, and a driver that sends the whole script in one query reads all of
/// it by the value from before it: where these differ, a string with a backslash can end in two places.
/// </summary>
/// <param name="HasEscapes">By psql's reading, backslashes escape in plain strings.</param>
/// <param name="IsUncertain">The other reading may be another one: the setting is off, or was changed out of sight.</param>
internal readonly partial record struct StringReading(bool HasEscapes, bool IsUncertain)
{
    public const string Setting = "standard_conforming_strings";

    /// <summary>Why a statement is not looked into.</summary>
    public const string Doubt = "where a string in it ends depends on standard_conforming_strings, which is off or was changed before it (write E'...' or $$...$$)";

    /// <summary>The role or the database has it off.</summary>
    /// <param name="reported">What the server reports of its settings.</param>
    public static bool AreUncertain(IReadOnlyDictionary<string, string> reported) => reported.TryGetValue(Setting, out var conforming) && conforming == "off";

    /// <summary>For what follows a statement.</summary>
    /// <param name="first">For the beginning of the script.</param>
    /// <param name="settings">What the script has set with it.</param>
    public StringReading After(SqlStatement statement, StringReading first, ScriptSettings settings)
    {
        if (MayChange().IsMatch(statement.Text) && !IsPlain(statement))
            settings.MarkUnknown(Setting);
        var (value, isUnknown) = (settings.Of(Setting), settings.IsUnknown(Setting));
        var escapes = isUnknown ? HasEscapes : value is [var own, ..] ? IsOff(own) : first.HasEscapes;
        return new StringReading(escapes, escapes || isUnknown || (value is null && first.IsUncertain));
    }

    /// <summary>A boolean's unique prefixes are accepted too.</summary>
    private static bool IsOff(string value) =>
        value.Length > 0 && ("false".StartsWith(value, StringComparison.OrdinalIgnoreCase) || "no".StartsWith(value, StringComparison.OrdinalIgnoreCase) || value == "0"
            || (value.Length > 1 && "off".StartsWith(value, StringComparison.OrdinalIgnoreCase)));

    /// <summary>SET and RESET say what they do.</summary>
    private static bool IsPlain(SqlStatement statement) => statement.StartsWith("set") || statement.StartsWith("reset") || statement.StartsWith("comment");

    /// <summary>In bodies and literals too; set_config whose first argument is not a literal, and UPDATE pg_settings, can change any setting.</summary>
    [GeneratedRegex(@"conforming|set_config""?\s*\((?!\s*'[^']*'\s*,)|update\s+(""?pg_catalog""?\s*\.\s*)?""?pg_settings", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex MayChange();
}
