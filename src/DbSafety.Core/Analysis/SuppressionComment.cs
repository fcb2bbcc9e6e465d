using System.Text.RegularExpressions;

namespace DbSafety.Analysis;

/// <summary>
/// A comment in a script that lets a finding pass: <c>-- dbsafety: allow drop-column users.legacy because it was never written</c>. It holds for its
/// script; without an object it holds for the statement it stands in or before.
/// </summary>
/// <param name="Object">As findings name it; null where none is named.</param>
/// <param name="Reason">Null where none is given: then it lets nothing pass.</param>
/// <param name="Line">1-based.</param>
internal sealed partial record SuppressionComment(string File, int Line, string Rule, string? Object, string? Reason)
{
    /// <summary>1-based place of the statement it stands in or before.</summary>
    public int Statement { get; init; }

    public static IReadOnlyList<SuppressionComment> ReadAll(SqlScript script)
    {
        var comments = new List<SuppressionComment>();
        if (!script.Text.Contains("dbsafety:", StringComparison.OrdinalIgnoreCase))
            return comments;
        // A comment is met on the way to the end of its statement, so the next one that comes is its own.
        var seen = 0;
        foreach (var statement in SqlSplitter.Read(script.Text, (start, end) => Add(comments, script, start, end)))
        {
            for (; seen < comments.Count; seen++)
                comments[seen] = comments[seen] with { Statement = statement.Ordinal };
        }

        return comments;
    }

    public bool Covers(MigrationFinding finding) =>
        Reason is not null && finding.File == File && finding.Rule == Rule
        && (Object is null ? finding.Statement == Statement : Unquoted(Object) == Unquoted(finding.Object));

    private static void Add(List<SuppressionComment> comments, SqlScript script, int start, int end)
    {
        var match = Form().Match(script.Text, start, end - start);
        if (!match.Success)
            return;
        var line = 1 + script.Text.AsSpan(0, start).Count('\n');
        comments.Add(new SuppressionComment(script.File, line, match.Groups["rule"].Value, Said(match, "object"), Said(match, "reason")));
    }

    private static string? Said(Match match, string group) => match.Groups[group].Value.Trim() is { Length: > 0 } text ? text : null;

    private static string Unquoted(string name) => name.Replace("\"", "", StringComparison.Ordinal);

    [GeneratedRegex(@"dbsafety:\s*allow\s+(?<rule>[\w-]+)(?<object>.*?)(\bbecause\b(?<reason>[^\r\n]*?))?(\*/|\r|\n|$)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
