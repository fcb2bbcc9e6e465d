namespace DbSafety.Operations;

/// <summary>Receives the events of an operation. Implementations must be thread-safe.</summary>
public interface IOperationEvents
{
    void Raise(OperationEvent operationEvent);
}
