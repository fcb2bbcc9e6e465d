using System.Globalization;
using System.Text.RegularExpressions;

namespace DbSafety.Backups.Dumps;

/// <summary>What pg_dump says of itself at the head of a plain dump, and that it came to its end.</summary>
internal sealed class PlainHead
{
    public string ServerVersion { get; set; } = "";

    public string PgDumpVersion { get; set; } = "";

    /// <summary>An entry was begun: what stands before the first one drops what the dump is about to make (<c>--clean</c>).</summary>
    public bool HasEntries { get; set; }

    public bool IsComplete { get; set; }
}

/// <summary>The part of a plain dump that goes into one database, and what was counted in it.</summary>
/// <param name="database">As <c>\connect</c> names it; empty where a dump leaves that to its reader.</param>
internal sealed partial class PlainSection(string database)
{
    private readonly Dictionary<(string Schema, string Name), long> tables = [];
    private readonly List<SequenceValue> sequences = [];
    private readonly SortedSet<string> roles = new(StringComparer.Ordinal);
    private readonly List<string> secrets = [];
    private readonly List<string> databaseStatements = [];
    private readonly List<string> creations = [];
    private string schema = "public";
    private long largeObjects;

    public string Database => database;

    /// <summary>Null where it was not pg_dump that wrote it.</summary>
    public PlainHead? Head { get; set; }

    public SortedSet<string> Extensions { get; } = new(StringComparer.Ordinal);

    /// <summary>Statements whose effect on rows cannot be read from the dump.</summary>
    public long Uncounted { get; private set; }

    public long Statements { get; private set; }

    public string Encoding { get; private set; } = "";

    /// <summary>Statements about databases by name, and those that say who executes them.</summary>
    public IReadOnlyList<string> DatabaseStatements => databaseStatements;

    /// <summary>Statements that create databases.</summary>
    public IReadOnlyList<string> Creations => creations;

    public bool HasRows => tables.Values.Any(rows => rows > 0);

    /// <summary>It creates something in the database.</summary>
    public bool IsCreating { get; private set; }

    public DumpCensus Census(long bytes) => new()
    {
        Tables = [.. tables.Select(t => new TableCount(t.Key.Schema, t.Key.Name, t.Value))],
        Sequences = [.. sequences.OrderBy(s => s.Schema, StringComparer.Ordinal).ThenBy(s => s.Name, StringComparer.Ordinal)],
        LargeObjects = largeObjects,
        Owners = [.. roles],
        Secrets = secrets,
        Bytes = bytes,
    };

    /// <summary>The table whose rows follow, where the statement is a COPY.</summary>
    public CopyTarget? TakeStatement(string text)
    {
        Statements++;
        if (CopyPattern().Match(text) is { Success: true } copy)
            return TakeCopy(copy, text);
        if (InsertPattern().IsMatch(text))
            TakeInsert(text);
        else if (SetvalPattern().Match(text) is { Success: true } setval)
            sequences.Add(SequenceOf(setval));
        else if (text.StartsWith("SELECT pg_catalog.lo_create(", StringComparison.Ordinal))
            largeObjects += LargeObjectPattern().Count(text);
        else if (text.StartsWith("CREATE USER MAPPING", StringComparison.Ordinal) && text.Contains("password", StringComparison.Ordinal))
            secrets.Add("a user mapping carries a password");
        else
            TakeOther(text);
        return null;
    }

    public void Add(CopyTarget table, long rows)
    {
        var key = (table.Schema, table.Name);
        tables[key] = tables.GetValueOrDefault(key) + rows;
        Uncounted += table.Exact ? 0 : 1;
    }

    private void TakeInsert(string text)
    {
        if (InsertPattern().Match(text) is var insert && InsertRows.Count(text[insert.Length..]) is { } rows)
            Add(new CopyTarget(SchemaOf(insert), Name(insert.Groups[2].Value), null, Exact: true), rows);
        else
            Uncounted++;
    }

    private CopyTarget TakeCopy(Match copy, string text)
    {
        var plain = copy.Groups[3].Value.Trim().Length == 0;
        return new CopyTarget(SchemaOf(copy), Name(copy.Groups[2].Value), plain ? CopyRows.Columns(text) : null, plain);
    }

