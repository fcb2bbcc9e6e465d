using System.Text.RegularExpressions;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Analysis.Scripts;

/// <summary>
/// The parts of a script that its tool runs only to undo it: behind <c>-- migrate:down</c> (dbmate), <c>-- +goose Down</c>, <c>-- +migrate Down</c>
/// (sql-migrate), <c>-- Down Migration</c> (node-pg-migrate), up to the marker that leads back. A script without the tool's other marker is no script of that tool, and all of it is run.
/// </summary>
internal sealed partial class UndoParts
{
    private readonly List<long> markers = [];
    private readonly HashSet<long> downs = [];

    public static bool MayBeIn(string text) =>
        text.Contains("migrat", StringComparison.OrdinalIgnoreCase) || text.Contains("+goose", StringComparison.OrdinalIgnoreCase);

    /// <summary>Takes the script's comments, in their order.</summary>
    public void Add(SqlComment comment)
    {
        if (!comment.Written.StartsWith("--") || !comment.StartsLine || Marker().Match(comment.Source, comment.Start, comment.Length) is not { Success: true } marker)
            return;
        markers.Add(comment.Position);
        if (marker.Groups["way"].Value.Equals("down", StringComparison.OrdinalIgnoreCase))
            downs.Add(comment.Position);
    }

    /// <param name="position">In UTF-16 units of the script.</param>
    public bool Contains(long position)
    {
        if (downs.Count == 0 || downs.Count == markers.Count)
            return false;
        // No statement begins where a comment does.
        var next = ~markers.BinarySearch(position);
        return next > 0 && downs.Contains(markers[next - 1]);
    }

    [GeneratedRegex(@"\G--[ \t]*(migrate:|\+goose[ \t]+|\+migrate[ \t]+)(?<way>up|down)\b|\G--[\s-]*(?<way>up|down)[ \t]+migration\b", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Marker();
}
