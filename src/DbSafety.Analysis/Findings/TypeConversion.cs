using System.Collections.Frozen;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Findings.Live;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

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

    /// <summary>A type of text, of any length.</summary>
    public static bool IsText(string type) =>
        LengthChange.Parts(type.Trim().ToLowerInvariant()).Name.TrimEnd() is "text" or "varchar" or "character varying" or "char" or "character" or "bpchar" or "citext";

    /// <summary>There is no assignment cast from text to it: without USING, PostgreSQL refuses it.</summary>
    public static bool NeedsUsing(string type) => LengthChange.Parts(type.Trim().ToLowerInvariant()).Name.Trim() is "smallint" or "int2" or "integer" or "int" or "int4" or "bigint" or "int8" or "numeric" or "decimal"
        or "real" or "float4" or "float8" or "double precision" or "boolean" or "bool" or "date" or "time" or "timetz" or "timestamp" or "timestamptz" or "timestamp with time zone" or "timestamp without time zone"
        or "interval" or "uuid" or "json" or "jsonb" or "bytea" or "inet" or "cidr" or "money";

    /// <summary>It is none of PostgreSQL's own types by its looks: it is in a schema, or in quotes, or its name is not one of theirs.</summary>
    public static bool IsUserDefined(string type) => TypeName(type) is var name && (name.Schema is not (null or "pg_catalog") || !BuiltIn.Contains(name.Name));

    /// <summary>An enum that the same set created.</summary>
    public static bool IsNewEnum(string type, StatementContext context) => context.History.Types.Labels(InPath(TypeName(type), context)) is not null;

    /// <summary>
    /// USING is the column itself, cast to the new type or on its way to it to text, which holds every value: <c>col::type</c>, <c>CAST(col AS type)</c>,
    /// <c>(col::text)::type</c>. Whatever else it computes can make one value of several.
    /// </summary>
    public static bool IsPlainCast(TableAction.ChangeType change) =>
        change.Using is not { } text || CastChain.Read(text, change.Column) is { } casts && casts.All(t => KeepsValues(t, change));

    /// <summary>The function that does what the cast does, of the type of an extension.</summary>
    private static TableAction.ChangeType AsCast(TableAction.ChangeType change) =>
        change.Using is { } text && SqlSplitter.Split(text) is [{ Tokens: [var name, var open, .., var close] tokens }] && name.Is("text2ltree") && open.IsMark('(') && close.IsMark(')')
            ? change with { Using = tokens[2].Source[tokens[2].Start..close.Start] } : change;

    private static bool KeepsValues(string type, TableAction.ChangeType change) => TakesEverything(type) || TypeName(type) == TypeName(change.Type) && type.Trim().Length > 0 && IsNameAlone(type);

    /// <summary>No limit, no array, no operator behind it.</summary>
    private static bool IsNameAlone(string type) =>
        SqlSplitter.Split(type) is [var only] && only.Tokens.All(t => t.IsName || t.IsMark('.')) && (only.Tokens.Count == 1 || (only.Tokens.Count == 3 && only.Tokens[1].IsMark('.')));

    /// <summary>As the parser names what the script makes.</summary>
    private static RelationName InPath(RelationName type, StatementContext context) => type.Schema is null ? type with { Schema = context.Script.SearchPath.Schema } : type;

    /// <summary>Of the serial types there is none in the catalog.</summary>
    private static string? Given(RelationName table, TableAction.ChangeType change, StatementContext context) =>
        context.History.GivenType(table, change.Column) is { } given && !context.History.Types.IsOfSet(InPath(TypeName(given), context)) && !given.Contains("serial", StringComparison.OrdinalIgnoreCase) ? given : null;

    /// <param name="alter">The statement.</param>
    public static LiveQuestion Question(LiveFactKind kind, RelationName table, TableAction.ChangeType change, Command alter, StatementContext context)
    {
        var live = context.History.LiveColumn(table, change.Column);
        var type = change.Using is null && context.History.Types.BaseOf(InPath(TypeName(change.Type), context)) is { } domainBase ? domainBase : change.Type;
        // What is not there yet cannot be tried, but text can.
        if (kind == LiveFactKind.Changed && context.History.Types.IsOfNewExtension(TypeName(type).Name) && IsNameAlone(type) && IsPlainCast(AsCast(change)))
            (type, change) = ("text", change with { Using = null });
        // Under another name USING's text would not fit the live table; a type that the set creates is not there yet.
        var isLive = (live == change.Column || change.Using is null) && !context.History.Types.IsOfSet(InPath(TypeName(type), context));
        var dropsDefault = alter is Command.AlterTable { Actions: var actions } && actions.Any(a => a is TableAction.DropDefault drop && drop.Column == change.Column);
        return new LiveQuestion(kind, context.History.Live(table))
        {
            Column = live,
            Proves = context.Proves(table) && !context.History.IsRetyped(table, change.Column),
            TypeChange = !isLive ? null : new LiveTypeChange(type, change.Using)
            {
                Casts = change.Using is { } expression ? CastChain.Read(expression, change.Column) : [],
                From = Given(table, change, context),
                IsEnumIfMissing = context.History.Types.IsConditionalEnum(InPath(TypeName(type), context)) && IsPlainCast(change),
                Collates = change.Collates,
                IsRetyped = context.History.IsRetyped(table, change.Column),
                InBody = context.InBody,
                KeepsDefault = !dropsDefault && !context.History.HasNewDefault(table, change.Column),
                KeepsObjects = !context.History.HasDroppedObjects && !(alter is Command.AlterTable { Actions: var others } && others.Any(a => a is TableAction.DropConstraint)),
                HasNewObjects = context.History.HasBuiltOn(table, change.Column),
                IsZoneKnown = !context.InBody && !context.Script.SetsTimeZone,
            },
        };
    }

    public static RelationName TypeName(string type) =>
        new TokenCursor(SqlSplitter.Split(type) is [var only] ? only.Tokens : []).TakeRelation(null) ?? new RelationName(null, type);
}
