using System.Text.RegularExpressions;

namespace DbSafety.Analysis;

/// <summary>
/// The parts of a script that its tool runs only to undo it: behind <c>-- migrate:down</c> (dbmate), <c>-- +goose Down</c>, <c>-- +migrate Down</c>
/// (sql-migrate), up to the marker that leads back. A script without the tool's other marker is no script of that tool, and all of it is run.
/// </summary>
internal sealed partial class UndoParts
{
    private readonly List<(int Start, int End)> parts = [];

    public static UndoParts Of(string text)
    {
        var found = new UndoParts();
        if (!text.Contains("down", StringComparison.OrdinalIgnoreCase))
            return found;
        var markers = Markers().Matches(text).ToList();
        if (!HasBothWays(markers))
            return found;
        // In a literal the same text means nothing.
        var comments = new HashSet<int>();
        foreach (var _ in SqlSplitter.Read(text, (start, _) => comments.Add(start)))
        {
        }

        markers.RemoveAll(m => !comments.Contains(m.Groups["comment"].Index));
        if (!HasBothWays(markers))
            return found;
        for (var i = 0; i < markers.Count; i++)
        {
            if (IsDown(markers[i]))
                found.parts.Add((markers[i].Index, i + 1 < markers.Count ? markers[i + 1].Index : text.Length));
        }

        return found;
    }

    public bool Contains(int offset)
    {
        foreach (var (start, end) in parts)
        {
            if (offset >= start && offset < end)
                return true;
        }

        return false;
    }

    private static bool HasBothWays(List<Match> markers) => markers.Any(IsDown) && !markers.All(IsDown);

    private static bool IsDown(Match marker) => marker.Groups["way"].Value.Equals("down", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"^[ \t]*(?<comment>--)[ \t]*(migrate:|\+goose[ \t]+|\+migrate[ \t]+)(?<way>up|down)\b", RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Markers();
}
