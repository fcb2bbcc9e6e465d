namespace DbSafety.Errors;

/// <summary>The category of an error. It determines the exit code of the command line.</summary>
public enum ErrorKind
{
    /// <summary>The operation started and failed. Exit code 1.</summary>
    Failed = 1,

    /// <summary>The request is invalid. Exit code 2.</summary>
    Usage = 2,

    /// <summary>A safety check refused; nothing was changed. Exit code 3.</summary>
    Refused = 3,

    /// <summary>A verification failed. Exit code 4.</summary>
    Verification = 4,

    /// <summary>Something required is missing or unavailable. Exit code 5.</summary>
    Missing = 5,

    /// <summary>The operation succeeded, but its output could not be written. Exit code 6.</summary>
    Output = 6,

    /// <summary>The user cancelled the operation. Exit code 130.</summary>
    Cancelled = 130,
}
