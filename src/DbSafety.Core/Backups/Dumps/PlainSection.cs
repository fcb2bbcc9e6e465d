using System.Globalization;
using System.Text.RegularExpressions;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Tables;

namespace DbSafety.Backups.Dumps;

/// <summary>The part of a plain dump that goes into one database, and what was counted in it.</summary>
/// <param name="database">As <c>\connect</c> names it; empty if a dump does not name it.</param>
internal sealed partial class PlainSection(string database)
{
    private readonly Dictionary<(string Schema, string Name), long> tables = [];
    private readonly List<SequenceValue> sequences = [];
    private readonly SortedSet<string> roles = new(StringComparer.Ordinal);
    private readonly SortedSet<string> definitionRoles = new(StringComparer.Ordinal);
    private readonly List<string> secrets = [];
    private readonly List<string> databaseStatements = [];
    private readonly List<string> creations = [];
    private readonly List<ServerStatement> serverStatements = [];
    private readonly HashSet<(string Schema, string Name)> views = [];
    private readonly HashSet<(string Schema, string Name)> foreignTables = [];
    private readonly PlainHead start = new();
    private readonly List<TableName> created = [];
    private readonly List<(TableName Partition, TableName Parent)> attached = [];
    private string schema = "public";
    private long largeObjects;

    public string Database => database;

    /// <summary>Null if pg_dump did not write it.</summary>
    public PlainHead? Head { get; set; }

    /// <summary>A script that pg_dump did not write, or whose comments were removed, can begin with what <c>--clean</c> drops too.</summary>
    public bool Cleans(string text) => (Head ?? start).Cleans(text);

    public SortedSet<string> Extensions { get; } = new(StringComparer.Ordinal);

    /// <summary>What its counts do not prove.</summary>
    public CountDoubts Doubts { get; } = new();

    public NameUses NameUses { get; } = new();

    /// <summary>Statements whose effect on rows cannot be read from the dump.</summary>
    public long Uncounted => Doubts.Count + (Doubts.IsOpen ? 1 : 0);

    /// <summary>Statements that act on more than the database, except what pg_dumpall writes before the databases.</summary>
    public IReadOnlyList<ServerStatement> ServerStatements => serverStatements;

    /// <summary>Users that <c>\connect</c> names: they own the objects that follow.</summary>
    public SortedSet<string> Users { get; } = new(StringComparer.Ordinal);

    /// <summary>Statements of pg_dumpall about roles and tablespaces, which are left out.</summary>
    public long Globals { get; set; }

    /// <summary>Statements that do more than to set the session and the database.</summary>
    public long Effective { get; private set; }

    public long Statements { get; private set; }

    public string Encoding { get; set; } = "";

    /// <summary>Statements about databases by name, and those that set who executes them.</summary>
    public IReadOnlyList<string> DatabaseStatements => databaseStatements;

    /// <summary>Statements that create databases.</summary>
    public IReadOnlyList<string> Creations => creations;

    public bool HasRows => tables.Values.Any(rows => rows > 0);

    /// <summary>Roles that policies and user mappings name: without owners and privileges they are needed too.</summary>
    public IReadOnlyCollection<string> DefinitionRoles => definitionRoles;

    /// <summary>Tables that it creates, and that hold rows themselves.</summary>
    public IReadOnlyList<TableName> Created => created;

    /// <summary>Partitions that it attaches to their parents.</summary>
    public IReadOnlyList<(TableName Partition, TableName Parent)> Attached => attached;

    /// <summary>Rows are in it as INSERT statements.</summary>
    public bool HasInserts { get; private set; }

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

    /// <summary>A new session, without the settings of the previous session.</summary>
    public void BeginSession() => schema = "public";

    /// <summary>A statement that acts on more than the database.</summary>
    public void Add(ServerStatement statement) => serverStatements.Add(statement);

    /// <summary>The table whose rows follow, where the statement is a COPY.</summary>
    /// <param name="isLeftOut">It is not executed.</param>
    public CopyTarget? TakeStatement(string text, bool isLeftOut = false)
    {
        Statements++;
        if (isLeftOut)
            return null;
        Effective += SettingPattern().IsMatch(text) || DatabaseStatement.Is(text) ? 0 : 1;
        NameUses.Take(text, isDumped: !IsAppended);
        if (CopyPattern().Match(text) is { Success: true } copy)
            return TakeCopy(copy, text);
        if (InsertPattern().IsMatch(text))
            TakeInsert(text);
        else if (SetvalPattern().Match(text) is { Success: true } setval)
            Add(SequenceOf(setval));
        else if (text.StartsWith("SELECT pg_catalog.lo_create(", StringComparison.Ordinal))
            largeObjects += LargeObjectPattern().Count(text);
        else
            TakeOther(text);
        return null;
    }

