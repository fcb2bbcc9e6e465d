namespace DbSafety.Analysis.Findings.Live;

/// <summary>A change of a column's type, as the statement writes it.</summary>
internal sealed record LiveTypeChange(string Type, string? Using)
{
    /// <summary>The types that USING casts the column to, one after the other; null if it computes anything else.</summary>
    public IReadOnlyList<string>? Casts { get; init; } = [];

    /// <summary>If the type does not exist yet, the set creates it as an enum, and USING is a plain cast to it: it preserves a value or fails.</summary>
    public bool IsEnumIfMissing { get; init; }

    /// <summary>COLLATE stands there.</summary>
    public bool Collates { get; init; }

    /// <summary>The type that an earlier statement has given the column, where the live database knows that type too.</summary>
    public string? From { get; init; }

    /// <summary>An earlier statement may have changed the column's type: it is not the one that the live database shows.</summary>
    public bool IsRetyped { get; init; }

    /// <summary>The statement is inside a DO block or of a function's body, whose other statements are not followed.</summary>
    public bool InBody { get; init; }

    /// <summary>The column has the default that the live database shows, when the type changes.</summary>
    public bool KeepsDefault { get; init; } = true;

    /// <summary>The indexes and constraints are those that the live database shows, when the type changes.</summary>
    public bool KeepsObjects { get; init; } = true;

    /// <summary>The set has built indexes or constraints on the column, which the live database does not show.</summary>
    public bool HasNewObjects { get; init; }

    /// <summary>The script leaves the session's time zone as it is.</summary>
    public bool IsZoneKnown { get; init; } = true;

    /// <summary>The part of the message that says what may be lost: what is counted takes its place.</summary>
    public string Detail { get; init; } = "";

    // Lists are compared by what is in them.
    public bool Equals(LiveTypeChange? other) =>
        other is not null && (Type, Using, From, Collates, IsRetyped, InBody, KeepsDefault, KeepsObjects, HasNewObjects, IsZoneKnown, IsEnumIfMissing)
            == (other.Type, other.Using, other.From, other.Collates, other.IsRetyped, other.InBody, other.KeepsDefault, other.KeepsObjects, other.HasNewObjects, other.IsZoneKnown, other.IsEnumIfMissing);

    public override int GetHashCode() => HashCode.Combine(Type, Using, From, Collates, IsRetyped, InBody, KeepsDefault, (KeepsObjects, HasNewObjects, IsZoneKnown, IsEnumIfMissing));
}

/// <summary>What PostgreSQL makes of it.</summary>
internal sealed record LiveConversion
{
    /// <summary>Why it refuses the statement, whatever rows there are; null if it does not.</summary>
    public string? RefusedBecause { get; init; }

    /// <summary>The statement with a USING, with which it would not; null if there is none.</summary>
    public string? Using { get; init; }

    /// <summary>The rows stay as they are stored.</summary>
    public bool IsStoredAlike { get; init; }

    /// <summary>The indexes that are built again though the rows stay as they are.</summary>
    public IReadOnlyList<string> Rebuilt { get; init; } = [];

    /// <summary>The constraints that all rows are checked against again though they stay as they are.</summary>
    public IReadOnlyList<string> Checked { get; init; } = [];

    /// <summary>The collation changes, or its dependents are unknown.</summary>
    public bool IsReadAgain { get; init; }

    /// <summary>Some of the values that were counted, in words.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];
}
