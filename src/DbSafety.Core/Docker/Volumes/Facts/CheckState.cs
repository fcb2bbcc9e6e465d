namespace DbSafety.Docker.Volumes.Facts;

/// <summary>The result of a check, best first: the result of a test is that of its worst check.</summary>
public enum CheckState
{
    Pass,

    /// <summary>The check could not be done; the evidence shows why.</summary>
    Unknown,

    /// <summary>The data is safe now; the evidence shows what can change that.</summary>
    Warn,

    /// <summary>A common operation will delete the data, or has already deleted it.</summary>
    Fail,
}
