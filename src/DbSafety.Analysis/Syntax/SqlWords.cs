using System.Collections.Frozen;
using System.Text;

namespace DbSafety.Analysis.Syntax;

/// <summary>Words of SQL in the form the server compares them by.</summary>
internal static class SqlWords
{
    /// <summary>Those that come up in every script, so that folding them makes no new string.</summary>
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Frequent = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "add", "alter", "analyze", "as", "begin", "by", "cascade", "check", "column", "comment", "commit", "concurrently", "constraint", "copy", "create",
        "default", "delete", "do", "drop", "end", "enum", "execute", "exists", "extension", "foreign", "from", "function", "grant", "id", "if", "in", "index",
        "insert", "into", "is", "key", "not", "null", "on", "only", "or", "owner", "policy", "primary", "procedure", "public", "references", "rename",
        "replace", "restrict", "revoke", "rollback", "schema", "select", "sequence", "set", "table", "text", "timestamp", "to", "trigger", "truncate",
        "type", "unique", "update", "user", "using", "uuid", "valid", "value", "values", "view", "where", "with").GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>In lower case and cut to 63 bytes. In the encodings where a character can be several bytes the server folds ASCII letters alone.</summary>
    public static string Fold(ReadOnlySpan<char> word)
    {
        if (Frequent.TryGetValue(word, out var known) && Ascii.EqualsIgnoreCase(word, known))
            return known;
        return Cut(string.Create(word.Length, word, static (target, source) =>
        {
            for (var i = 0; i < source.Length; i++)
                target[i] = char.IsAsciiLetterUpper(source[i]) ? (char)(source[i] | 0x20) : source[i];
        }));
    }

    public static string Cut(string name) =>
        name.Length * 3 <= SqlName.MaxBytes || Encoding.UTF8.GetByteCount(name) <= SqlName.MaxBytes ? name : SqlName.WithSuffix(name, "");
}
