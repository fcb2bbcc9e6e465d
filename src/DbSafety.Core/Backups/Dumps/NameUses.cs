using System.Text.RegularExpressions;

namespace DbSafety.Backups.Dumps;

/// <summary>
/// Statements of a script that store the name of the database (<c>current_database()</c>, <c>CURRENT_CATALOG</c>), which is a temporary name while it is restored. pg_dump writes values
/// instead, and a default is not used for them.
/// </summary>
internal sealed partial class NameUses
{
    private const int Most = 3, Longest = 60;

    private readonly List<string> statements = [];
    private bool hasDefault;

    /// <summary>The first of them.</summary>
    public IReadOnlyList<string> Statements => statements;

    /// <param name="isDumped">pg_dump wrote it.</param>
    public void Take(string text, bool isDumped)
    {
        var isInsert = InsertPattern().IsMatch(text);
        if (isInsert && !isDumped && hasDefault)
            Add(text);
        else if ((isInsert || ChangePattern().IsMatch(text)) && Names(text))
            Add(text);
        else if (BlockPattern().IsMatch(text) && NamePattern().IsMatch(text))
            Add(text);
        else
            hasDefault |= DefaultPattern().IsMatch(text) && Names(text);
    }

    private void Add(string text)
    {
        if (statements.Count < Most)
            statements.Add(StatementText.Excerpt(text, Longest));
    }

    private static bool Names(string text) => NamePattern().IsMatch(text) && NamePattern().IsMatch(ServerStatements.WithoutStrings(text));

    [GeneratedRegex(@"\bcurrent_(?:database|catalog)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"\A(?:INSERT|COPY)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex InsertPattern();

    [GeneratedRegex(@"\A(?:UPDATE|MERGE|WITH|SELECT\b.*\bINTO|CREATE (?:UNLOGGED )?TABLE\b.*\bAS (?:SELECT|WITH|VALUES|TABLE))\b", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex ChangePattern();

    [GeneratedRegex(@"\ADO\b.*\b(?:INSERT|UPDATE|MERGE)\b", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex BlockPattern();

    [GeneratedRegex(@"\A(?:CREATE|ALTER)\b.*\bDEFAULT\b", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex DefaultPattern();
}
