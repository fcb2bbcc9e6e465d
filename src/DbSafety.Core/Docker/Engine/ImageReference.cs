using System.Globalization;
using System.Text.RegularExpressions;

namespace DbSafety.Docker.Engine;

/// <summary>The parts of an image's name: <c>[registry[:port]/]path[:tag][@digest]</c>.</summary>
/// <param name="Repository">Without tag and digest; empty for a bare image id.</param>
public sealed partial record ImageReference(string Repository, string? Tag, string? Digest)
{
    public static ImageReference Parse(string text)
    {
        if (text.StartsWith("sha256:", StringComparison.Ordinal) || BareId().IsMatch(text))
            return new ImageReference("", null, text);
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var (name, digest) = at < 0 ? (text, null) : (text[..at], text[(at + 1)..]);
        // A colon before the last slash belongs to the registry's port.
        var colon = name.LastIndexOf(':');
        return colon > name.LastIndexOf('/')
            ? new ImageReference(name[..colon], name[(colon + 1)..], digest)
            : new ImageReference(name, null, digest);
    }

    /// <summary>The last part of the repository, such as <c>postgres</c>.</summary>
    public string ShortName => Repository[(Repository.LastIndexOf('/') + 1)..];

    /// <summary>The PostgreSQL major version in the tag: <c>16.4-alpine</c>, <c>16-3.4</c>, <c>pg16</c>, <c>latest-pg16</c>.</summary>
    public int? Major =>
        Tag is not null && MajorInTag().Match(Tag) is { Success: true } match
            ? int.Parse(match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value, CultureInfo.InvariantCulture)
            : null;

    /// <summary>True when the same name can refer to another image later: no tag, a name such as <c>latest</c>, or a major version alone.</summary>
    public bool IsFloating => Digest is null && (Tag is null || !FixedTag().IsMatch(Tag));

    public override string ToString() => Repository + (Tag is null ? "" : ":" + Tag) + (Digest is null ? "" : (Repository.Length > 0 ? "@" : "") + Digest);

    [GeneratedRegex("^[0-9a-f]{12,64}$")]
    private static partial Regex BareId();

    [GeneratedRegex(@"^(\d{1,2})(?:$|[.-])|(?:^|[^a-z])pg(\d{1,2})(?:$|\D)")]
    private static partial Regex MajorInTag();

    /// <summary>A minor version in front, or anywhere when no bare major is in front; or the name of a commit.</summary>
    [GeneratedRegex(@"^\d+\.\d+|^(?!\d+(?:$|-)).*\d+\.\d+|^(?=.*\d)[0-9a-f]{7,40}$")]
    private static partial Regex FixedTag();
}
