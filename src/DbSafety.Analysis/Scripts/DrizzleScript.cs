using System.Text;

namespace DbSafety.Analysis.Scripts;

/// <summary>What drizzle-orm makes of a script's text (its migrator.ts: <c>query.split("--> statement-breakpoint")</c>).</summary>
internal static class DrizzleScript
{
    public const string Breakpoint = "--> statement-breakpoint";

    /// <summary>
    /// Each breakpoint ends a statement, with a semicolon before it or without, and is not a comment: what follows on its line belongs to the next
    /// statement. A semicolon and blanks of the same length take its place, so that every line and column stays where it is.
    /// </summary>
    public static string Statements(string text)
    {
        var at = text.IndexOf(Breakpoint, StringComparison.Ordinal);
        if (at < 0)
            return text;
        var marked = new StringBuilder(text);
        for (; at >= 0; at = text.IndexOf(Breakpoint, at + Breakpoint.Length, StringComparison.Ordinal))
        {
            for (var i = 0; i < Breakpoint.Length; i++)
                marked[at + i] = i == 0 ? ';' : ' ';
            CutComment(marked, at);
        }

        return marked.ToString();
    }

    /// <summary>Where they stand in the text.</summary>
    public static IReadOnlyList<int> Breakpoints(string text)
    {
        var found = new List<int>();
        for (var at = text.IndexOf(Breakpoint, StringComparison.Ordinal); at >= 0; at = text.IndexOf(Breakpoint, at + Breakpoint.Length, StringComparison.Ordinal))
            found.Add(at);
        return found;
    }

    /// <summary>A breakpoint behind a comment on one line ends the comment too.</summary>
    private static void CutComment(StringBuilder text, int at)
    {
        var start = at;
        while (start > 0 && text[start - 1] != '\n')
            start--;
        if (at - start < 2 || text[start] != '-' || text[start + 1] != '-')
            return;
        for (var i = start; i < at; i++)
            text[i] = ' ';
    }
}
