using System.Text.RegularExpressions;
using DbSafety.Databases.Tables;

namespace DbSafety.Backups.Dumps;

/// <summary>
/// Why the rows and sequence values of a script can differ from those of its COPY, INSERT and setval: other statements in it that change them. pg_dump writes no such statements.
/// </summary>
internal sealed partial class CountDoubts
{
    private const int Most = 3, Longest = 60;

    private readonly List<string> statements = [];
    private readonly HashSet<TableName> tables = [];
    private readonly HashSet<string> triggered = new(StringComparer.Ordinal);
    private bool hasKeys;
    private bool hasValues;
    private bool isOpen;

    /// <summary>Statements that can change rows of any table, or rename a table.</summary>
    public long Count { get; private set; }

    /// <summary>The first of them.</summary>
    public IReadOnlyList<string> Statements => statements;

    /// <summary>Tables with INSERT … ON CONFLICT into what can be there.</summary>
    public IReadOnlySet<TableName> Tables => tables;

    /// <summary>The statement that can change values of sequences after they were set; null: none.</summary>
    public string? Sequences { get; private set; }

    /// <summary>A transaction that does not end is rolled back.</summary>
    public bool IsOpen => isOpen;

    public void Add(string statement)
    {
        Count++;
        if (statements.Count < Most)
            statements.Add(Short(statement));
    }

    /// <param name="text">The COPY or INSERT.</param>
    /// <param name="isAppended">It is not in what pg_dump wrote.</param>
    public void TakeRows(TableName table, string text, bool isInsert, bool isAppended)
    {
        if (triggered.Remove(table.Name))
            Add(text);
        if (hasValues && (isInsert || isAppended))
            Sequences ??= Short(text);
        if (isInsert && (hasKeys || isAppended) && ConflictPattern().IsMatch(text))
            tables.Add(table);
    }

    /// <summary>A value of a sequence was set.</summary>
    public void TakeValue() => hasValues = true;

    /// <summary>Any other statement.</summary>
    public void Take(string text)
    {
        hasKeys |= KeyPattern().IsMatch(text);
        if (TriggerPattern().Match(text) is { Success: true } trigger)
            triggered.Add(PlainSection.Unquote(trigger.Groups[1].Value));
        else if (BeginPattern().IsMatch(text))
            isOpen = true;
        else if (CommitPattern().IsMatch(text))
            isOpen = false;
        else if (ValuePattern().IsMatch(text))
            Sequences ??= Short(text);
        else if (RollbackPattern().IsMatch(text))
            RollBack(text);
        else if (ChangesPattern().IsMatch(text) || (SelectPattern().IsMatch(text) && !HarmlessPattern().IsMatch(text)))
            Add(text);
    }

    private void RollBack(string text)
    {
        isOpen = false;
        Add(text);
    }

    private static string Short(string statement) => StatementText.Excerpt(statement, Longest);

    private const string Name = """(?:(?:"(?:[^"]|"")+"|[^\s".(;]+)\.)?(?:"(?:[^"]|"")+"|[^\s".(;]+)""";

    private const string Table = @"(?>(?:IF EXISTS )?(?:ONLY )?" + Name + @" ?\*? ?)";

    [GeneratedRegex(@"\A(?:INSERT|UPDATE|DELETE|TRUNCATE|MERGE|WITH|DO|CALL|EXECUTE|EXPLAIN|IMPORT|ROLLBACK|CREATE (?:GLOBAL |LOCAL )?TEMP(?:ORARY)?|DROP (?:TABLE|SCHEMA|SEQUENCE|EXTENSION|FOREIGN|SERVER|OWNED))\b"
        + @"|\AALTER (?:FOREIGN TABLE|TABLE|SEQUENCE|SCHEMA|VIEW) " + Table + @"(?:RENAME|SET SCHEMA|DETACH)\b"
        + @"|\ACREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(?>" + Name + @") ?(?:\([^)]*\) ?)?(?:USING \w+ |WITH ?\([^)]*\) ?|WITHOUT OIDS |TABLESPACE \S+ )*AS\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ChangesPattern();

    [GeneratedRegex(@"\AALTER SEQUENCE " + Table + @"(?!OWNE|SET LOGGED|SET UNLOGGED|RENAME|SET SCHEMA)|\AALTER TABLE " + Table + @"(?:ALTER (?:COLUMN )?" + Name + @" (?:RESTART|SET (?:START|INCREMENT|MINVALUE|MAXVALUE|CACHE|CYCLE|GENERATED)|DROP IDENTITY)|DROP (?!CONSTRAINT\b))|\ASELECT (?:pg_catalog\.)?(?:setval|nextval) ?\(", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ValuePattern();

    [GeneratedRegex(@"\A(?:ROLLBACK|ABORT)(?! (?:WORK |TRANSACTION )?TO\b)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex RollbackPattern();

    // Those of rows that are inserted.
    [GeneratedRegex(@"\ACREATE (?:OR REPLACE )?(?:(?:CONSTRAINT )?TRIGGER\b.*?\bINSERT\b.*?\bON|RULE " + Name + @" AS ON INSERT TO) (?:(?:""(?:[^""]|"""")+""|[^\s"".(;]+)\.)?(""(?:[^""]|"""")+""|[^\s"".(;]+)", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex TriggerPattern();

    [GeneratedRegex(@"\ACREATE UNIQUE INDEX\b|\A(?:CREATE (?:UNLOGGED )?TABLE|ALTER TABLE)\b.*\b(?:UNIQUE|PRIMARY KEY|EXCLUDE)\b", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex KeyPattern();

    [GeneratedRegex(@"\bON CONFLICT\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ConflictPattern();

    [GeneratedRegex(@"\A(?:BEGIN|START TRANSACTION)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BeginPattern();

    [GeneratedRegex(@"\A(?:COMMIT|END)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex CommitPattern();

    // A SELECT that calls nothing and creates nothing.
    [GeneratedRegex(@"\A(?:SELECT|VALUES|TABLE|FETCH)\b.*(?:\(|\bINTO\b)", RegexOptions.IgnoreCase | RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex SelectPattern();

    // What pg_dump calls.
    [GeneratedRegex(@"\ASELECT (?:(?:pg_catalog\.)?(?:set_config|setval|lo_\w+|lowrite|loread)|pg_catalog\.(?:pg_restore_\w+|binary_upgrade_\w+|pg_extension_config_dump)) ?\(|\ASELECT \* FROM pg_catalog\.pg_restore_\w+\(", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex HarmlessPattern();
}
