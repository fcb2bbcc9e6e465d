namespace DbSafety.Operations;

/// <summary>Extension methods that raise the common events.</summary>
public static class OperationEvents
{
    /// <summary>Discards all events.</summary>
    public static IOperationEvents None { get; } = new Silent();

    public static void Debug(this IOperationEvents events, string text) => events.Raise(new MessageEvent(MessageLevel.Debug, text));

    public static void Verbose(this IOperationEvents events, string text) => events.Raise(new MessageEvent(MessageLevel.Verbose, text));

    public static void Information(this IOperationEvents events, string text) => events.Raise(new MessageEvent(MessageLevel.Information, text));

    public static void Warning(this IOperationEvents events, string text) => events.Raise(new MessageEvent(MessageLevel.Warning, text));

    public static void Progress(this IOperationEvents events, string activity, string status, double? fraction = null) =>
        events.Raise(new ProgressEvent(activity, status, fraction));

    private sealed class Silent : IOperationEvents
    {
        public void Raise(OperationEvent operationEvent)
        {
        }
    }
}