    /// <summary>Foreign tables with rows: restoring them writes to another server.</summary>
    public IReadOnlyList<TableName> ForeignRows => [.. tables.Keys.Where(foreignTables.Contains).Select(t => new TableName(t.Schema, t.Name))];

    public void Add(CopyTarget table, long rows)
    {
        var key = (table.Schema, table.Name);
        if (views.Contains(key))
            Doubts.Add($"rows of the view {SqlName.Display(table.Schema, table.Name)}");
        tables[key] = tables.GetValueOrDefault(key) + rows;
    }

    private void Add(SequenceValue value)
    {
        sequences.RemoveAll(s => (s.Schema, s.Name) == (value.Schema, value.Name));
        sequences.Add(value);
        Doubts.TakeValue();
    }

    /// <summary>pg_dump did not write what follows.</summary>
    private bool IsAppended => Head is not { IsComplete: false };

    private void TakeInsert(string text)
    {
        HasInserts = true;
        if (InsertPattern().Match(text) is var insert && InsertRows.Count(text[insert.Length..]) is { } rows)
        {
            var table = new CopyTarget(SchemaOf(insert), Name(insert.Groups[2].Value), null, Exact: true);
            Doubts.TakeRows(new TableName(table.Schema, table.Name), text, isInsert: true, IsAppended);
            Add(table, rows);
        }
        else
        {
            Doubts.Add(text);
        }
    }

    private CopyTarget TakeCopy(Match copy, string text)
    {
        var plain = copy.Groups[3].Value.Trim().Length == 0;
        var table = new CopyTarget(SchemaOf(copy), Name(copy.Groups[2].Value), plain ? CopyRows.Columns(text) : null, plain);
        Doubts.TakeRows(new TableName(table.Schema, table.Name), text, isInsert: false, IsAppended);
        if (!plain)
            Doubts.Add(text);
        return table;
    }

    private void TakeOther(string text)
    {
        if (SearchPathPattern().Match(text) is { Success: true } path)
            schema = SchemaIn(path.Groups[1].Value);
        else if (PathFunctionPattern().Match(text) is { Success: true } function)
            schema = SchemaIn(function.Groups[1].Value.Replace("''", "'", StringComparison.Ordinal));
        else if (ResetPattern().IsMatch(text))
            BeginSession();
        else if (EncodingIn(text) is { } encoding)
            Encoding = encoding;
        else if (text.StartsWith("CREATE DATABASE ", StringComparison.OrdinalIgnoreCase))
            TakeCreation(text);
        else if (DatabaseStatement.Is(text) || SessionPattern().IsMatch(text))
            databaseStatements.Add(text);
        else if (ExtensionPattern().Match(text) is { Success: true } extension)
            Extensions.Add(Unquote(extension.Groups[1].Value));
        else if (IsCreating || !PlainHead.DropsPublic(text))
            Doubts.Take(text);
        if (RelationPattern().Match(text) is { Success: true } relation)
            (relation.Groups[3].Value.StartsWith("F", StringComparison.OrdinalIgnoreCase) ? foreignTables : views).Add((SchemaOf(relation), Name(relation.Groups[2].Value)));
        if (text.StartsWith("CREATE USER MAPPING", StringComparison.Ordinal) && text.Contains("password", StringComparison.Ordinal))
            secrets.Add("a user mapping contains a password");
        if (TablePattern().Match(text) is { Success: true } table && !PartitionedPattern().IsMatch(text))
            created.Add(new TableName(SchemaOf(table), Name(table.Groups[2].Value)));
        if (AttachPattern().Match(text) is { Success: true } attach)
            attached.Add((new TableName(attach.Groups[3].Success ? Name(attach.Groups[3].Value) : schema, Name(attach.Groups[4].Value)), new TableName(SchemaOf(attach), Name(attach.Groups[2].Value))));
        IsCreating |= CreationPattern().IsMatch(text);
        var named = DumpRoles.NamedIn(text).ToList();
        roles.UnionWith(named);
        if (!DumpRoles.AreIn(text))
            definitionRoles.UnionWith(named);
    }

