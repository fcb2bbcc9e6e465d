using System.Text;
using System.Text.RegularExpressions;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Migrations.Sources.Reading;

/// <summary>A tool's marks between the part of a script that migrates and the part that undoes it. A tool finds them by their lines, not by SQL's rules for comments.</summary>
/// <param name="Tool">The tool that uses the marks.</param>
/// <param name="Up">Begins the part that migrates; null: the script begins with it.</param>
/// <param name="IsFirstOnly">Only the first mark of each kind counts.</param>
internal sealed partial record ScriptMarks(string Tool, Regex? Up, Regex Down, bool IsFirstOnly = false)
{
    /// <summary>Of a script without a mark before the part that migrates, the tool runs everything.</summary>
    public bool NeedsUp { get; init; }

    public static IReadOnlyList<ScriptMarks> All { get; } =
    [
        new("dbmate", DbmateUp(), DbmateDown()),
        new("goose", GooseUp(), GooseDown()),
        new("sql-migrate", SqlMigrateUp(), SqlMigrateDown()),
        new("node-pg-migrate", NodeUp(), NodeDown(), IsFirstOnly: true) { NeedsUp = true },
        new("tern", null, Tern(), IsFirstOnly: true),
    ];

    /// <summary>The part that the tool runs to migrate. Blanks take the place of all else, so that every line and column stays where it is.</summary>
    public string UpPart(string text)
    {
        if (!Down.IsMatch(text) && Up?.IsMatch(text) != true)
            return text;
        if (NeedsUp && !Up!.IsMatch(text))
            return text;
        var (part, isUp, seenUp, seenDown) = (new StringBuilder(text.Length), Up is null || !Up.IsMatch(text), false, false);
        foreach (var line in Lines(text))
        {
            if (Down.IsMatch(line) && !(IsFirstOnly && seenDown))
                (isUp, seenDown) = (false, true);
            else if (Up?.IsMatch(line) == true && !(IsFirstOnly && seenUp))
                (isUp, seenUp) = (true, true);
            foreach (var c in line)
                part.Append(isUp || c is '\n' or '\r' ? c : ' ');
        }

        return part.ToString();
    }

    /// <summary>The line of the mark before a part that the tool runs although it undoes; null: there is none.</summary>
    public int? UndoThatRuns(string text)
    {
        if (!NeedsUp || Up!.IsMatch(text) || Down.Match(text) is not { Success: true } down || SqlSplitter.Split(text[down.Index..]).Count == 0)
            return null;
        return text.AsSpan(0, text.IndexOf("--", down.Index, StringComparison.Ordinal)).Count('\n') + 1;
    }

