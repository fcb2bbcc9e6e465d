using System.Collections.Frozen;
using DbSafety.Analysis.Commands;
using DbSafety.Databases;

namespace DbSafety.Analysis;

/// <summary>What changing a column's type means for its values.</summary>
internal static class TypeConversion
{
    /// <summary>The first words of PostgreSQL's own types of columns (https://www.postgresql.org/docs/current/datatype.html), and those of extensions that hold no domains.</summary>
    private static readonly FrozenSet<string> BuiltIn = FrozenSet.Create(StringComparer.Ordinal,
        "bigint", "int8", "bigserial", "serial8", "bit", "varbit", "boolean", "bool", "box", "bytea", "character", "char", "bpchar", "varchar", "national", "nchar", "cidr", "circle", "date",
        "double", "float", "float4", "float8", "inet", "integer", "int", "int4", "interval", "json", "jsonb", "jsonpath", "line", "lseg", "macaddr", "macaddr8", "money", "numeric", "decimal", "dec",
        "path", "pg_lsn", "pg_snapshot", "point", "polygon", "real", "smallint", "int2", "smallserial", "serial2", "serial", "serial4", "text", "time", "timetz", "timestamp", "timestamptz",
        "tsquery", "tsvector", "txid_snapshot", "uuid", "xml", "name", "oid", "regclass", "regtype", "regproc", "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange",
        "int4multirange", "int8multirange", "nummultirange", "tsmultirange", "tstzmultirange", "datemultirange", "citext", "hstore", "ltree", "vector", "halfvec", "sparsevec", "geometry", "geography");

    /// <summary>Whether every value of every type can be converted to it.</summary>
    public static bool TakesEverything(string type) => type.Trim().ToLowerInvariant() is "text" or "varchar" or "character varying" or "pg_catalog.text";

    /// <summary>
    /// Whether PostgreSQL leaves the rows as they are: text and varchar into each other without a shorter limit, a numeric, time or bit string with
    /// more room of the same scale (https://www.postgresql.org/docs/current/sql-altertable.html, notes).
    /// </summary>
    /// <param name="from">As <c>format_type</c> writes it.</param>
    public static bool IsCatalogOnly(string from, string to)
    {
        if (from == to)
            return true;
        var ((oldName, oldLimits), (newName, newLimits)) = (Parts(from), Parts(to));
        var texts = oldName is "text" or "character varying" && newName is "text" or "character varying";
        if (!texts && (oldName != newName || oldName is not ("numeric" or "bit varying" or "timestamp without time zone" or "timestamp with time zone" or "time without time zone" or "time with time zone" or "interval")))
            return false;
        if (newLimits.Length == 0)
            return true;
        return oldLimits.Length == newLimits.Length && oldLimits[0] <= newLimits[0] && (oldLimits.Length < 2 || oldLimits[1] == newLimits[1]);
    }

    /// <summary>It is none of PostgreSQL's own types by its looks: it stands in a schema, or in quotes, or its name is not one of theirs.</summary>
    public static bool IsUserDefined(string type) => TypeName(type) is var name && (name.Schema is not (null or "pg_catalog") || !BuiltIn.Contains(name.Name));

    /// <summary>An enum that the same set made.</summary>
    public static bool IsNewEnum(string type, StatementContext context) => context.History.Types.Labels(TypeName(type)) is not null;

    public static LiveQuestion Question(LiveFactKind kind, RelationName table, TableAction.ChangeType change, StatementContext context)
    {
        var live = context.History.LiveColumn(table, change.Column);
        return new LiveQuestion(kind, context.History.Live(table))
        {
            Column = live,
            // Under another name USING's text would not fit the live table; a type that the set makes is not there yet.
            Condition = (live == change.Column || change.Using is null) && !context.History.Types.IsMade(TypeName(change.Type)) ? $"({change.Using ?? SqlName.Quote(live)})::{change.Type}" : null,
        };
    }

    public static RelationName TypeName(string type) =>
        new TokenCursor(SqlSplitter.Split(type) is [var only] ? only.Tokens : []).TakeRelation(null) ?? new RelationName(null, type);

    /// <summary><c>timestamp(3) without time zone</c> is <c>timestamp without time zone</c> and 3.</summary>
    private static (string Name, int[] Limits) Parts(string type)
    {
        var (open, close) = (type.IndexOf('(', StringComparison.Ordinal), type.IndexOf(')', StringComparison.Ordinal));
        if (open < 0 || close < open)
            return (type, []);
        var limits = type[(open + 1)..close].Split(',').Select(l => int.TryParse(l, out var limit) ? limit : -1).ToArray();
        return (type[..open] + type[(close + 1)..], limits);
    }
}
