using System.Text.RegularExpressions;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Scripts;

/// <summary>
/// A comment in a script that lets a finding pass: <c>-- dbsafety: allow drop-column users.legacy because it was never written</c>. It holds for its
/// script; without an object it holds for the statement it is in or before.
/// </summary>
/// <param name="Object">As findings name it; null if none is named.</param>
/// <param name="Reason">Null if none is given: then it lets nothing pass.</param>
/// <param name="Line">1-based.</param>
internal sealed partial record SuppressionComment(string File, int Line, string Rule, string? Object, string? Reason)
{
    /// <summary>1-based place of the statement it is in or before.</summary>
    public int Statement { get; init; }

    public static bool MayBeIn(ReadOnlySpan<char> text) => text.Contains("dbsafety:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Null if the comment is another.</summary>
    /// <param name="file">The script's.</param>
    public static SuppressionComment? Read(SqlComment comment, string file)
    {
        if (!MayBeIn(comment.Written) || Form().Match(comment.Source, comment.Start, comment.Length) is not { Success: true } match)
            return null;
        return new SuppressionComment(file, comment.Line, match.Groups["rule"].Value, Text(match, "object"), Text(match, "reason"));
    }

    private static string? Text(Match match, string group) => match.Groups[group].Value.Trim() is { Length: > 0 } text ? text : null;

    [GeneratedRegex(@"dbsafety:\s*allow\s+(?<rule>[\w-]+)(?<object>.*?)(\bbecause\b(?<reason>[^\r\n]*?))?(\*/|\r|\n|$)", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
