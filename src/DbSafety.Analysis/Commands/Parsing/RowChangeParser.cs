using DbSafety.Analysis.Commands.Parsing.Values;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing;

/// <summary>Reads one INSERT, UPDATE or DELETE, whose first word was taken already.</summary>
internal static class RowChangeParser
{
    public static RowChange? Delete(TokenCursor cursor, string? schema)
    {
        if (!cursor.Take("from") || Target.Take(cursor, schema) is not { } target)
            return null;
        var end = cursor.Find("returning");
        var where = Math.Min(cursor.Find("where"), end);
        var join = Math.Min(cursor.Find("using"), where);
        return new RowChange(RowChangeKind.Delete, target.Table, target.From, where < end ? cursor.Text(where, end) : null, join < where)
        {
            Alias = target.Alias,
            Others = join < where ? cursor.Text(join + 1, where) : null,
            IsAlwaysTrue = where < end && IsTrue(cursor, where + 1, end),
        };
    }

    public static RowChange? Update(TokenCursor cursor, string? schema)
    {
        if (Target.Take(cursor, schema) is not { } target)
            return null;
        var set = cursor.Find("set");
        if (set >= cursor.Count || !cursor.TokenAt(set).Is("set"))
            return null;
        cursor.BackTo(set + 1);
        var end = cursor.Find("returning");
        var where = Math.Min(cursor.Find("where"), end);
        var join = Math.Min(FindFrom(cursor), where);
        var assigned = Assignments.Take(cursor, join, target.Alias);
        return new RowChange(RowChangeKind.Update, target.Table, target.From, where < end ? cursor.Text(where, end) : null, join < where)
        {
            Columns = assigned.Columns,
            Nulled = assigned.Nulled,
            Defaulted = assigned.Defaulted,
            NeverNull = assigned.NeverNull,
            Kept = assigned.Kept,
            Filled = assigned.Filled,
            Filling = assigned.Filling,
            Same = assigned.Same,
            Computed = assigned.Computed,
            IsDerived = assigned.IsDerived,
            Alias = target.Alias,
            Others = join < where ? cursor.Text(join + 1, where) : null,
            IsAlwaysTrue = where < end && IsTrue(cursor, where + 1, end),
        };
    }

    /// <summary>With ON CONFLICT DO UPDATE it may also overwrite: rows that are listed, or as many as a query gives.</summary>
    public static IReadOnlyList<RowChange> Insert(TokenCursor cursor, string? schema)
    {
        if (!cursor.Take("into") || Target.Take(cursor, schema) is not { } target)
            return [];
        var from = cursor.Position;
        var listed = Listed(cursor);
        cursor.BackTo(from);
        var insert = new RowChange(RowChangeKind.Insert, target.Table, "", null, Joins: false) { Listed = listed };
        cursor.BackTo(cursor.Find("conflict"));
        var rows = cursor.Position;
        if (!cursor.Take("conflict"))
            return [insert];
        var key = IsOfNames(cursor) ? cursor.TakeNamesInParentheses() : [];
        cursor.BackTo(cursor.Find("do"));
        if (!cursor.Take("do", "update", "set"))
            return [insert];
        var assigned = Assignments.Take(cursor, Math.Min(cursor.Find("where"), cursor.Find("returning")), target.Alias);
        var end = cursor.Position;
        var given = InsertedValues.Read(cursor, from, rows);
        cursor.BackTo(end);
        var where = cursor.At("where") ? cursor.Text(end, cursor.Find("returning")) : null;
        var isQuery = ReadsTables(cursor, from, rows);
        var conflicting = isQuery ? null : given.Conflicting(key, target.Alias);
        List<string> nulled = [.. assigned.Nulled, .. assigned.Proposed.Where(given.IsNull)], defaulted = [.. assigned.Defaulted, .. assigned.Proposed.Where(given.IsDefault)];
        return
        [
            insert,
            new RowChange(RowChangeKind.Update, target.Table, isQuery || (nulled.Count + defaulted.Count > 0 && (conflicting is not null || defaulted.Count > assigned.Defaulted.Count)) ? target.From : "", conflicting, Joins: true)
            {
                Columns = assigned.Columns,
                Nulled = nulled,
                Defaulted = defaulted,
                NeverNull = assigned.NeverNull,
                Kept = assigned.Kept,
                Filled = assigned.Filled,
                // What conflicts has this value already.
                Same = [.. assigned.Same, .. assigned.Proposed.Intersect(key)],
                Computed = assigned.OfProposed,
                Proposed = ProposedRows.Read(cursor, from, rows, key) is { } proposed ? proposed with { Where = where } : null,
                IsDerived = assigned.IsDerived,
                Alias = target.Alias,
                IsUncountable = conflicting is null,
            },
        ];
    }

