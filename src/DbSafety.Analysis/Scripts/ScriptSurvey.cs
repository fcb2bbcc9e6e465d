using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Scripts;

/// <summary>What has to be known of a script before its first statement can be judged. It takes a reading ahead.</summary>
/// <param name="LastRowsEnd">Where the last line <c>\.</c> begins, in UTF-16 units; negative where there is none. Only where the script is too long to be in memory as a whole.</param>
internal sealed record ScriptSurvey(UndoParts Undo, IReadOnlyList<SuppressionComment> Suppressions, long LastRowsEnd)
{
    /// <summary>It asks its tool to be run without a transaction.</summary>
    public bool AsksForNoTransaction { get; private init; }

    public required RolledBack RolledBack { get; init; }

    public static ScriptSurvey Of(SqlScript script, CancellationToken ct = default)
    {
        var (undo, suppressions, asksForNoTransaction) = (new UndoParts(), new List<SuppressionComment>(), false);
        var rolledBack = new RolledBack();
        if (LooksForWords(script, ct, out var lastRowsEnd))
        {
            using var window = script.Open();
            // A comment is met on the way to the end of its statement, so the next one that comes is its own.
            var seen = 0;
            foreach (var statement in SqlSplitter.Read(window, lastRowsEnd, Take))
            {
                ct.ThrowIfCancellationRequested();
                rolledBack.Add(statement);
                for (; seen < suppressions.Count; seen++)
                    suppressions[seen] = suppressions[seen] with { Statement = statement.Ordinal };
            }
        }

        return new ScriptSurvey(undo, suppressions, lastRowsEnd) { AsksForNoTransaction = asksForNoTransaction, RolledBack = rolledBack };

        void Take(SqlComment comment)
        {
            undo.Add(comment);
            asksForNoTransaction |= TransactionMarker.IsIn(comment);
            if (SuppressionComment.Read(comment, script.File) is { } suppression)
                suppressions.Add(suppression);
        }
    }

    /// <summary>The beginning of the next line <c>\.</c> of what is in memory; negative where there is none.</summary>
    public static int RowsEnd(ScriptWindow window, int from, int end)
    {
        var text = window.Text.AsSpan(0, end);
        for (var at = from; text[at..].IndexOf("\\.") is var next and >= 0; at += 2)
        {
            at += next;
            if ((at == 0 ? window.StartsLine : text[at - 1] == '\n') && text[(at + 2)..] is [] or ['\n', ..] or ['\r', '\n', ..])
                return at;
        }

        return -1;
    }

    /// <summary>Whether there may be comments in it that mean something here, or a transaction that is rolled back.</summary>
    private static bool LooksForWords(SqlScript script, CancellationToken ct, out long lastRowsEnd)
    {
        using var window = script.Open();
        (lastRowsEnd, var found) = (-1L, false);
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            found |= RolledBack.MayBeIn(window.Text) || UndoParts.MayBeIn(window.Text) || TransactionMarker.MayBeIn(window.Text) || SuppressionComment.MayBeIn(window.Text) || (!window.IsLast && window.Text is not [.., '\n']);
            for (var at = RowsEnd(window, 0, window.Text.Length); at >= 0 && !window.IsWhole; at = RowsEnd(window, at + 2, window.Text.Length))
                lastRowsEnd = window.Position(at);
            if (window.IsLast)
                return found;
            window.Slide(window.Text.Length, window.Text.Length, window.Text.Length);
        }
    }
}
