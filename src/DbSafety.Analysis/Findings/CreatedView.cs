using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Findings;

/// <summary>
/// A view that the set creates. A change of its rows is one of those of the table that it reads (https://www.postgresql.org/docs/current/sql-createview.html, updatable views).
/// </summary>
/// <param name="Query">Its query, which the live database can be asked in place of the view.</param>
/// <param name="Names">Its columns, in parentheses; empty if they are those of the query.</param>
/// <param name="Base">The table that it reads; null if it is not one alone, so that its rows cannot be changed but by a rule or a trigger.</param>
internal sealed record CreatedView(string Query, string Names, RelationName? Base)
{
    /// <summary>Its columns as the table calls them; empty: by the same names.</summary>
    private IReadOnlyDictionary<string, string> Columns { get; init; } = new Dictionary<string, string>();

    /// <summary>The name can mean something else too: another session's, after a rollback, or where a block did not run.</summary>
    public bool IsUncertain { get; init; }

    /// <summary>Its query names that column, or all columns.</summary>
    public bool MayUse(string column) => SqlSplitter.Split(Query) is [var query]
        && query.Tokens.Any(t => t.IsOperator("*") || (t.IsName && t.Value == column));

    /// <summary>CREATE VIEW; null if it cannot be read.</summary>
    /// <param name="known">The views that the set created before.</param>
    public static CreatedView? Of(SqlStatement statement, string? schema, Func<RelationName, CreatedView?> known)
    {
        var cursor = new TokenCursor(statement.Tokens);
        cursor.BackTo(cursor.Find("view"));
        if (!cursor.Take("view") || cursor.TakeRelation(schema) is null)
            return null;
        var names = cursor.AtMark('(') ? new TokenCursor(statement.Tokens, cursor.Position).TakeNamesInParentheses() : [];
        cursor.BackTo(cursor.Find("as"));
        return cursor.Take("as") ? OfQuery(statement, cursor.Position, End(statement), names, schema, known) : null;
    }

    /// <summary>A rule ON SELECT, which turns a table into a view.</summary>
    /// <inheritdoc cref="Of"/>
    public static CreatedView? OfRule(SqlStatement statement, string? schema, Func<RelationName, CreatedView?> known)
    {
        var cursor = new TokenCursor(statement.Tokens);
        cursor.BackTo(cursor.Find("do"));
        cursor.Take("do");
        cursor.Take("instead");
        return cursor.At("select") || cursor.At("with") ? OfQuery(statement, cursor.Position, statement.Tokens.Count, [], schema, known) : null;
    }

    /// <summary>The change as one of the view's query; of its base table.</summary>
    public RowChange Behind(RowChange change)
    {
        string Named(string column) => Columns.GetValueOrDefault(column) ?? column;
        return change with
        {
            From = change.From.Length == 0 ? "" : $"({Query}) AS {SqlName.Quote(change.Alias)}{Names}",
            Behind = new ViewedRows(Base ?? change.Table, Named),
        };
    }

    private static CreatedView OfQuery(SqlStatement statement, int from, int to, List<string> names, string? schema, Func<RelationName, CreatedView?> known)
    {
        var list = names.Count == 0 ? "" : $"({string.Join(", ", names.Select(SqlName.Quote))})";
        var cursor = new TokenCursor([.. statement.Tokens.Take(to)], from);
        var columns = ColumnsOf(statement.Tokens, from, to, names);
        if (BaseOf(cursor, schema, out var at) is not { } table)
            return new CreatedView(statement.TextOf(from, to), list, null);
        if (known(table) is not { } inner)
            return new CreatedView(statement.TextOf(from, to), list, table) { Columns = columns };
        // A view of a view: the query of the inner one takes the place of its name.
        var hasAlias = cursor.At("as") || (cursor.Current is { IsName: true } next && !next.Is("where") && !next.Is("order") && !next.Is("for"));
        var query = $"{statement.TextOf(from, at)} (SELECT * FROM ({inner.Query}) AS dbsafety_view{inner.Names}){(hasAlias ? "" : " AS " + SqlName.Quote(table.Name))} {statement.TextOf(cursor.Position, to)}";
        return new CreatedView(query, list, inner.Base) { Columns = columns.Count == 0 ? inner.Columns : columns.ToDictionary(c => c.Key, c => inner.Columns.GetValueOrDefault(c.Value) ?? c.Value, StringComparer.Ordinal) };
    }

    /// <summary>WITH CHECK OPTION follows the query.</summary>
    private static int End(SqlStatement statement)
    {
        var tokens = statement.Tokens;
        for (var i = Math.Max(0, tokens.Count - 4); i + 2 < tokens.Count; i++)
        {
            if (tokens[i].Is("with") && tokens[^1].Is("option") && tokens[^2].Is("check"))
                return i;
        }

        return tokens.Count;
    }

    /// <summary>What stands alone after FROM.</summary>
    /// <param name="at">The token that its name begins at; behind the name is where the cursor stays.</param>
    private static RelationName? BaseOf(TokenCursor cursor, string? schema, out int at)
    {
        at = cursor.Position;
        if (!cursor.At("select"))
            return null;
        cursor.BackTo(cursor.Find("from"));
        if (!cursor.Take("from"))
            return null;
        cursor.Take("only");
        at = cursor.Position;
        if (cursor.TakeRelation(schema) is not { } table)
            return null;
        return cursor.Find("join", "union", "intersect", "except", "group", "limit", "offset") < cursor.Count || HasComma(cursor) ? null : table;
    }

    private static bool HasComma(TokenCursor cursor)
    {
        var end = Math.Min(cursor.Find("where"), cursor.Find("order"));
        for (var i = cursor.Position; i < end; i++)
        {
            if (cursor.TokenAt(i).IsMark(','))
                return true;
        }

        return false;
    }

    /// <summary>Of a select list of plain columns: <c>a</c>, <c>t.a</c>, <c>a AS b</c>.</summary>
    private static Dictionary<string, string> ColumnsOf(IReadOnlyList<SqlToken> tokens, int from, int to, List<string> names)
    {
        var columns = new Dictionary<string, string>(StringComparer.Ordinal);
        var (start, depth, at) = (from + 1, 0, 0);
        for (var i = start; i < to; i++)
        {
            depth += tokens[i].IsMark('(') ? 1 : tokens[i].IsMark(')') ? -1 : 0;
            var ends = depth == 0 && tokens[i].Is("from");
            if (!ends && !(depth == 0 && tokens[i].IsMark(',')))
                continue;
            var own = start;
            while (own + 2 < i && tokens[own].IsName && tokens[own + 1].IsMark('.'))
                own += 2;
            if (own < i && tokens[own].IsName)
            {
                var alias = own + 1 == i ? own : own + 2 == i ? own + 1 : own + 3 == i && tokens[own + 1].Is("as") ? own + 2 : -1;
                if (alias >= 0 && tokens[alias].IsName)
                    columns[at < names.Count ? names[at] : tokens[alias].Value] = tokens[own].Value;
            }

            (start, at) = (i + 1, at + 1);
            if (ends)
                break;
        }

        return columns;
    }
}
