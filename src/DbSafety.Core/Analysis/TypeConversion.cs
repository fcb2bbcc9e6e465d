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
    public static bool IsNewEnum(string type, StatementContext context) => context.History.Types.Labels(InPath(TypeName(type), context)) is not null;

    /// <summary>
    /// USING is the column itself, cast to the new type or on its way to it to text, which holds every value: <c>col::type</c>, <c>CAST(col AS type)</c>,
    /// <c>(col::text)::type</c>. Whatever else it computes can make one value of several.
    /// </summary>
    public static bool IsPlainCast(TableAction.ChangeType change)
    {
        if (change.Using is not { } text)
            return true;
        if (SqlSplitter.Split(text) is not [var only])
            return false;
        return IsPlainCast(only.Tokens, 0, only.Tokens.Count, change);
    }

    private static bool IsPlainCast(IReadOnlyList<SqlToken> tokens, int from, int to, TableAction.ChangeType change)
    {
        while (true)
        {
            if (to - from == 1)
                return tokens[from].IsName && tokens[from].Value == change.Column;
            // The last cast is outermost; what is in parentheses stands before it.
            var (depth, cast, closed) = (0, -1, -1);
            for (var i = from; i < to; i++)
            {
                if (tokens[i].IsMark('(') || tokens[i].IsMark('['))
                    depth++;
                else if ((tokens[i].IsMark(')') || tokens[i].IsMark(']')) && --depth == 0 && closed < 0)
                    closed = i;
                else if (depth == 0 && i + 1 < to && tokens[i].IsMark(':') && tokens[i + 1].IsMark(':'))
                    (cast, i) = (i, i + 1);
            }

            if (cast > from)
            {
                if (!KeepsValues(Text(tokens, cast + 2, to), change))
                    return false;
                to = cast;
            }
            else if (tokens[from].IsMark('(') && closed == to - 1)
            {
                (from, to) = (from + 1, to - 1);
            }
            else if (tokens[from].Is("cast") && to - from > 4 && tokens[from + 1].IsMark('(') && closed == to - 1)
            {
                var at = LastAs(tokens, from + 2, to - 1);
                if (at < 0 || !KeepsValues(Text(tokens, at + 1, to - 1), change))
                    return false;
                (from, to) = (from + 2, at);
            }
            else
            {
                return false;
            }
        }
    }

    private static int LastAs(IReadOnlyList<SqlToken> tokens, int from, int to)
    {
        for (var i = to - 1; i >= from; i--)
        {
            if (tokens[i].Is("as"))
                return i;
        }

        return -1;
    }

    private static string Text(IReadOnlyList<SqlToken> tokens, int from, int to) =>
        from >= to ? "" : tokens[from].Source[tokens[from].Start..tokens[to - 1].End];

    private static bool KeepsValues(string type, TableAction.ChangeType change) => TakesEverything(type) || TypeName(type) == TypeName(change.Type) && type.Trim().Length > 0 && IsNameAlone(type);

    /// <summary>No limit, no array, no operator behind it.</summary>
    private static bool IsNameAlone(string type) =>
        SqlSplitter.Split(type) is [var only] && only.Tokens.All(t => t.IsName || t.IsMark('.')) && (only.Tokens.Count == 1 || (only.Tokens.Count == 3 && only.Tokens[1].IsMark('.')));

    /// <summary>As the parser names what the script makes.</summary>
    private static RelationName InPath(RelationName type, StatementContext context) => type.Schema is null ? type with { Schema = context.Script.SearchPath.Schema } : type;

    public static LiveQuestion Question(LiveFactKind kind, RelationName table, TableAction.ChangeType change, StatementContext context)
    {
        var live = context.History.LiveColumn(table, change.Column);
        return new LiveQuestion(kind, context.History.Live(table))
        {
            Column = live,
            // Under another name USING's text would not fit the live table; a type that the set makes is not there yet.
            Condition = (live == change.Column || change.Using is null) && !context.History.Types.IsMade(InPath(TypeName(change.Type), context)) ? $"({change.Using ?? SqlName.Quote(live)})::{change.Type}" : null,
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
