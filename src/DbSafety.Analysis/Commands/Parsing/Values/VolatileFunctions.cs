using System.Collections.Frozen;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing.Values;

/// <summary>
/// Finds functions that may give each row a value of its own, so that PostgreSQL must write every row
/// (https://www.postgresql.org/docs/current/sql-altertable.html, notes; volatility as in pg_proc of PostgreSQL 18).
/// </summary>
internal static class VolatileFunctions
{
    /// <summary>Immutable and stable functions that defaults are made of. A function that is not among them counts as volatile, as one is if nothing else is said.</summary>
    private static readonly FrozenSet<string> Steady = FrozenSet.Create(StringComparer.Ordinal,
        "now", "transaction_timestamp", "statement_timestamp", "current_timestamp", "localtimestamp", "current_time", "localtime", "current_date", "timezone",
        "date_trunc", "date_part", "make_date", "make_time", "make_timestamp", "make_timestamptz", "make_interval", "to_char", "to_date", "to_timestamp",
        "to_number", "age", "extract", "justify_interval", "lower", "upper", "initcap", "concat", "concat_ws", "format", "length", "left", "right", "lpad",
        "rpad", "trim", "btrim", "ltrim", "rtrim", "replace", "repeat", "reverse", "substr", "substring", "split_part", "md5", "sha256", "encode", "decode",
        "regexp_replace", "translate", "ascii", "chr", "abs", "ceil", "ceiling", "floor", "round", "trunc", "power", "sqrt", "mod", "greatest", "least",
        "coalesce", "nullif", "array_fill", "string_to_array", "array_to_string", "to_json", "to_jsonb", "json_build_object", "json_build_array",
        "jsonb_build_object", "jsonb_build_array", "json_object", "jsonb_object", "row", "array", "cast", "numrange", "int4range", "int8range", "daterange",
        "tsrange", "tstzrange", "to_tsvector", "to_tsquery", "current_setting", "current_user", "session_user", "current_database", "current_schema",
        "point", "box", "int4", "int8", "text", "date", "interval", "numeric", "decimal", "varchar", "char", "character", "bit", "varbit", "time", "timestamp",
        "timestamptz", "timetz", "float", "in", "any", "all", "some", "values", "and", "or", "not", "uuid_nil", "empty_blob", "hstore");

    /// <summary>The first of them in these tokens.</summary>
    public static string? Find(TokenCursor cursor, int from, int to)
    {
        for (var i = from; i + 1 < to; i++)
        {
            var token = cursor.TokenAt(i);
            if (!token.IsName || !cursor.TokenAt(i + 1).IsMark('('))
                continue;
            // ::numeric(10, 2) and AS varchar(3) are types.
            var isType = i > from && (cursor.TokenAt(i - 1).IsMark(':') || cursor.TokenAt(i - 1).Is("as") || cursor.TokenAt(i - 1).Is("varying"));
            if (!isType && !Steady.Contains(token.Value))
                return token.Value;
        }

        return null;
    }
}
