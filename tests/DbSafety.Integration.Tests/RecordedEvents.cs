using System.Collections.Concurrent;
using DbSafety.Operations;

namespace DbSafety.Integration.Tests;

/// <summary>Keeps what an operation said.</summary>
public sealed class RecordedEvents : IOperationEvents
{
    private readonly ConcurrentQueue<OperationEvent> events = new();

    public IEnumerable<OperationEvent> All => events;

    public string Text => string.Join('\n', events.OfType<MessageEvent>().Select(m => $"{m.Level}: {m.Text}"));

    public void Raise(OperationEvent operationEvent) => events.Enqueue(operationEvent);
}
