using DbSafety.Operations;

namespace DbSafety.PowerShell.Running;

/// <summary>A result of an operation that is still running.</summary>
internal sealed record ResultEvent<T>(T Result) : OperationEvent;

/// <summary>Runs an operation that returns a stream of results, and passes each result through the pump.</summary>
internal sealed class ResultStream<TRequest, T>(Func<TRequest, IOperationEvents, CancellationToken, IAsyncEnumerable<T>> read) : IOperation<TRequest, int>
{
    /// <returns>The number of results.</returns>
    public async Task<int> RunAsync(TRequest request, IOperationEvents events, CancellationToken ct)
    {
        var count = 0;
        await foreach (var result in read(request, events, ct).WithCancellation(ct))
        {
            events.Raise(new ResultEvent<T>(result));
            count++;
        }

        return count;
    }
}
