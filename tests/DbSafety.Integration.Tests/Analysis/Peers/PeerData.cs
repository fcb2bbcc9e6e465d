namespace DbSafety.Integration.Tests.Analysis.Peers;

/// <summary>
/// What <c>peers.txt</c> says: which rules of ours stand for a rule of theirs, and for each difference who is right and why.
/// </summary>
/// <remarks><c>rule PEER RULE = OURS… | why</c>, with <c>-</c> where there is none; <c>case PEER RULE TEST = ours|theirs|both | why</c>, where TEST can end with <c>*</c>.</remarks>
internal sealed class PeerData
{
    private readonly Dictionary<string, (string Value, string Why)> entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> used = new(StringComparer.Ordinal);

    public PeerData(string text)
    {
        foreach (var line in text.Split('\n').Where(l => l.Length > 0 && l[0] != '#'))
        {
            var (key, rest) = (line[..line.IndexOf(" = ", StringComparison.Ordinal)], line[(line.IndexOf(" = ", StringComparison.Ordinal) + 3)..]);
            var parts = rest.Split(" | ", 2);
            if (!entries.TryAdd(key, (parts[0].Trim(), parts.ElementAtOrDefault(1)?.Trim() ?? "")))
                throw new InvalidOperationException($"peers.txt has two lines for {key}");
        }
    }

    public static string File { get; } = Repository.Folder(Path.Combine("tests", "DbSafety.Integration.Tests", "Analysis", "Peers", "peers.txt"));

    /// <summary>Entries that nothing was found for.</summary>
    public IEnumerable<string> Unused => entries.Keys.Except(used);

    /// <summary>Ours for a rule of theirs; empty: there is none, for that reason. Null: it is not in the file.</summary>
    public (IReadOnlyList<string> Rules, string Why)? Rules(PeerInput input) =>
        Find($"rule {input.Peer} {input.Rule}") is { } entry ? (entry.Value == "-" ? [] : entry.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries), entry.Why) : null;

    /// <summary>Who is right about a difference, and why; null: it is a new one.</summary>
    public (string Right, string Why)? Difference(PeerInput input) => 
        (Find("case " + input.Name) ?? entries.Keys.Where(k => k.EndsWith('*') && ("case " + input.Name).StartsWith(k[..^1], StringComparison.Ordinal)).Select(Find).FirstOrDefault()) is { } entry ? (entry.Value, entry.Why) : null;

    private (string Value, string Why)? Find(string key)
    {
        if (!entries.TryGetValue(key, out var entry))
            return null;
        used.Add(key);
        return entry;
    }
}
