using System.Collections.Concurrent;
using System.Diagnostics;
using DbSafety.Operations;

namespace DbSafety.Integration.Tests;

/// <summary>
/// Listens to the named points that operations reach (<see cref="StepPoint"/>), in the async flow that it is created in and no other: tests
/// run in parallel. The operation waits while an action runs; what an action itself runs is not listened to. An exception of an action is
/// thrown at the operation.
/// </summary>
/// <example><c>using var at = StepListener.At("swap: database locked", () => PgServer.ExecuteAsync(target, "INSERT INTO t VALUES (1)"));</c></example>
public sealed class StepListener : IDisposable
{
    private static readonly AsyncLocal<StepListener?> Current = new();

    /// <summary>One for the whole process; which test a point belongs to is decided by its async flow.</summary>
    private static readonly ActivityListener Listener = Listen();

    private readonly Func<string, int, Task> reached;
    private readonly ConcurrentQueue<string> points = new();
    private readonly ConcurrentDictionary<string, int> times = new();
    private readonly StepListener? outer;

    private StepListener(Func<string, int, Task> reached)
    {
        _ = Listener;
        this.reached = reached;
        outer = Current.Value;
        Current.Value = this;
    }

    /// <summary>All points reached so far, in their order, each as often as it was reached.</summary>
    public IReadOnlyList<string> Points => [.. points];

    /// <summary>Calls nothing and records all points.</summary>
    public static StepListener Record() => new((_, _) => Task.CompletedTask);

    /// <summary>Stops the operation at a point and runs an action there.</summary>
    /// <param name="point">The point's name.</param>
    /// <param name="action">What another session does.</param>
    /// <param name="occurrence">The 1-based time that the point is reached.</param>
    public static StepListener At(string point, Func<Task> action, int occurrence = 1) =>
        new((name, time) => name == point && time == occurrence ? action() : Task.CompletedTask);

    /// <inheritdoc cref="At(string, Func{Task}, int)"/>
    public static StepListener At(string point, Action action, int occurrence = 1) =>
        At(point, () => { action(); return Task.CompletedTask; }, occurrence);

    /// <summary>Calls a function at each point, with its name and how often it was reached by now.</summary>
    public static StepListener AtEach(Func<string, int, Task> reached) => new(reached);

    /// <summary>Whether the point was reached.</summary>
    public bool Reached(string point) => times.ContainsKey(point);

    public void Dispose()
    {
        if (Current.Value == this)
            Current.Value = outer;
    }

    private static ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == StepPoint.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = activity => Current.Value?.Reach(activity.OperationName),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private void Reach(string point)
    {
        outer?.Reach(point);
        points.Enqueue(point);
        var time = times.AddOrUpdate(point, 1, (_, before) => before + 1);
        Task.Run(() =>
        {
            Current.Value = null;
            return reached(point, time);
        }).GetAwaiter().GetResult();
    }
}
