using System.Management.Automation;
using DbSafety.Errors;

namespace DbSafety.PowerShell.Running;

/// <summary>Converts exceptions to error records; no other class does so.</summary>
internal static class ErrorRecords
{
    /// <param name="work">The operation, such as the cmdlet's name, for unexpected errors.</param>
    public static ErrorRecord From(Exception exception, string work)
    {
        var known = exception as DbSafetyException ?? ErrorCatalogue.Unexpected.Because(exception, work, exception.Message);
        return new ErrorRecord(known, known.Code, Category(known), known.Target)
        {
            ErrorDetails = new ErrorDetails(known.Message) { RecommendedAction = known.Hint },
        };
    }

    private static ErrorCategory Category(DbSafetyException e) => e.Kind switch
    {
        ErrorKind.Usage => ErrorCategory.InvalidArgument,
        ErrorKind.Refused when e.Definition == ErrorCatalogue.PermissionDenied || e.Definition == ErrorCatalogue.RightsMissing => ErrorCategory.PermissionDenied,
        ErrorKind.Refused => ErrorCategory.InvalidOperation,
        ErrorKind.Verification => ErrorCategory.InvalidData,
        ErrorKind.Missing when e.Definition == ErrorCatalogue.LoginFailed => ErrorCategory.AuthenticationError,
        ErrorKind.Missing when e.Definition == ErrorCatalogue.ServerUnreachable || e.Definition == ErrorCatalogue.ConnectionLost || e.Definition == ErrorCatalogue.EngineUnreachable => ErrorCategory.ConnectionError,
        ErrorKind.Missing => ErrorCategory.ObjectNotFound,
        ErrorKind.Cancelled => ErrorCategory.OperationStopped,
        _ => ErrorCategory.NotSpecified,
    };
}
