using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using DbSafety.Operations;

namespace DbSafety.Integration.Tests;

/// <summary>
/// Listens to the named points that operations reach (<see cref="StepPoint"/>), in the async flow that it is created in and no other: tests
/// run in parallel. The operation waits while an action runs; what an action itself runs is not listened to. An exception of an action is
/// thrown at the operation.
/// </summary>
/// <example><c>using var at = StepListener.At("swap: database locked", () => PgServer.ExecuteAsync(target, "INSERT INTO t VALUES (1)"));</c></example>
public sealed partial class StepListener : IDisposable
{
    private static readonly AsyncLocal<StepListener?> Current = new();

    /// <summary>One for the whole process; which test a point belongs to is decided by its async flow.</summary>
    private static readonly ActivityListener Listener = Listen();

    /// <summary>Npgsql reports each command when it has ended (https://www.npgsql.org/doc/diagnostics/tracing.html).</summary>
    private static readonly Lazy<ActivityListener> SqlListener = new(ListenToSql);

    private readonly Func<string, int, Task> reached;
    private readonly bool withSql;
    private readonly ConcurrentQueue<string> points = new();
    private readonly ConcurrentDictionary<string, int> times = new();
    private readonly StepListener? outer;

    private StepListener(Func<string, int, Task> reached, bool withSql = false)
    {
        _ = Listener;
        if (this.withSql = withSql)
            _ = SqlListener.Value;
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
    /// <param name="withSql">The end of each SQL command of the operation is a point too: <c>sql: </c> and the beginning of its text.</param>
    public static StepListener AtEach(Func<string, int, Task> reached, bool withSql = false) => new(reached, withSql);

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

    private static ActivityListener ListenToSql()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => Current.Value is null ? ActivitySamplingResult.None : ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.GetTagItem("db.query.text") is string sql)
                    Current.Value?.ReachSql("sql: " + NameOf(sql));
            },
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    /// <summary>Names and numbers that differ from run to run are left out.</summary>
    private static string NameOf(string sql)
    {
        var line = Numbers().Replace(Blanks().Replace(sql, " ").Trim(), "#");
        return line.Length > 90 ? line[..90] : line;
    }

    private void ReachSql(string point)
    {
        if (withSql)
            Reach(point, andOuter: false);
        outer?.ReachSql(point);
    }

    private void Reach(string point, bool andOuter = true)
    {
        if (andOuter)
            outer?.Reach(point);
        points.Enqueue(point);
        var time = times.AddOrUpdate(point, 1, (_, before) => before + 1);
        Task.Run(() =>
        {
            Current.Value = null;
            return reached(point, time);
        }).GetAwaiter().GetResult();
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"\d[0-9a-fA-FTZ-]*")]
    private static partial Regex Numbers();
}
