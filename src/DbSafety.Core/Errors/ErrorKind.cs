namespace DbSafety.Errors;

/// <summary>What sort of failure an error is. It decides the exit code of the command line.</summary>
public enum ErrorKind
{
    /// <summary>The work was begun and did not succeed. Exit code 1.</summary>
    Failed = 1,

    /// <summary>The request itself makes no sense. Exit code 2.</summary>
    Usage = 2,

    /// <summary>A safety check refused; nothing was changed. Exit code 3.</summary>
    Refused = 3,

    /// <summary>What was checked is not what it should be. Exit code 4.</summary>
    Verification = 4,

    /// <summary>Something that is needed is missing or cannot be reached. Exit code 5.</summary>
    Missing = 5,

    /// <summary>Stopped on request. Exit code 130.</summary>
    Cancelled = 130,
}
