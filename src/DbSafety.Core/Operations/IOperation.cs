namespace DbSafety.Operations;

/// <summary>
/// An operation that a cmdlet or a CLI verb runs. It plans first, then acts. On cancellation, it ends its child
/// processes and removes what is partial before it returns.
/// </summary>
public interface IOperation<in TRequest, TResult>
{
    /// <exception cref="Errors.DbSafetyException">Any failure, with a code and a hint.</exception>
    /// <exception cref="OperationCanceledException">The operation was cancelled and has cleaned up.</exception>
    Task<TResult> RunAsync(TRequest request, IOperationEvents events, CancellationToken ct);
}
