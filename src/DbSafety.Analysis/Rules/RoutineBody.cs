using System.Text.RegularExpressions;
using DbSafety.Analysis.Commands;
using DbSafety.Analysis.Commands.Parsing;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Rules;

/// <summary>
/// The SQL inside DO blocks and routine bodies. It is read as far as its statements are static; what is put
/// together at run time stays unseen, which the rules do-block and dynamic-sql say.
/// </summary>
internal static partial class RoutineBody
{
    private static readonly string[] Openers = ["begin", "then", "else", "loop"];

    /// <summary>What can assign to a row under another name, or without an assignment.</summary>
    private static readonly string[] OtherAssignments = ["alias", "call", "diagnostics", "for", "foreach", "fetch"];

    /// <summary>
    /// What the function of a trigger stores in place of what the statement would store, apart from values that keep the old one, count on from it or say when the row was changed: columns, and what they are
    /// computed from, of a row that is called new or old. Null: that is not known.
    /// </summary>
    /// <param name="definition">CREATE FUNCTION … LANGUAGE plpgsql, as pg_get_functiondef prints it.</param>
    public static IReadOnlyList<(string Column, string Sql)>? Assigned(string definition)
    {
        definition = Filling().Replace(definition, "NULL;");
        // A variable that takes the place of the row.
        if (RowVariable().Match(definition) is { Success: true } variable)
            definition = Regex.Replace(definition, $@"\b{variable.Groups[1].Value}\b", "NEW");
        if (SqlSplitter.Split(definition) is not [{ IsAbridged: false } create])
            return null;
        var body = Statements(create, CommandParser.Parse(create, null)).ToList();
        var assigned = body.Where(s => NewValue.Of(s).Any()).Select(NewValue.Computed).ToList();
        return body.Count > 0 && assigned.TrueForAll(a => a is not null) && body.TrueForAll(s => !s.IsAbridged && !s.Tokens.Any(t => Array.Exists(OtherAssignments, t.Is)) && !IsOtherRow(s.Tokens))
            ? [.. assigned.Select(a => a!.Value)] : null;
    }

    /// <summary>IF NEW.column IS NULL THEN NEW.column := …; END IF, which replaces no value.</summary>
    [GeneratedRegex(@"\bIF\s+NEW\.(\w+)\s+IS\s+NULL\s+THEN\s+NEW\.\1\s*:?=[^;'$]*(?:'[^;'$]*'[^;'$]*)*;\s*END\s+IF\s*;", RegexOptions.IgnoreCase)]
    private static partial Regex Filling();

    /// <summary>It names the row in quotes or behind the name of the function, or assigns to the old one.</summary>
    private static bool IsOtherRow(IReadOnlyList<SqlToken> tokens) => (tokens[0].Is("old") && !tokens.Any(t => t.Is("return")))
        || Enumerable.Range(0, tokens.Count).Any(i => tokens[i].Value is "new" or "old" && (tokens[i].Kind == SqlTokenKind.QuotedName || (i > 0 && tokens[i - 1].IsMark('.'))));

    [GeneratedRegex(@"\b(\w+)\s*:=\s*NEW\s*;", RegexOptions.IgnoreCase)]
    private static partial Regex RowVariable();

    public static bool Has(Command command) => command is Command.DoBlock or Command.CreateObject { Kind: ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Rule };

    /// <summary>Lines are those of the script, ordinals that of the statement it is in.</summary>
    public static IEnumerable<SqlStatement> Statements(SqlStatement statement, Command command)
    {
        if (!Has(command))
            return [];
        if (command is Command.CreateObject { Kind: ObjectKind.Rule })
            return RuleBody(statement);
        if (AtomicBody(statement) is { } atomic)
            return atomic;
        return Body(statement) is { } body ? Pieces(statement, body) : [];
    }

    private static IEnumerable<SqlStatement> Pieces(SqlStatement statement, SqlToken body)
    {
        var before = statement.Line - 1 + statement.Source.AsSpan(statement.Offset, body.Start - statement.Offset).Count('\n');
        IEnumerable<SqlStatement> pieces;
        if (statement.Source[body.Start] == '$')
        {
            var start = statement.Source.IndexOf('$', body.Start + 1) + 1;
            pieces = SqlSplitter.Read(statement.Source, start, start + body.Inside.Length, statement.Strings);
        }
        else
        {
            // Its quotes are doubled, so it is read separately.
            pieces = SqlSplitter.Read(new ScriptWindow(QuotedText.Literal(body)), strings: statement.Strings);
        }

        foreach (var piece in pieces)
        {
            foreach (var part in Parts(piece))
                yield return part with { Line = before + part.Line, Ordinal = statement.Ordinal };
        }
    }

