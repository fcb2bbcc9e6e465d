using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Commands.Parsing.Values;

/// <summary>The columns and, with VALUES, the rows of an INSERT: what is not listed gets its default.</summary>
internal sealed class InsertedValues
{
    private readonly List<string> columns = [];
    private readonly List<List<(string Text, bool IsNull, bool IsDefault)>> rows = [];

    /// <summary>In all rows.</summary>
    public bool IsNull(string column) => Of(column) is { Count: > 0 } values && values.TrueForAll(v => v.IsNull);

    /// <summary>In all rows, for which it is listed with DEFAULT or not listed.</summary>
    public bool IsDefault(string column) => (columns.Count > 0 && !columns.Contains(column)) || (Of(column) is { Count: > 0 } values && values.TrueForAll(v => v.IsDefault));

    /// <summary>A condition for the rows of the table with which they conflict; null if the statement does not show it.</summary>
    /// <param name="key">The columns after ON CONFLICT.</param>
    public string? Conflicting(IReadOnlyList<string> key, string alias)
    {
        var values = key.Select(Of).ToList();
        if (key.Count == 0 || rows.Count == 0 || values.Exists(v => v.Count < rows.Count || v.Exists(i => i.IsDefault)))
            return null;
        var tuples = Enumerable.Range(0, rows.Count).Select(i => $"({string.Join(", ", values.Select(v => v[i].Text))})");
        return $"where ({string.Join(", ", key.Select(c => SqlName.Quote(alias, c)))}) IN ({string.Join(", ", tuples)})";
    }

    /// <param name="from">After the table.</param>
    public static InsertedValues Read(TokenCursor cursor, int from, int to)
    {
        var read = new InsertedValues();
        cursor.BackTo(from);
        // A query in parentheses lists no columns.
        if (!cursor.AtMark('(') || from + 2 >= to || !(cursor.TokenAt(from + 2).IsMark(',') || cursor.TokenAt(from + 2).IsMark(')')))
            return read;
        read.columns.AddRange(cursor.TakeNamesInParentheses());
        if (cursor.Take("overriding"))
            cursor.BackTo(cursor.Position + 2);
        if (!cursor.Take("values"))
            return read;
        do
        {
            var row = new List<(string, bool, bool)>();
            if (!cursor.TakeMark('('))
                break;
            do
            {
                var (start, end) = (cursor.Position, End(cursor, to));
                row.Add((cursor.Text(start, end), NullnessReader.Of(cursor, start, end) == Nullness.Always, end - start == 1 && cursor.TokenAt(start).Is("default")));
                cursor.BackTo(end);
            }
            while (cursor.TakeMark(','));
            read.rows.Add(row);
        }
        while (cursor.TakeMark(')') && cursor.TakeMark(','));
        return read;
    }

    private List<(string Text, bool IsNull, bool IsDefault)> Of(string column) =>
        columns.IndexOf(column) is var at and >= 0 ? [.. rows.Where(r => r.Count > at).Select(r => r[at])] : [];

    /// <summary>The comma or the closing of the row.</summary>
    private static int End(TokenCursor cursor, int to)
    {
        var depth = 0;
        for (var i = cursor.Position; i < to; i++)
        {
            var token = cursor.TokenAt(i);
            if (depth == 0 && (token.IsMark(',') || token.IsMark(')')))
                return i;
            depth += token.IsMark('(') || token.IsMark('[') ? 1 : token.IsMark(')') || token.IsMark(']') ? -1 : 0;
        }

        return to;
    }
}
