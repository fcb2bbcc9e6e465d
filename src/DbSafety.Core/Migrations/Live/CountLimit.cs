using System.Diagnostics;
using DbSafety.Databases.Connections;
using Npgsql;

namespace DbSafety.Migrations.Live;

/// <summary>Limits the time of counts on a live database: some seconds for each count, and after slow counts have used up the total, a short time for each.</summary>
internal sealed class CountLimit(NpgsqlConnection connection)
{
    private static readonly TimeSpan Each = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan All = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(250);

    /// <summary>Faster counts do not add to the total.</summary>
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    private readonly Stopwatch running = new();
    private TimeSpan used;

    /// <summary>For the next count.</summary>
    public TimeSpan Limit => used < All ? Each : Least;

    public bool IsOver => running.Elapsed >= Limit;

    /// <summary>Begins a count after a savepoint: rolling back to it ends the limit.</summary>
    public Task BeginAsync(CancellationToken ct)
    {
        running.Restart();
        return connection.ExecuteAsync($"SET LOCAL statement_timeout = {(long)Limit.TotalMilliseconds}", ct);
    }

    /// <summary>Where many statements are one count.</summary>
    public void ThrowIfOver()
    {
        if (IsOver)
            throw new TimeoutException();
    }

    /// <returns>The limit in words, if the count took that long; else null.</returns>
    public string? End()
    {
        var words = IsOver ? FormattableString.Invariant($"{Limit.TotalSeconds:0.##} s") : null;
        used += running.Elapsed >= Slow ? running.Elapsed : TimeSpan.Zero;
        running.Reset();
        return words;
    }
}