    /// <summary>Of columns alone: neither expressions nor operator classes.</summary>
    private static bool IsOfNames(TokenCursor cursor)
    {
        for (var i = cursor.Position; cursor.AtMark('(') && i + 2 < cursor.Count && cursor.TokenAt(i + 1).IsName; i += 2)
        {
            if (cursor.TokenAt(i + 2).IsMark(')'))
                return true;
            if (!cursor.TokenAt(i + 2).IsMark(','))
                return false;
        }

        return false;
    }

    /// <summary>None where a query is in the parentheses, or a default is asked for.</summary>
    private static List<string> Listed(TokenCursor cursor)
    {
        if (!cursor.AtMark('(') || cursor.Position + 1 >= cursor.Count || cursor.TokenAt(cursor.Position + 1) is var first && (!first.IsName || first.Is("select") || first.Is("with") || first.Is("values") || first.Is("table")))
            return [];
        for (var i = cursor.Position; i < cursor.Count; i++)
        {
            if (cursor.TokenAt(i).Is("default"))
                return [];
        }

        return cursor.TakeNamesInParentheses();
    }

    /// <summary>The word before the closing of IS DISTINCT FROM is no FROM of the statement; neither is a word in a string.</summary>
    private static bool ReadsTables(TokenCursor cursor, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            if ((cursor.TokenAt(i).Is("from") && !cursor.TokenAt(i - 1).Is("distinct")) || cursor.TokenAt(i).Is("table"))
                return true;
        }

