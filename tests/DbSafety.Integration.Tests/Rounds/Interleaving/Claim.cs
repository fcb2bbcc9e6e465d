namespace DbSafety.Integration.Tests.Rounds.Interleaving;

/// <summary>Something that a session was told is committed, and that therefore has to be somewhere afterwards.</summary>
internal abstract record Claim
{
    /// <summary>Whether a place holds it.</summary>
    public abstract bool IsIn(Contents contents);
}

/// <summary>A row, by its key, with the values that its columns had; what was NULL is not claimed.</summary>
internal sealed record RowClaim(string Table, string Key, IReadOnlyDictionary<string, string> Values) : Claim
{
    public override bool IsIn(Contents contents) =>
        contents.Tables.TryGetValue(Table, out var rows) && rows.TryGetValue(Key, out var copies)
        && copies.Any(row => Values.All(v => row.TryGetValue(v.Key, out var value) && value == v.Value));

    public bool Equals(RowClaim? other) =>
        other is not null && Table == other.Table && Key == other.Key && Values.Count == other.Values.Count && Values.All(v => other.Values.GetValueOrDefault(v.Key) == v.Value);

    public override int GetHashCode() => HashCode.Combine(Table, Key);

    public override string ToString() => $"{Table} '{Key}' ({string.Join(", ", Values.Select(v => $"{v.Key} = {v.Value}"))})";
}

/// <summary>A large object's bytes.</summary>
internal sealed record LargeObjectClaim(uint Oid, string Hex) : Claim
{
    public override bool IsIn(Contents contents) => contents.LargeObjects.GetValueOrDefault(Oid) == Hex;

    public override string ToString() => $"large object {Oid}";
}

/// <summary>A value that a sequence has given out and must not give out again.</summary>
internal sealed record SequenceClaim(string Sequence, long Value) : Claim
{
    public override bool IsIn(Contents contents) => contents.Sequences.GetValueOrDefault(Sequence) >= Value;

    public override string ToString() => $"value {Value} of sequence {Sequence}";
}
