namespace DbSafety.Operations;

/// <summary>The events of a part of a larger operation; its progress is shown below the progress of that operation.</summary>
internal sealed class WithinEvents(IOperationEvents outer, string activity) : IOperationEvents
{
    public void Raise(OperationEvent operationEvent) =>
        outer.Raise(operationEvent is ProgressEvent { Within: null } progress && progress.Activity != activity ? progress with { Within = activity } : operationEvent);
}
