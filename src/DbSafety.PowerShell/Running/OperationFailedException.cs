namespace DbSafety.PowerShell.Running;

/// <summary>
/// Carries what an operation threw to where it becomes an error record, apart from what the pipeline itself throws, which
/// must pass untouched.
/// </summary>
#pragma warning disable CA1032 // Made in one place only.
internal sealed class OperationFailedException(Exception cause) : Exception(cause.Message, cause)
{
    public Exception Cause => InnerException!;
}
