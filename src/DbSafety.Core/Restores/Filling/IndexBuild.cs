using System.Collections.Concurrent;
using DbSafety.Backups.Dumps;
using DbSafety.Databases;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.Filling;

/// <summary>Builds each table's indexes as soon as its rows are in, beside the loading of the next, and has the planner look at it.</summary>
internal sealed class IndexBuild : IAsyncDisposable
{
    private readonly DatabaseTarget database;
    private readonly Dictionary<(string Schema, string Name), int> tables;
    private readonly ILookup<int, ArchiveEntry> indexes;
    private readonly BlockingCollection<ArchiveEntry> loaded = [];
    private readonly ConcurrentBag<int> built = [];
    private readonly CancellationTokenSource stop;
    private readonly List<Task> workers;

    /// <param name="jobs">Sessions that build at the same time.</param>
    public IndexBuild(DatabaseTarget database, ArchiveToc toc, int jobs, CancellationToken ct)
    {
        this.database = database;
        // A table without rows in the archive (a partitioned one, or all of them in a set of definitions) is never reported as loaded.
        var withRows = toc.Entries.Where(e => e.HasData && e.Description == "TABLE DATA").Select(e => (e.Schema, e.Tag)).ToHashSet();
        tables = toc.Entries.Where(e => e.Description == "TABLE" && withRows.Contains((e.Schema, e.Tag))).ToDictionary(e => (e.Schema, e.Tag), e => e.DumpId);
        // One that waits for anything else than its table, or wants a tablespace, is left to pg_restore.
        indexes = toc.Entries
            .Where(e => e.Description is "INDEX" or "CONSTRAINT" && e.Tablespace.Length == 0 && e.Dependencies is [var only] && tables.ContainsValue(only))
            .ToLookup(e => e.Dependencies[0]);
        stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        workers = [.. Enumerable.Range(0, jobs).Select(_ => Task.Run(WorkAsync, ct))];
    }

    /// <summary>Dump ids of what was built here, and must not be built again. Tables without rows of their own are left to pg_restore.</summary>
    public IReadOnlyCollection<int> Built => built;

    /// <summary>The rows of this entry's table are in.</summary>
    public void Begin(ArchiveEntry data) => loaded.Add(data, stop.Token);

    /// <summary>Waits until all is built; what went wrong is thrown.</summary>
    public async Task CompleteAsync()
    {
        loaded.CompleteAdding();
        await Task.WhenAll(workers);
    }

    public async ValueTask DisposeAsync()
    {
        loaded.CompleteAdding();
        await stop.CancelAsync();
        await Task.WhenAll(workers).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        stop.Dispose();
        loaded.Dispose();
    }

    private async Task WorkAsync()
    {
        try
        {
            await using var connection = await FillSettings.OpenAsync(database, stop.Token);
            foreach (var data in loaded.GetConsumingEnumerable(stop.Token))
                await FinishAsync(connection, data);
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task FinishAsync(NpgsqlConnection connection, ArchiveEntry data)
    {
        try
        {
            foreach (var index in tables.TryGetValue((data.Schema, data.Tag), out var table) ? indexes[table] : [])
            {
                await connection.ExecuteAsync(index.Definition, stop.Token);
                built.Add(index.DumpId);
            }

            // Without statistics the first queries after a swap would be planned blindly.
            await connection.ExecuteAsync($"ANALYZE {SqlName.Quote(data.Schema, data.Tag)}", stop.Token);
        }
        catch (PostgresException e)
        {
            throw ErrorCatalogue.TableNotRestored.Because(e, SqlName.Display(data.Schema, data.Tag), e.MessageText);
        }
    }
}
