using System.Diagnostics;

namespace DbSafety.Operations;

/// <summary>
/// The named points between the steps of operations, as .NET activities of the source <c>DbSafety</c>: a trace for listeners
/// (https://learn.microsoft.com/dotnet/core/diagnostics/distributed-tracing), and the places where tests stop an operation and let another
/// session act. Without a listener it costs nothing.
/// </summary>
internal static class StepPoint
{
    /// <summary>The name of the activity source.</summary>
    public const string SourceName = "DbSafety";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Reports that an operation has reached a point. A listener is called on this thread, before the operation continues.</summary>
    /// <param name="name">The operation and the step that has just finished, such as <c>swap: database locked</c>.</param>
    public static void Reach(string name) => Source.StartActivity(name)?.Dispose();
}