    private static IEnumerable<string> Lines(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var end = text.IndexOf('\n', at) is var found and >= 0 ? found + 1 : text.Length;
            yield return text[at..end];
            at = end;
        }
    }

    [GeneratedRegex(@"^--\s*migrate:up(\s|$)", RegexOptions.Multiline)]
    private static partial Regex DbmateUp();

    [GeneratedRegex(@"^--\s*migrate:down(\s|$)", RegexOptions.Multiline)]
    private static partial Regex DbmateDown();

    [GeneratedRegex(@"^[ \t\uFEFF]*--[ \t]*\+goose[ \t]+up\b", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex GooseUp();

    [GeneratedRegex(@"^[ \t\uFEFF]*--[ \t]*\+goose[ \t]+down\b", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex GooseDown();

    [GeneratedRegex(@"^[ \t\uFEFF]*--[ \t]*\+migrate[ \t]+up\b", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex SqlMigrateUp();

    [GeneratedRegex(@"^[ \t\uFEFF]*--[ \t]*\+migrate[ \t]+down\b", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex SqlMigrateDown();

    // node-pg-migrate, sqlMigration.ts.
    [GeneratedRegex(@"^\s*--[\s-]*up\s+migration", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex NodeUp();

    [GeneratedRegex(@"^\s*--[\s-]*down\s+migration", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex NodeDown();

    [GeneratedRegex(@"^[ \t\uFEFF]*----[ \t]*create above[ \t]*/[ \t]*drop below[ \t]*----", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex Tern();
}

/// <summary>Comments that only mark where the part of a script begins that undoes it, whatever tool they are for.</summary>
internal static partial class UndoComment
{
    private static readonly HashSet<string> Undo = new(["down", "downs", "undo", "rollback", "rollbacks", "revert", "reverts", "downgrade", "backward", "backwards", "reverse", "unapply", "backout", "uninstall", "teardown", "reversal", "rolledback", "rollingback"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Other words that such a mark can contain; any other word makes it a comment.</summary>
    private static readonly HashSet<string> Beside = new(
        ["migration", "migrations", "migrate", "script", "scripts", "part", "section", "block", "sql", "below", "here", "begin", "begins", "start", "starts",
         "goose", "micrate", "duck", "rambler", "evolution", "evolutions", "transaction", "notransaction", "true", "false", "only", "name", "dbmigrate", "region", "goes"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>At the top of a script, such a sentence describes the entire script; after a statement, it is a mark.</summary>
    private static readonly HashSet<string> Sentence = new(
        ["the", "this", "it", "is", "of", "to", "for", "from", "on", "code", "step", "steps", "statement", "statements", "change", "changes", "schema", "follows", "roll", "back", "everything", "all", "above", "plan", "run", "when", "executed", "in", "v", "version"], StringComparer.OrdinalIgnoreCase);

    private static readonly HashSet<string> Verbs = new(
        ["drop", "alter", "delete", "create", "update", "insert", "truncate", "begin", "commit", "select", "revoke", "grant", "comment", "reindex", "set", "with", "do", "call"], StringComparer.OrdinalIgnoreCase);

    /// <summary>The first such comment with a statement after it, and its line; null: there is none. Strings and function bodies are not searched.</summary>
    public static (string Text, int Line)? In(string text)
    {
        if (!MayBe().IsMatch(text))
            return null;
        var comments = new List<SqlComment>();
        var statements = new List<(long Position, string Text)>();
        var (first, last) = (long.MaxValue, -1L);
        using (var window = new ScriptWindow(text))
        {
            foreach (var statement in SqlSplitter.Read(window, -1, comments.Add))
            {
                if (Echo().IsMatch(statement.Text))
                {
                    comments.Add(new SqlComment(statement.Text, 0, statement.Text.Length, statement.Line, statement.Position));
                    continue;
                }

                (first, last) = (Math.Min(first, statement.Position), statement.Position);
                statements.Add((statement.Position, statement.Text));
            }
        }

        foreach (var comment in comments.Where(c => c.StartsLine && c.Position < last).OrderBy(c => c.Position))
        {
            var written = Echo().Replace(comment.Written.ToString(), "");
            if (IsMark(written, comment.Position > first) && !IsHeading(text, comment.Position + comment.Length))
                return (written.Trim(), comment.Line);
            // Whatever words follow, statements that undo earlier statements belong to the undo part.
            if (comment.Position > first && (Begins().IsMatch(written) || Announces().IsMatch(written)) && UndoneStatements.In([.. statements.Where(s => s.Position < comment.Position).Select(s => s.Text)], [.. statements.Where(s => s.Position > comment.Position).Select(s => s.Text)]))
                return (written.Trim(), comment.Line);
        }

        return null;
    }

    private static bool IsMark(string comment, bool isBehindStatement)
    {
        // The text after the two words names what is undone, unless a colon makes it a comment.
        if (CreateAbove().IsMatch(comment) || (isBehindStatement && DownMigration().IsMatch(comment)))
            return true;
        // What is in brackets says when it is used, if it says anything about that.
        if (isBehindStatement && Brackets().Match(comment) is { Success: true } brackets && !Denies().IsMatch(brackets.Value))
            comment = comment.Remove(brackets.Index, brackets.Length);
        // A letter by itself counts parts.
        var words = Word().Matches(TwoWords().Replace(comment, "$1$2")).Select(m => m.Value).Where(w => w.Length > 1).ToList();
        return words.Exists(Undo.Contains) && words.TrueForAll(w => Undo.Contains(w) || Beside.Contains(w) || (isBehindStatement && Sentence.Contains(w)));
    }

    /// <summary>SQL in comments follows, to be run by hand.</summary>
    private static bool IsHeading(string text, long end)
    {
        var next = text.AsSpan((int)end).TrimStart();
        if (!next.StartsWith("--"))
            return false;
        var line = next.TrimStart("- \t").ToString() is var rest && rest.IndexOf('\n', StringComparison.Ordinal) is var newline and >= 0 ? rest[..newline] : rest;
        // A sentence can begin with the same words, but does not end as a statement does.
        var word = Word().Match(line);
        return word.Success && Verbs.Contains(word.Value) && line.TrimEnd().EndsWith(';');
    }

    [GeneratedRegex(@"^[\W_]*(down|undo|rollback|revert)[\s_-]+(migration|script|section|part)\b[^:;]*$", RegexOptions.IgnoreCase)]
    private static partial Regex DownMigration();

    [GeneratedRegex(@"\b(roll|rolled|rolling|back)[\s-]+(back|out)\b", RegexOptions.IgnoreCase)]
    private static partial Regex TwoWords();

    [GeneratedRegex(@"down|undo|roll(ed|ing)?[\s-]*back|back[\s-]*out|revert|backward|revers|unapply|uninstall|restor|tear\s*down|drop below|(drop|remove|delete) (everything|all)|r(ü|ue?)ckg|annul|deshac|desfaz|ripristin|откат|отмен|回滚|回退|撤销|ロールバック|롤백", RegexOptions.IgnoreCase)]
    private static partial Regex MayBe();

    /// <summary>Its first word is one for undoing.</summary>
    [GeneratedRegex(@"^[\W_]*(?:(?:part|section|step|phase|stage|block)\s+\w{1,3}[\W_]+|\w{1,2}[.):]\s*)?(to |how to |this |the )*(down|downs|undo|undoes|undoing|roll[\s-]*backs?|rolls? back|rolling back|revert|reverts|reverting|downgrade|backwards?|reverse|reversal|unapply|back[\s-]*out|uninstall|tear[\s-]*down|(drop|remove|delete) (everything|all)|r(ü|ue?)ckg(ä|ae?)ngig|annul\w*|deshacer|revertir|reverter|desfazer|ripristin\w*|откат\w*|отмен\w*)(?!\w)|^[\W_]*(回滚|回退|撤销|ロールバック|롤백)", RegexOptions.IgnoreCase)]
    private static partial Regex Begins();

    /// <summary>It says when what follows is needed: <c>If you need to roll back, run:</c>, <c>Restore the previous state</c>.</summary>
    [GeneratedRegex(@"\b(if|when|in case)\b[^.;\n]{0,30}\b(need|want|have|wish|must|requir|necessary|ever|should)[^.;\n]{0,30}\b(undo|roll[\s-]*back|revert|back[\s-]*out|downgrade)\b|^[\W_]*restor(e|es|ing)\b[^.;\n]{0,20}\b(previous|original|old|prior|former|earlier)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Announces();

    /// <summary>psql prints it.</summary>
    [GeneratedRegex(@"^\\(q?echo|warn)\b")]
    private static partial Regex Echo();

    [GeneratedRegex(@"\([^()]*\)")]
    private static partial Regex Brackets();

    [GeneratedRegex(@"\b(not?|none|never|nothing|n/a|see|cannot|impossible|irreversible|above|todo|tbd)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Denies();

    [GeneratedRegex(@"[A-Za-z]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"create\s+above\W+drop\s+below", RegexOptions.IgnoreCase)]
    private static partial Regex CreateAbove();
}
