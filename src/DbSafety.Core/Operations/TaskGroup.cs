using System.Runtime.ExceptionServices;

namespace DbSafety.Operations;

/// <summary>Tasks that run concurrently. If one fails, the others are cancelled, and the first failure is thrown.</summary>
internal sealed class TaskGroup(CancellationToken ct) : IDisposable
{
    private readonly CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
    private readonly List<Task> pieces = [];
    private Exception? first;

    public Task<T> Run<T>(Func<CancellationToken, Task<T>> work)
    {
        var piece = StopOthersAsync(work);
        pieces.Add(piece);
        return piece;
    }

    /// <summary>Waits for all tasks, also if one has failed.</summary>
    public async Task WaitAsync()
    {
        try
        {
            await Task.WhenAll(pieces);
        }
        catch when (first is not null)
        {
            ct.ThrowIfCancellationRequested();
            ExceptionDispatchInfo.Throw(first);
        }
    }

    public void Dispose() => stop.Dispose();

    private async Task<T> StopOthersAsync<T>(Func<CancellationToken, Task<T>> work)
    {
        try
        {
            return await work(stop.Token);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref first, e, null);
            await stop.CancelAsync();
            throw;
        }
    }
}