    private void TakeOther(string text)
    {
        if (SearchPathPattern().Match(text) is { Success: true } path)
            schema = PathPattern().Matches(path.Groups[1].Value).Select(m => m.Value.StartsWith('\'') ? m.Value[1..^1] : Name(m.Value)).FirstOrDefault(s => s is not ("$user" or "pg_catalog")) ?? schema;
        else if (EncodingIn(text) is { } encoding)
            Encoding = encoding;
        else if (text.StartsWith("CREATE DATABASE ", StringComparison.OrdinalIgnoreCase))
            creations.Add(text);
        else if (PlainFeed.DatabasePattern().IsMatch(text) || SessionPattern().IsMatch(text))
            databaseStatements.Add(text);
        else if (ExtensionPattern().Match(text) is { Success: true } extension)
            Extensions.Add(Unquote(extension.Groups[1].Value));
        else if (ChangesPattern().IsMatch(text))
            Uncounted++;
        IsCreating |= CreationPattern().IsMatch(text);
        roles.UnionWith(DumpRoles.NamedIn(text));
    }

    /// <summary>Of <c>SET client_encoding</c>; null for any other statement.</summary>
    internal static string? EncodingIn(string text) => EncodingPattern().Match(text) is { Success: true } encoding ? encoding.Groups[1].Value : null;

    private string SchemaOf(Match named) => named.Groups[1].Success ? Name(named.Groups[1].Value) : schema;

    private SequenceValue SequenceOf(Match setval)
    {
        // The literal holds a quoted name, qualified from 10.3 on, its quotes and backslashes doubled.
        var literal = setval.Groups[2].Value.Replace("''", "'", StringComparison.Ordinal);
        if (setval.Groups[1].Length > 0)
            literal = literal.Replace("\\\\", "\\", StringComparison.Ordinal);
        var name = QualifiedPattern().Match(literal);
        if (!name.Success)
            throw new DumpDamagedException($"the sequence {literal} cannot be read");
        return new SequenceValue(
            SchemaOf(name),
            Name(name.Groups[2].Value),
            long.Parse(setval.Groups[3].Value, CultureInfo.InvariantCulture),
            setval.Groups[4].Value == "true");
    }

    /// <summary>As the server reads it: pg_dump quotes what has capital letters, people do not.</summary>
    private static string Name(string name) => name.StartsWith('"') ? Unquote(name) : string.Concat(name.Select(c => c is >= 'A' and <= 'Z' ? (char)(c | 0x20) : c));

    internal static string Unquote(string name) =>
        name.StartsWith('"') ? name[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : name;

    private const string Identifier = """("(?:[^"]|"")+"|[^\s".(;]+)""";

    [GeneratedRegex(@"\ACOPY\s+(?:" + Identifier + @"\.)?" + Identifier + @"\s*(?:\(.*\))?\s*FROM\s+stdin\b(.*);\s*\z", RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CopyPattern();

    [GeneratedRegex(@"\AINSERT\s+INTO\s+(?:" + Identifier + @"\.)?" + Identifier, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex InsertPattern();

    [GeneratedRegex(@"\A(?:" + Identifier + @"\.)?" + Identifier + @"\z", RegexOptions.Singleline)]
    private static partial Regex QualifiedPattern();

    [GeneratedRegex(@"\ASELECT pg_catalog\.setval\(\s*(E?)'((?:[^']|'')+)', (-?\d+), (true|false)\);\s*\z", RegexOptions.Singleline)]
    private static partial Regex SetvalPattern();

    [GeneratedRegex(@"pg_catalog\.lo_create\(")]
    private static partial Regex LargeObjectPattern();

    [GeneratedRegex(@"\ASET search_path (?:=|TO) ([^;]+);", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SearchPathPattern();

    [GeneratedRegex("""
        "(?:[^"]|"")+"|'[^']*'|[^\s,"']+
        """)]
    private static partial Regex PathPattern();

    [GeneratedRegex(@"\ASET client_encoding (?:=|TO) '?(\w+)'?;", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex EncodingPattern();

    [GeneratedRegex(@"\A(?:RE)?SET SESSION AUTHORIZATION\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SessionPattern();

    [GeneratedRegex(@"\ACREATE EXTENSION (?:IF NOT EXISTS )?" + Identifier, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ExtensionPattern();

    // A SELECT can create one too.
    [GeneratedRegex(@"\A(?:CREATE (?!DATABASE\b|ROLE\b|USER\b|TABLESPACE\b)|SELECT\b.*\bINTO\b|DO\b|CALL\b)", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex CreationPattern();

    [GeneratedRegex(@"\A(INSERT|UPDATE|DELETE|TRUNCATE|MERGE|WITH|DO|CALL)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ChangesPattern();
}

/// <summary>The table a COPY fills.</summary>
/// <param name="Values">How many values a row has; null where it is not said.</param>
/// <param name="Exact">A line is a row, as in COPY's text format.</param>
internal sealed record CopyTarget(string Schema, string Name, int? Values, bool Exact);
