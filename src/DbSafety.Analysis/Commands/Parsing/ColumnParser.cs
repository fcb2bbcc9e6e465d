using DbSafety.Analysis.Commands.Parsing.Values;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing;

/// <summary>Reads column definitions, of CREATE TABLE and of ADD COLUMN.</summary>
internal static class ColumnParser
{
    private static readonly string[] AfterType =
    [
        "constraint", "not", "null", "check", "default", "generated", "unique", "primary", "references", "collate", "deferrable", "initially", "enforced",
        "storage", "compression", "using", "options", "exclude", "cascade", "restrict",
    ];

    /// <summary>Null if no name comes next.</summary>
    public static ColumnDefinition? Take(TokenCursor cursor, string? schema)
    {
        if (cursor.TakeName() is not { } name)
            return null;
        cursor.Take("with", "options");
        var column = new ColumnDefinition(name, TakeType(cursor));
        var constraints = new List<ConstraintDefinition>();
        while (!cursor.AtEnd && !cursor.AtMark(',') && !cursor.AtMark(')'))
        {
            var constraintName = cursor.Take("constraint") ? cursor.TakeName() : null;
            if (cursor.Take("not", "null"))
                (column, _) = (column with { IsNotNull = true }, ConstraintParser.TakeAttributes(cursor));
            else if (cursor.Take("null"))
                continue;
            else if (cursor.Take("default"))
                column = WithDefault(cursor, column);
            else if (cursor.Take("generated"))
                column = WithGeneration(cursor, column);
            else if (ConstraintParser.Take(cursor, constraintName, schema, column.Name) is { } constraint)
                constraints.Add(constraint);
            else if (cursor.TakeAny("storage", "compression", "using"))
                cursor.Skip();
            else if (cursor.Take("collate"))
                cursor.TakeRelation(null);
            else
                SkipOne(cursor);
        }

        return column with { Constraints = constraints, IsNotNull = column.IsNotNull || constraints.Any(c => c.Kind == ConstraintKind.PrimaryKey) };
    }

    /// <summary>A type as written, up to what may follow one.</summary>
    public static string TakeType(TokenCursor cursor)
    {
        var from = cursor.Position;
        if (!cursor.AtEnd && !cursor.AtMark(',') && !cursor.AtMark(')') && !cursor.At("constraint") && !cursor.At("not") && !cursor.At("default")
            && !cursor.At("primary") && !cursor.At("unique") && !cursor.At("check") && !cursor.At("references") && !cursor.At("generated") && !cursor.At("null"))
            cursor.Skip();
        while (!cursor.AtEnd && !cursor.AtMark(',') && !cursor.AtMark(')') && !AtAny(cursor, AfterType))
            SkipOne(cursor);
        return cursor.TextSince(from);
    }

    private static void SkipOne(TokenCursor cursor)
    {
        if (cursor.AtMark('(') || cursor.AtMark('['))
            cursor.SkipParentheses();
        else
            cursor.Skip();
    }

    private static bool AtAny(TokenCursor cursor, string[] words)
    {
        foreach (var word in words)
        {
            if (cursor.At(word))
                return true;
        }

        return false;
    }

    private static ColumnDefinition WithDefault(TokenCursor cursor, ColumnDefinition column)
    {
        var from = cursor.Position;
        SkipExpression(cursor);
        var text = cursor.TextSince(from);
        return column with { SaysDefault = true, Default = text.Equals("null", StringComparison.OrdinalIgnoreCase) ? null : text, VolatileFunction = VolatileFunctions.Find(cursor, from, cursor.Position) };
    }

    private static ColumnDefinition WithGeneration(TokenCursor cursor, ColumnDefinition column)
    {
        cursor.TakeAny("always");
        cursor.Take("by", "default");
        cursor.Take("as");
        if (cursor.Take("identity"))
        {
            if (cursor.AtMark('('))
                cursor.SkipParentheses();
            return column with { IsIdentity = true, IsNotNull = true };
        }

        var expression = cursor.TakeParenthesesText();
        var stored = cursor.Take("stored");
        cursor.Take("virtual");
        return column with { Generation = stored ? ColumnGeneration.Stored : ColumnGeneration.Virtual, Generated = expression };
    }

    /// <summary>A default ends where another constraint of the column begins; inside CASE … END these words belong to it.</summary>
    private static void SkipExpression(TokenCursor cursor)
    {
        var cases = 0;
        var from = cursor.Position;
        while (!cursor.AtEnd && !(cases == 0 && (cursor.AtMark(',') || cursor.AtMark(')'))))
        {
            cases += cursor.At("case") ? 1 : cursor.At("end") && cases > 0 ? -1 : 0;
            if (cases == 0 && cursor.Position > from && EndsExpression(cursor))
                return;
            SkipOne(cursor);
        }
    }

    private static bool EndsExpression(TokenCursor cursor)
    {
        if (cursor.At("not"))
            return cursor.At("not", "null") || cursor.At("not", "deferrable") || cursor.At("not", "valid") || cursor.At("not", "enforced");
        // x IS NULL and x IS NOT DISTINCT FROM y are expressions.
        return !cursor.TokenAt(cursor.Position - 1).Is("is") && cursor.TokenAt(cursor.Position - 1) is var before && !before.IsMark('.') && AtAny(cursor, AfterType)
            && !(cursor.At("default") && before.Kind == SqlTokenKind.Operator);
    }
}
