using DbSafety.Operations;

namespace DbSafety.PowerShell.Running;

/// <summary>One of an operation's results, before it has ended.</summary>
internal sealed record ResultEvent<T>(T Result) : OperationEvent;

/// <summary>Runs what gives its results one by one, so that they pass the pump on their way.</summary>
internal sealed class ResultStream<TRequest, T>(Func<TRequest, IOperationEvents, CancellationToken, IAsyncEnumerable<T>> read) : IOperation<TRequest, int>
{
    /// <returns>How many there were.</returns>
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
