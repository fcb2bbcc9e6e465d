using System.Collections.Concurrent;
using DbSafety.Operations;

namespace DbSafety.PowerShell.Running;

/// <summary>
/// Runs an operation on a background task and passes its events to the pipeline thread, the only thread that can write to
/// the pipeline. It never returns before the operation has ended and cleaned up, even after an error or a cancellation.
/// </summary>
internal sealed class OperationPump(CancellationToken stopping) : IOperationEvents, IDisposable
{
    /// <summary>Results that have not been written yet; an operation with more results waits.</summary>
    private const int MostWaiting = 4096;

    private readonly BlockingCollection<OperationEvent> events = new(MostWaiting);
    private readonly CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(stopping);

    public void Raise(OperationEvent operationEvent)
    {
        try
        {
            if (!events.TryAdd(operationEvent))
                events.Add(operationEvent, cancel.Token);
        }
        catch (Exception e) when (e is InvalidOperationException or OperationCanceledException)
        {
            // A late event of an operation that has ended or is being cancelled is discarded.
        }
    }

    /// <summary>
    /// <paramref name="show"/> runs on the calling thread and can throw, for example if the pipeline was stopped or
    /// ended early: then the operation is cancelled, and the exception is rethrown after it has ended.
    /// </summary>
    /// <exception cref="OperationFailedException">The operation threw; its exception is the inner exception.</exception>
    public TResult Run<TRequest, TResult>(IOperation<TRequest, TResult> operation, TRequest request, Action<OperationEvent> show)
    {
        var work = Task.Run(() => CompleteAsync(operation, request));
        try
        {
            foreach (var next in events.GetConsumingEnumerable())
                show(next);
        }
        catch
        {
            cancel.Cancel();
            ((IAsyncResult)work).AsyncWaitHandle.WaitOne();
            throw;
        }

        try
        {
            return work.GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            throw new OperationFailedException(e);
        }
    }

    public void Dispose()
    {
        cancel.Dispose();
        events.Dispose();
    }

    private async Task<TResult> CompleteAsync<TRequest, TResult>(IOperation<TRequest, TResult> operation, TRequest request)
    {
        try
        {
            return await operation.RunAsync(request, this, cancel.Token);
        }
        finally
        {
            events.CompleteAdding();
        }
    }
}
