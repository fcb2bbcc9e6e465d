namespace DbSafety.Backups.Sets;

/// <summary>What retention does with a set.</summary>
public enum RetentionDecision
{
    /// <summary>It counts, and stays.</summary>
    Keep,

    Remove,

    /// <summary>It is neither counted nor removed, such as a damaged set.</summary>
    Ignore,
}
