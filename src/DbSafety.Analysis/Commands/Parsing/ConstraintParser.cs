using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing;

/// <summary>Reads constraints, of tables, columns and domains.</summary>
internal static class ConstraintParser
{
    /// <param name="name">What follows CONSTRAINT; null if nothing does.</param>
    /// <param name="column">The column it is written at; null for a table's or a domain's constraint.</param>
    /// <returns>Null if no constraint comes next.</returns>
    public static ConstraintDefinition? Take(TokenCursor cursor, string? name, string? schema, string? column = null)
    {
        var from = cursor.Position;
        if (Kind(cursor) is not { } kind)
            return null;
        var constraint = new ConstraintDefinition(kind, name, "") { Columns = column is null ? [] : [column] };
        constraint = kind switch
        {
            ConstraintKind.Check => constraint with { Expression = cursor.AtMark('(') ? cursor.TakeParenthesesText() : null },
            ConstraintKind.Exclude => Exclusion(cursor, constraint),
            ConstraintKind.ForeignKey => References(cursor, constraint, schema, isInline: column is not null),
            ConstraintKind.NotNull => constraint with { Columns = cursor.TakeName() is { } required ? [required] : constraint.Columns },
            _ => Keys(cursor, constraint),
        };
        var (text, end) = (cursor.TextSince(from), cursor.Position);
        var notValid = TakeAttributes(cursor);
        return constraint with { Text = text, IsNotValid = notValid, Attributes = notValid ? "" : cursor.TextSince(end) };
    }

    /// <summary>Steps over what any constraint may end with.</summary>
    /// <returns>Whether the rows that are there are left alone: NOT VALID, NOT ENFORCED.</returns>
    public static bool TakeAttributes(TokenCursor cursor)
    {
        var notValid = false;
        while (true)
        {
            if (cursor.Take("not", "valid") || cursor.Take("not", "enforced"))
                notValid = true;
            else if (!(cursor.Take("no", "inherit") || cursor.Take("not", "deferrable") || cursor.Take("deferrable") || cursor.Take("enforced")
                || cursor.Take("initially", "deferred") || cursor.Take("initially", "immediate")))
                return notValid;
        }
    }

    private static ConstraintKind? Kind(TokenCursor cursor) =>
        cursor.Take("check") ? ConstraintKind.Check
        : cursor.Take("exclude") ? ConstraintKind.Exclude
        : cursor.Take("foreign", "key") || cursor.At("references") ? ConstraintKind.ForeignKey
        : cursor.Take("primary", "key") ? ConstraintKind.PrimaryKey
        : cursor.Take("unique") ? ConstraintKind.Unique
        : cursor.Take("not", "null") ? ConstraintKind.NotNull
        : null;

    private static ConstraintDefinition Keys(TokenCursor cursor, ConstraintDefinition constraint)
    {
        if (cursor.Take("using", "index"))
            return constraint with { UsingIndex = cursor.TakeName() };
        var notDistinct = cursor.Take("nulls", "not", "distinct");
        cursor.Take("nulls", "distinct");
        var columns = cursor.AtMark('(') ? cursor.TakeNamesInParentheses() : constraint.Columns;
        var (include, storage) = TakeIndexParameters(cursor);
        return constraint with { NullsNotDistinct = notDistinct, Columns = columns, Include = include, Storage = storage };
    }

    private static ConstraintDefinition Exclusion(TokenCursor cursor, ConstraintDefinition constraint)
    {
        if (cursor.Take("using"))
            cursor.TakeName();
        if (cursor.AtMark('('))
            cursor.SkipParentheses();
        TakeIndexParameters(cursor);
        if (cursor.Take("where"))
            cursor.SkipParentheses();
        return constraint;
    }

    private static (string Include, string Storage) TakeIndexParameters(TokenCursor cursor)
    {
        var from = cursor.Position;
        if (cursor.Take("include"))
            cursor.SkipParentheses();
        var (include, with) = (cursor.TextSince(from), cursor.Position);
        if (cursor.At("with") && !cursor.At("with", "options"))
        {
            cursor.Skip();
            cursor.SkipParentheses();
        }

        var storage = cursor.TextSince(with);
        return (include, cursor.Take("using", "index", "tablespace") && cursor.TakeName() is { } tablespace ? $"{storage} TABLESPACE {SqlName.Display(tablespace)}".TrimStart() : storage);
    }

    private static ConstraintDefinition References(TokenCursor cursor, ConstraintDefinition constraint, string? schema, bool isInline)
    {
        var columns = isInline ? constraint.Columns : cursor.TakeNamesInParentheses();
        if (!cursor.Take("references") || cursor.TakeRelation(schema) is not { } referenced)
            return constraint with { Columns = columns };
        var referencedColumns = cursor.TakeNamesInParentheses();
        constraint = constraint with { Columns = columns, Referenced = referenced, ReferencedColumns = referencedColumns };
        while (true)
        {
            if (cursor.Take("match"))
                cursor.TakeAny("full", "partial", "simple");
            else if (cursor.Take("on", "delete"))
                constraint = constraint with { OnDelete = TakeAction(cursor), SetColumns = cursor.AtMark('(') ? cursor.TakeNamesInParentheses() : [] };
            else if (cursor.Take("on", "update"))
                constraint = constraint with { OnUpdate = TakeAction(cursor) };
            else
                return constraint;
        }
    }

    /// <summary>As pg_constraint calls it.</summary>
    private static char TakeAction(TokenCursor cursor)
    {
        if (cursor.Take("cascade"))
            return 'c';
        if (cursor.Take("restrict"))
            return 'r';
        if (cursor.Take("set", "null"))
            return 'n';
        if (cursor.Take("set", "default"))
            return 'd';
        cursor.Take("no", "action");
        return 'a';
    }
}
