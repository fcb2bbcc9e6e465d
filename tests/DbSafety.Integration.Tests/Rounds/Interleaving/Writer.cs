using System.Diagnostics;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Integration.Tests.Rounds.Interleaving;

/// <summary>An application that commits a row at a time, from several sessions, connects again when it is thrown out, and remembers each commit that was answered.</summary>
internal sealed class Writer : IAsyncDisposable
{
    private const int Sessions = 4;

    private readonly CancellationTokenSource stop = new();
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly DatabaseTarget target;
    private readonly Model model;
    private readonly double perSecond;
    private readonly Task[] work;
    private long committed;

    /// <param name="perSecond">Transactions, of all sessions together; made up for by the clock where the machine is busy.</param>
    public Writer(DatabaseTarget target, Model model, double perSecond)
    {
        (this.target, this.model, this.perSecond) = (target, model, perSecond);
        work = [.. Enumerable.Range(0, Sessions).Select(_ => Task.Run(WriteAsync))];
    }

    public long Committed => Interlocked.Read(ref committed);

    /// <summary>Lets each session finish its transaction.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(work).WaitAsync(TimeSpan.FromMinutes(3));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
    }

    private async Task WriteAsync()
    {
        var mine = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await target.OpenAsync(CancellationToken.None, "app");
                while (!stop.IsCancellationRequested)
                {
                    if (mine >= clock.Elapsed.TotalSeconds * perSecond / Sessions)
                    {
                        await Task.Delay(2);
                        continue;
                    }

                    var key = "w-" + Guid.NewGuid().ToString("N");
                    mine++;
                    await connection.ExecuteAsync($"INSERT INTO notes (key, value) VALUES ('{key}', 'w')", CancellationToken.None);
                    Interlocked.Increment(ref committed);
                    model.Add([Change.Row("notes", key, ("value", "w"))]);
                }
            }
            catch (Exception e) when (e is NpgsqlException or DbSafetyException or InvalidOperationException)
            {
                // Thrown out, or refused: what was not answered is not counted. Applications connect again.
                await Task.Delay(5);
            }
        }
    }
}
