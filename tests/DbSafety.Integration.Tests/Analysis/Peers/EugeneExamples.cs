using System.Text.RegularExpressions;

namespace DbSafety.Integration.Tests.Analysis.Peers;

/// <summary>eugene's examples: for each of its hints a bad and a good way, in scripts that are deployed one by one.</summary>
internal static partial class EugeneExamples
{
    public static IEnumerable<PeerInput> Read(string root)
    {
        var folder = Path.Combine(root, "eugene", "examples");
        foreach (var hint in Directory.Exists(folder) ? Directory.GetDirectories(folder).Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            foreach (var (name, isReported) in new[] { ("bad", true), ("good", false) })
            {
                if (Path.Combine(hint, name + ".sql") is var file && File.Exists(file))
                    yield return new PeerInput("eugene", Path.GetFileName(hint), name, isReported, [.. Script().Split(File.ReadAllText(file)).Where(s => s.Trim().Length > 0)]);
            }
        }
    }

    [GeneratedRegex(@"^-- \d+\.sql\s*$", RegexOptions.Multiline)]
    private static partial Regex Script();
}
