using System.Collections.Concurrent;
using Npgsql;

namespace DbSafety.Integration.Tests.Databases.Poolers;

/// <summary>An app whose clients work through a pooler all the time.</summary>
public sealed class PooledApp : IAsyncDisposable
{
    private const int Clients = 4;

    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<string> errors = new();
    private readonly List<Task> clients = [];
    private long queries;

    private PooledApp()
    {
    }

    /// <summary>Returns once each client has made its first query.</summary>
    public static async Task<PooledApp> StartAsync(PgBouncer pooler, string database)
    {
        var app = new PooledApp();
        app.clients.AddRange(Enumerable.Range(0, Clients).Select(_ => app.WorkAsync(pooler, database)));
        await app.UntilMoreAsync();
        return app;
    }

    /// <summary>Further queries have been made, and none has failed since the start.</summary>
    public async Task WorksAsync()
    {
        await UntilMoreAsync();
        Assert.Empty(errors);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        stop.Dispose();
    }

    private async Task UntilMoreAsync()
    {
        for (var until = Interlocked.Read(ref queries) + (3 * Clients); Interlocked.Read(ref queries) < until && errors.IsEmpty;)
            await Task.Delay(5);
    }

    private async Task WorkAsync(PgBouncer pooler, string database)
    {
        try
        {
            await using var connection = await pooler.ConnectAsync(database);
            while (!stop.IsCancellationRequested)
            {
                await using var command = new NpgsqlCommand("SELECT count(*) FROM orders", connection);
                await command.ExecuteScalarAsync();
                Interlocked.Increment(ref queries);
            }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            errors.Enqueue(e.Message);
        }
    }
}
