namespace DbSafety.Operations;

/// <summary>
/// What a cmdlet or a CLI verb runs. An operation plans first, then acts; on cancellation it ends its child
/// processes and removes what is partial before it returns.
/// </summary>
public interface IOperation<in TRequest, TResult>
{
    /// <exception cref="Errors.DbSafetyException">Anything that went wrong, with a code and a hint.</exception>
    /// <exception cref="OperationCanceledException">It was stopped, and has cleaned up.</exception>
    Task<TResult> RunAsync(TRequest request, IOperationEvents events, CancellationToken ct);
}
