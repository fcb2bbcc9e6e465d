namespace DbSafety.Operations;

/// <summary>Where an operation's events go. Implementations must be safe to call from any thread.</summary>
public interface IOperationEvents
{
    void Raise(OperationEvent operationEvent);
}