    /// <summary>A routine's body follows AS; its defaults, settings and returned expression contain literals too. DO has a body and the name of its language.</summary>
    private static SqlToken? Body(SqlStatement statement)
    {
        var (tokens, depth, isDo) = (statement.Tokens, 0, statement.StartsWith("do"));
        for (var i = 1; i < tokens.Count; i++)
        {
            depth += tokens[i].IsMark('(') ? 1 : tokens[i].IsMark(')') ? -1 : 0;
            if (depth == 0 && tokens[i].Kind == SqlTokenKind.Text && (isDo ? !tokens[i - 1].Is("language") : tokens[i - 1].Is("as")))
                return tokens[i];
        }

        return null;
    }

    /// <summary>The text between BEGIN ATOMIC and END; null for other bodies.</summary>
    private static List<SqlStatement>? AtomicBody(SqlStatement statement)
    {
        var tokens = statement.Tokens;
        for (var i = 1; i < tokens.Count; i++)
        {
            if (!tokens[i].Is("atomic") || !tokens[i - 1].Is("begin"))
                continue;
            return Pieces(statement, i + 1, tokens.Count);
        }

        return null;
    }

    /// <summary>What a rule does: one statement, or several in parentheses.</summary>
    private static List<SqlStatement> RuleBody(SqlStatement statement)
    {
        var cursor = new TokenCursor(statement.Tokens);
        cursor.BackTo(cursor.Find("do"));
        cursor.Take("do");
        cursor.TakeAny("instead", "also");
        if (cursor.AtEnd || cursor.At("nothing"))
            return [];
        if (!cursor.AtMark('('))
            return [Cut(statement, cursor.Position, statement.Tokens.Count) with { Ordinal = statement.Ordinal }];
        var from = cursor.Position + 1;
        cursor.SkipParentheses();
        var to = cursor.Position - 1;
        return [.. Pieces(statement, from, to), .. to > from && !statement.Tokens[to - 1].IsMark(';') ? Last(statement, from, to) : []];
    }

    private static IEnumerable<SqlStatement> Last(SqlStatement statement, int from, int to)
    {
        for (var at = to - 1; at > from; at--)
        {
            if (statement.Tokens[at].IsMark(';'))
                return [Cut(statement, at + 1, to) with { Ordinal = statement.Ordinal }];
        }

        return [Cut(statement, from, to) with { Ordinal = statement.Ordinal }];
    }

    /// <summary>The text before semicolons.</summary>
    private static List<SqlStatement> Pieces(SqlStatement statement, int from, int to)
    {
        var pieces = new List<SqlStatement>();
        for (var at = from; at < to; at++)
        {
            if (!statement.Tokens[at].IsMark(';'))
                continue;
            if (at > from)
                pieces.Add(Cut(statement, from, at) with { Ordinal = statement.Ordinal });
            from = at + 1;
        }

        return pieces;
    }

    /// <summary>The commands of one piece: IF x THEN DELETE … begins with DELETE, FOR r IN UPDATE … RETURNING LOOP holds an UPDATE.</summary>
    private static IEnumerable<SqlStatement> Parts(SqlStatement piece)
    {
        var tokens = piece.Tokens;
        var (start, depth, cases) = (0, 0, 0);
        for (var i = 0; i < tokens.Count; i++)
        {
            depth += tokens[i].IsMark('(') ? 1 : tokens[i].IsMark(')') ? -1 : 0;
            cases += tokens[i].Is("case") && i > start ? 1 : tokens[i].Is("end") && cases > 0 ? -1 : 0;
            if (depth != 0 || cases != 0 || tokens[i].Kind != SqlTokenKind.Word || !Array.Exists(Openers, tokens[i].Is))
                continue;
            // WHEN MATCHED THEN UPDATE is a single command with the text before it.
            if (Begin(tokens, start, i) is var begin && begin < i && tokens[begin].Is("merge") && tokens[i].Is("then"))
                continue;
            if (Begin(tokens, start, i) is var at && at < i)
                yield return Cut(piece, at, i);
            start = i + 1;
        }

        if (Begin(tokens, start, tokens.Count) is var last && last < tokens.Count)
            yield return Cut(piece, last, tokens.Count);
    }

    /// <summary>After the prefix of PL/pgSQL before a command: RETURN QUERY, FOR x IN, OPEN c FOR, PERFORM, a label.</summary>
    private static int Begin(IReadOnlyList<SqlToken> tokens, int from, int to)
    {
        if (from >= to)
            return to;
        if (tokens[from].Is("return") && from + 1 < to && tokens[from + 1].Is("query"))
            return from + 2;
        if (tokens[from].Is("for") || tokens[from].Is("open") || tokens[from].IsOperator("<<"))
        {
            for (var i = from + 1; i + 1 < to; i++)
            {
                if (tokens[i].Is("in") || (tokens[from].Is("open") && tokens[i].Is("for")))
                    return i + 1;
            }
        }

        return from;
    }

    private static SqlStatement Cut(SqlStatement piece, int from, int to) => new(
        piece.Source,
        piece.Line + piece.Source.AsSpan(piece.Offset, piece.Tokens[from].Start - piece.Offset).Count('\n'),
        piece.Ordinal,
        [.. piece.Tokens.Skip(from).Take(to - from)]) { End = piece.Tokens[to - 1].End, HasUncertainStrings = piece.HasUncertainStrings };
}
