namespace DbSafety.PowerShell.Running;

/// <summary>
/// Wraps the exception of an operation until it becomes an error record, and distinguishes it from exceptions of the pipeline itself,
/// which must pass unchanged.
/// </summary>
#pragma warning disable CA1032 // Created in a single place.
internal sealed class OperationFailedException(Exception cause) : Exception(cause.Message, cause)
{
    public Exception Cause => InnerException!;
}
