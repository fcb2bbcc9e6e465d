using System.Globalization;
using Tomlyn;
using Tomlyn.Model;

namespace DbSafety.Migrations.Sources.Reading;

/// <summary>The values of a TOML file by their path (<c>flyway.table</c>), as text: those of an array with commas between them.</summary>
internal static class TomlValues
{
    /// <exception cref="FormatException">It is not TOML.</exception>
    public static IReadOnlyDictionary<string, string> Read(string text)
    {
        try
        {
            return Of(TomlSerializer.Deserialize<TomlTable>(text) ?? []).ToDictionary(v => v.Path, v => v.Value, StringComparer.Ordinal);
        }
        catch (TomlException e)
        {
            throw new FormatException(e.Message, e);
        }
    }

    private static IEnumerable<(string Path, string Value)> Of(TomlTable table) => table.SelectMany(pair => pair.Value switch
    {
        TomlTable inner => Of(inner).Select(v => ($"{pair.Key}.{v.Path}", v.Value)),
        // The last value counts, as for a key that occurs twice.
        TomlTableArray { Count: > 0 } tables => Of(tables[^1]).Select(v => ($"{pair.Key}.{v.Path}", v.Value)),
        TomlArray values => [(pair.Key, string.Join(",", values.Select(Text)))],
        var value => [(pair.Key, Text(value))],
    });

    private static string Text(object? value) => value is bool flag ? flag ? "true" : "false" : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
