namespace DbSafety.Databases;

/// <summary>The one place where SQL identifiers and literals are quoted.</summary>
public static class SqlName
{
    /// <summary>PostgreSQL keeps 63 bytes of a name (NAMEDATALEN - 1).</summary>
    public const int MaxBytes = 63;

    /// <summary><c>a"b</c> becomes <c>"a""b"</c>.</summary>
    public static string Quote(string name) => '"' + name.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';

    public static string Quote(string schema, string name) => Quote(schema) + "." + Quote(name);

    /// <summary>A string literal, for the few statements that take no parameters.</summary>
    public static string Literal(string value) =>
        value.Contains('\\', StringComparison.Ordinal)
            ? " E'" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal) + "'"
            : "'" + value.Replace("'", "''", StringComparison.Ordinal) + "'";

    /// <summary>
    /// <paramref name="name"/> with <paramref name="suffix"/>, the name shortened so that both fit into
    /// <see cref="MaxBytes"/> bytes of UTF-8 without cutting a character.
    /// </summary>
    public static string WithSuffix(string name, string suffix)
    {
        var room = MaxBytes - System.Text.Encoding.UTF8.GetByteCount(suffix);
        var kept = name;
        while (System.Text.Encoding.UTF8.GetByteCount(kept) > room)
            kept = kept[..^(kept.Length > 1 && char.IsLowSurrogate(kept[^1]) ? 2 : 1)];
        return kept + suffix;
    }

    /// <summary>The form people read and write: quoted only where it must be.</summary>
    public static string Display(string name) =>
        name.Length > 0 && (char.IsAsciiLetterLower(name[0]) || name[0] == '_') && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '$')
            ? name
            : Quote(name);

    public static string Display(string schema, string name) => Display(schema) + "." + Display(name);
}
