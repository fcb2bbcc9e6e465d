using System.Management.Automation;
using DbSafety.Errors;
using DbSafety.Operations;

namespace DbSafety.PowerShell.Running;

/// <summary>A cmdlet that runs operations: it shows their events, cancels them, and turns their failures into error records.</summary>
public abstract class OperationCmdlet : PSCmdlet, IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly EventDisplay display;

    static OperationCmdlet() => Advice.Dialect = new CmdletAdvice();

    private protected OperationCmdlet() => display = new EventDisplay(this);

    /// <summary>
    /// Whether a failure ends the command. With a single input it is a terminating error, which try/catch catches; with
    /// more input it is a non-terminating error, and the next input is processed.
    /// </summary>
    private protected virtual bool EndsOnError => !MyInvocation.ExpectingInput;

    private protected string Name => MyInvocation.MyCommand?.Name ?? GetType().Name;

    protected sealed override void ProcessRecord() => Attempt(Process);

    /// <summary>What the cmdlet does for each input object.</summary>
    private protected abstract void Process();

    /// <summary>
    /// Ctrl-C. It runs on another thread than the pipeline's, which waits in <see cref="Run"/> until the operation has cleaned up.
    /// </summary>
    protected override void StopProcessing() => stop.Cancel();

    private protected TResult Run<TRequest, TResult>(IOperation<TRequest, TResult> operation, TRequest request) => Run(operation, request, display.Show);

    /// <summary>Writes results to the pipeline as they are emitted.</summary>
    private protected void WriteEach<TRequest, T>(Func<TRequest, IOperationEvents, CancellationToken, IAsyncEnumerable<T>> read, TRequest request) =>
        Run(new ResultStream<TRequest, T>(read), request, next =>
        {
            if (next is ResultEvent<T> { Result: var result })
                WriteObject(result);
            else
                display.Show(next);
        });

    private TResult Run<TRequest, TResult>(IOperation<TRequest, TResult> operation, TRequest request, Action<OperationEvent> show)
    {
        using var pump = new OperationPump(stop.Token);
        try
        {
            return pump.Run(operation, request, show);
        }
        finally
        {
            if (!Stopping)
                display.Complete();
        }
    }

    /// <summary>Runs the operation for an input object; a failure is reported for that object.</summary>
    private protected void Attempt(Action work)
    {
        try
        {
            work();
        }
        catch (OperationFailedException e) when (Stopping || e.Cause is OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
        catch (OperationFailedException e)
        {
            Report(e.Cause);
        }
        catch (DbSafetyException e)
        {
            Report(e);
        }
    }

    private protected void Report(Exception exception)
    {
        var record = ErrorRecords.From(exception, Name);
        if (EndsOnError)
            ThrowTerminatingError(record);
        WriteError(record);
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            stop.Dispose();
    }
}
