using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing;

/// <summary>Reads what follows COPY.</summary>
internal static class CopyParser
{
    public static Command Parse(TokenCursor cursor, string? schema)
    {
        cursor.Take("binary");
        if (cursor.AtMark('('))
            return new Command.Query { Changes = QueryParser.Changes(cursor, schema) };
        if (cursor.TakeRelation(schema) is not { } table)
            return new Command.Unknown();
        if (cursor.AtMark('('))
            cursor.SkipParentheses();
        var isInput = cursor.Take("from");
        if (!isInput && !cursor.Take("to"))
            return new Command.Unknown();
        return new Command.Copy(table, isInput) { Changes = isInput ? [new RowChange(RowChangeKind.Insert, table, "", null, Joins: false)] : [] };
    }
}