    /// <summary>Its owner can be whoever executes it.</summary>
    private void TakeCreation(string text)
    {
        creations.Add(text);
        databaseStatements.Add(text);
    }

    /// <summary>Of <c>SET client_encoding</c>; null for any other statement.</summary>
    internal static string? EncodingIn(string text) => EncodingPattern().Match(text) is { Success: true } encoding && !encoding.Groups[1].Value.Equals("DEFAULT", StringComparison.OrdinalIgnoreCase) ? encoding.Groups[1].Value : null;

    private string SchemaIn(string path) =>
        PathPattern().Matches(path).Select(m => m.Value.StartsWith('\'') ? m.Value[1..^1] : Name(m.Value)).FirstOrDefault(s => s is not ("$user" or "pg_catalog")) ?? schema;

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

    [GeneratedRegex(@"\ACREATE (?:OR REPLACE )?(?:RECURSIVE )?(?<3>FOREIGN TABLE|VIEW) (?:IF NOT EXISTS )?(?:" + Identifier + @"\.)?" + Identifier, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex RelationPattern();

    [GeneratedRegex(@"\ACREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(?:" + Identifier + @"\.)?" + Identifier, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TablePattern();

    [GeneratedRegex(@"\)\s*PARTITION BY (?:RANGE|LIST|HASH)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PartitionedPattern();

    /// <summary>The parent and its partition, each with its schema.</summary>
    [GeneratedRegex(@"\bALTER TABLE (?:ONLY )?(?:" + Identifier + @"\.)?" + Identifier + @" ATTACH PARTITION (?:" + Identifier + @"\.)?" + Identifier, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    internal static partial Regex AttachPattern();

    [GeneratedRegex(@"\A(?:" + Identifier + @"\.)?" + Identifier + @"\z", RegexOptions.Singleline)]
    private static partial Regex QualifiedPattern();

    [GeneratedRegex(@"\ASELECT pg_catalog\.setval\(\s*(E?)'((?:[^']|'')+)', (-?\d+), (true|false)\);\s*\z", RegexOptions.Singleline)]
    private static partial Regex SetvalPattern();

    [GeneratedRegex(@"pg_catalog\.lo_create\(")]
    private static partial Regex LargeObjectPattern();

    [GeneratedRegex(@"\ASET (?:SESSION |LOCAL )?search_path ?(?:=|TO\b)(?! ?DEFAULT\b) ?([^;]+);", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SearchPathPattern();

    [GeneratedRegex("""
        "(?:[^"]|"")+"|'[^']*'|[^\s,"']+
        """)]
    private static partial Regex PathPattern();

    [GeneratedRegex(@"\ASET (?:SESSION |LOCAL )?(?:client_encoding ?(?:=|TO)|NAMES) ?['""]?([\w-]+)['""]?;", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex EncodingPattern();

    [GeneratedRegex(@"\A(?:RE)?SET SESSION AUTHORIZATION\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SessionPattern();

    [GeneratedRegex(@"\ACREATE EXTENSION (?:IF NOT EXISTS )?" + Identifier, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ExtensionPattern();

    // A SELECT can create one too.
    [GeneratedRegex(@"\A(?:CREATE (?!DATABASE\b|ROLE\b|USER\b|TABLESPACE\b)|SELECT\b.*\bINTO\b|DO\b|CALL\b)", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex CreationPattern();

    [GeneratedRegex(@"\ASELECT (?:pg_catalog\.)?set_config ?\( ?'search_path' ?, ?'((?:[^']|'')*)'", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PathFunctionPattern();

    [GeneratedRegex(@"\A(?:RESET (?:ALL|search_path)|DISCARD ALL|SET (?:SESSION |LOCAL )?search_path ?(?:=|TO) ?DEFAULT)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ResetPattern();

    [GeneratedRegex(@"\A(?:(?:RE)?SET|BEGIN|START TRANSACTION|COMMIT|END|ROLLBACK|DISCARD|SELECT (?:pg_catalog\.)?set_config ?\()", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SettingPattern();
}

/// <summary>The table a COPY fills.</summary>
/// <param name="Values">How many values a row has; null if it is unknown.</param>
/// <param name="Exact">A line is a row, as in COPY's text format.</param>
internal sealed record CopyTarget(string Schema, string Name, int? Values, bool Exact);
