namespace DbSafety.Operations;

/// <summary>The events of a piece of a larger work: its progress is shown below that one's.</summary>
internal sealed class WithinEvents(IOperationEvents outer, string activity) : IOperationEvents
{
    public void Raise(OperationEvent operationEvent) =>
        outer.Raise(operationEvent is ProgressEvent { Within: null } progress && progress.Activity != activity ? progress with { Within = activity } : operationEvent);
}