        return false;
    }

    /// <summary>The FROM of the UPDATE itself, not the one of IS DISTINCT FROM.</summary>
    private static int FindFrom(TokenCursor cursor)
    {
        var from = cursor.Find("from");
        if (from >= cursor.Count || !cursor.TokenAt(from).Is("from") || !cursor.TokenAt(from - 1).Is("distinct"))
            return from;
        var here = cursor.Position;
        cursor.BackTo(from + 1);
        from = FindFrom(cursor);
        cursor.BackTo(here);
        return from;
    }

    /// <summary><c>true</c>, or a literal that equals itself.</summary>
    private static bool IsTrue(TokenCursor cursor, int from, int to)
    {
        while (to - from > 2 && cursor.TokenAt(from).IsMark('(') && cursor.TokenAt(to - 1).IsMark(')'))
            (from, to) = (from + 1, to - 1);
        if (to - from == 1)
            return cursor.TokenAt(from).Is("true");
        return to - from == 3 && cursor.TokenAt(from + 1).IsOperator("=") && cursor.TokenAt(from).Kind is SqlTokenKind.Number or SqlTokenKind.Text
            && cursor.TokenAt(from).Written.SequenceEqual(cursor.TokenAt(to - 1).Written);
    }

    /// <summary>The table that is changed, and how the statement calls it.</summary>
    internal sealed record Target(RelationName Table, string Alias, string From)
    {
        public static Target? Take(TokenCursor cursor, string? schema)
        {
            var only = cursor.Take("only");
            var inParentheses = only && cursor.TakeMark('(');
            if (cursor.TakeRelation(schema) is not { } table)
                return null;
            if (inParentheses)
                cursor.TakeMark(')');
            var named = cursor.Take("as");
            var alias = named || (cursor.Current is { IsName: true } next && !IsClause(next)) ? cursor.TakeName() : null;
            return new Target(table, alias ?? table.Name, $"{(only ? "ONLY " : "")}{table.Sql}{(alias is null ? "" : " AS " + SqlName.Quote(alias))}");
        }

        private static bool IsClause(SqlToken word) =>
            word.Is("set") || word.Is("using") || word.Is("where") || word.Is("returning") || word.Is("values") || word.Is("select") || word.Is("default") || word.Is("overriding")
            || word.Is("with") || word.Is("table") || word.Is("on");
    }

    /// <summary>What follows SET.</summary>
    internal sealed record Assignments(IReadOnlyList<string> Columns, IReadOnlyList<string> Nulled)
    {
        /// <summary>Those that are set to their default.</summary>
        public IReadOnlyList<string> Defaulted { get; private init; } = [];

        /// <summary>Those that are set to what cannot be NULL.</summary>
        public IReadOnlyList<string> NeverNull { get; private init; } = [];

        /// <summary>Those of <see cref="RowChange.Filling"/>.</summary>
        public IReadOnlyList<(string Column, string Sql)> Filling { get; private init; } = [];

        /// <summary>Those whose old values can be derived from the new ones, or which only record when the row was changed.</summary>
        public IReadOnlyList<string> Kept { get; private init; } = [];

        /// <summary>Those that get a value only where they have none.</summary>
        public IReadOnlyList<string> Filled { get; private init; } = [];

        /// <summary>Those of <see cref="RowChange.Computed"/>.</summary>
        public IReadOnlyList<(string Column, string Sql)> Computed { get; private init; } = [];

        /// <summary>As <see cref="Computed"/>, of an upsert: also from the row that was to be inserted.</summary>
        public IReadOnlyList<(string Column, string Sql)> OfProposed { get; private init; } = [];

        /// <summary>Those of <see cref="RowChange.Same"/>.</summary>
        public IReadOnlyList<string> Same { get; private init; } = [];

        /// <summary>Those that an upsert sets to the same column of the row that was to be inserted.</summary>
        public IReadOnlyList<string> Proposed { get; private init; } = [];

        /// <summary>Those, and what a query computes from other rows and is never NULL.</summary>
        public bool IsDerived { get; private init; }

        /// <param name="alias">How the statement calls the table.</param>
        public static Assignments Take(TokenCursor cursor, int end, string alias)
        {
            var (columns, nulled, defaulted, never, kept, filled) = (new List<string>(), new List<string>(), new List<string>(), new List<string>(), new List<string>(), new List<string>());
            var (filling, isDerived, proposed, same) = (new List<(string Column, string Sql)>(), true, new List<string>(), new List<string>());
            var (computed, ofProposed) = (new List<(string Column, string Sql)>(), new List<(string Column, string Sql)>());
            while (cursor.Position < end)
            {
                var names = cursor.AtMark('(') ? cursor.TakeNamesInParentheses() : cursor.TakeName() is { } name ? [name] : [];
                columns.AddRange(names);
                var value = cursor.Position;
                cursor.SkipUntilComma();
                var to = Math.Min(cursor.Position, end);
                // Behind a column's name, an element or a field of it can stand.
                if (value < to && cursor.TokenAt(value).IsOperator("="))
                    Sort(cursor, names, value + 1, to, (nulled, defaulted, never));
                if (names is [var only] && value < to && cursor.TokenAt(value).IsOperator("=") && KeptValue.Is(cursor.Slice(value + 1, to), only))
                    kept.Add(only);
                else
                    isDerived &= names.Count == 1 && value < to && DerivedValue.Is(cursor, value + 1, to);
                if (names is [var own] && value < to && cursor.TokenAt(value).IsOperator("=") && DerivedValue.IsFilled(cursor, value + 1, to, own, alias))
                    filled.Add(own);
                else if (names is [var after] && value < to && cursor.TokenAt(value).IsOperator("=") && DerivedValue.InPlaceOfNull(cursor, value + 1, to, after, alias) is not null)
                    filling.Add((after, cursor.Text(value + 1, to)));
                if (names is [var compared] && value < to && cursor.TokenAt(value).IsOperator("=") && ComputedValue.Is(cursor.Slice(value + 1, to), compared))
                    computed.Add((compared, cursor.Text(value + 1, to)));
                if (names is [var set] && value < to && cursor.TokenAt(value).IsOperator("=") && ComputedValue.IsSteady(cursor.Slice(value + 1, to)))
                    ofProposed.Add((set, cursor.Text(value + 1, to)));
                if (names is [var itself] && to - value is 2 or 4 && cursor.TokenAt(value).IsOperator("=") && cursor.TokenAt(to - 1) is { IsName: true } self && self.Value == itself
                    && (to - value == 2 || (cursor.TokenAt(value + 2).IsMark('.') && cursor.TokenAt(value + 1).Value == alias)))
                {
                    same.Add(itself);
                }

                if (names is [var taken] && to - value == 4 && cursor.TokenAt(value + 1).Is("excluded") && cursor.TokenAt(value + 3).Value == taken)
                    proposed.Add(taken);
                if (cursor.Position >= end || !cursor.TakeMark(','))
                    break;
            }

            cursor.BackTo(end);
            return new Assignments(columns, nulled) { Defaulted = defaulted, NeverNull = never, Kept = kept, Filled = filled, Filling = filling, Proposed = proposed, Same = same, Computed = computed, OfProposed = ofProposed, IsDerived = isDerived };
        }

        private static void Sort(TokenCursor cursor, List<string> names, int from, int to, (List<string> Nulled, List<string> Defaulted, List<string> Never) into)
        {
            var parts = Parts(cursor, names.Count, from, to);
            for (var i = 0; i < names.Count && i < parts.Count; i++)
            {
                var list = parts[i] switch
                {
                    (_, true) => into.Defaulted,
                    (Nullness.Always, _) => into.Nulled,
                    (Nullness.Never, _) => into.Never,
                    _ => null,
                };
                list?.Add(names[i]);
            }
        }

        /// <summary>The values of <c>(a, b) = (1, DEFAULT)</c>, <c>= ROW(…)</c> or <c>= (SELECT …)</c> one by one.</summary>
        private static List<(Nullness Value, bool IsDefault)> Parts(TokenCursor cursor, int names, int from, int to)
        {
            if (from >= to)
                return [];
            if (to - from == 1 && cursor.TokenAt(from).Is("default"))
                return [(Nullness.Unknown, true)];
            var open = cursor.TokenAt(from).Is("row") ? from + 1 : from;
            if (names == 1 && open == from)
                return [(NullnessReader.Of(cursor, from, to), false)];
            if (open >= to || !cursor.TokenAt(open).IsMark('(') || NullnessReader.Closing(cursor, open, to) != to - 1)
                return [];
            if (cursor.TokenAt(open + 1).Is("select") || cursor.TokenAt(open + 1).Is("values"))
                return [.. NullnessReader.OfColumns(cursor, open + 1, to - 1).Select(n => (n, false))];
            var (parts, depth, start) = (new List<(Nullness, bool)>(), 0, open + 1);
            for (var i = start; i < to; i++)
            {
                if (i < to - 1 && !(depth == 0 && cursor.TokenAt(i).IsMark(',')))
                {
                    depth += cursor.TokenAt(i).IsMark('(') || cursor.TokenAt(i).IsMark('[') ? 1 : cursor.TokenAt(i).IsMark(')') || cursor.TokenAt(i).IsMark(']') ? -1 : 0;
                    continue;
                }

                parts.Add((NullnessReader.Of(cursor, start, i), i - start == 1 && cursor.TokenAt(start).Is("default")));
                start = i + 1;
            }

            return parts;
        }
    }
}
