using System.Collections.Concurrent;
using System.Threading.Channels;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using Npgsql;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Builds each table's indexes as soon as its rows are loaded, while other tables are loaded, several of one table at the same time, and then
/// analyzes the table.
/// </summary>
internal sealed class IndexBuild
{
    private readonly Dictionary<(string Schema, string Name), int> tables;
    private readonly ILookup<int, ArchiveEntry> indexes;
    private readonly Channel<Step> steps = Channel.CreateUnbounded<Step>();
    private readonly ConcurrentBag<int> built = [];
    private int open;

    private readonly IReadOnlyList<string> paths;

    /// <param name="loaders">Sessions that load tables, each of which reports when it has no tables left.</param>
    /// <param name="paths">The search_path with which an index is built that cannot be built with an empty one.</param>
    public IndexBuild(ArchiveToc toc, int loaders, IReadOnlyList<string> paths)
    {
        open = loaders;
        this.paths = paths;
        // A table without rows in the archive (a partitioned one, or all of them in a set of definitions) is never reported as loaded.
        // One whose rows come through its root gets rows while others are loaded.
        var withRows = toc.Entries.Where(e => e.HasData && e.Description == "TABLE DATA" && e.Root is null).Select(e => (e.Schema, e.Tag)).ToHashSet();
        tables = toc.Entries.Where(e => e.Description == "TABLE" && withRows.Contains((e.Schema, e.Tag))).ToDictionary(e => (e.Schema, e.Tag), e => e.DumpId);
        var known = tables.Values.ToHashSet();
        // One that waits for anything else than its table, or wants a tablespace, is left to pg_restore.
        indexes = toc.Entries
            .Where(e => e.Description is "INDEX" or "CONSTRAINT" && e.Tablespace.Length == 0 && e.Dependencies is [var only] && known.Contains(only))
            .ToLookup(e => e.Dependencies[0]);
    }

    /// <summary>Dump ids of what was built here, and must not be built again. Tables without rows of their own are left to pg_restore.</summary>
    public IReadOnlyCollection<int> Built => built;

    /// <summary>The rows of this entry's table are loaded.</summary>
    /// <param name="isLarge">Worth several sessions at the same time; else all of it is one step.</param>
    public void Begin(ArchiveEntry data, bool isLarge)
    {
        Interlocked.Increment(ref open);
        var all = tables.TryGetValue((data.Schema, data.Tag), out var table) ? indexes[table].OrderBy(e => e.Description == "INDEX").ToList() : [];
        var later = isLarge ? all.Where(e => e.Description == "INDEX").ToList() : [];
        steps.Writer.TryWrite(new Step(new Table(data, later), [.. all.Except(later)]));
    }

    /// <summary>A session that has no table left to load builds indexes with the other sessions, until all are built.</summary>
    public Task HelpAsync(NpgsqlConnection session, CancellationToken ct)
    {
        Close();
        return WorkAsync(session, ct);
    }

    /// <summary>Builds what there is, until all tables are loaded and all is built.</summary>
    /// <exception cref="DbSafetyException"><c>DBS310</c>, with the table's name.</exception>
    public async Task WorkAsync(NpgsqlConnection session, CancellationToken ct)
    {
        await foreach (var step in steps.Reader.ReadAllAsync(ct))
        {
            try
            {
                await TakeAsync(session, step, ct);
            }
            catch (PostgresException e) when (SearchPath.IsMissing(e))
            {
                throw ErrorCatalogue.NotRestorable.Because(e, string.Join(", ", step.Indexes.Select(i => $"{i.Description.ToLowerInvariant()} {SqlName.Display(i.Schema, i.Tag)}")), SearchPath.Words(e));
            }
            catch (PostgresException e)
            {
                throw ErrorCatalogue.TableNotRestored.Because(e, SqlName.Display(step.Table.Data.Schema, step.Table.Data.Tag), e.MessageText);
            }
        }
    }

    /// <summary>A constraint locks its table against everything else, an index only against writers: the former come first and together.</summary>
    private async Task TakeAsync(NpgsqlConnection session, Step step, CancellationToken ct)
    {
        var (table, next) = (step.Table, step.Table.TakeFirst() ?? []);
        var statements = step.Indexes.Select(i => i.Definition).ToList();
        // Without statistics the first queries after a swap would be planned badly.
        var analyze = $"ANALYZE {SqlName.Quote(table.Data.Schema, table.Data.Tag)}";
        if (table.IsOneStep && table.Data.Root is null)
            statements.Add(analyze);
        // In one round trip; a definition of pg_dump's ends with its semicolon, and may be several statements.
        if (statements.Count > 0)
            await SearchPath.RunAsync(session, paths, () => session.ExecuteAsync(string.Concat(statements), ct), ct);
        foreach (var index in step.Indexes)
            built.Add(index.DumpId);

        next.ForEach(index => steps.Writer.TryWrite(new Step(table, [index])));
        if (next.Count > 0 || !table.IsDone())
            return;
        if (!table.IsOneStep)
            await SearchPath.RunAsync(session, paths, () => session.ExecuteAsync(analyze, ct), ct);
        Close();
    }

    /// <summary>One loader, or one table, is done.</summary>
    private void Close()
    {
        if (Interlocked.Decrement(ref open) == 0)
            steps.Writer.Complete();
    }

    /// <summary>What one session does at a time.</summary>
    private sealed record Step(Table Table, IReadOnlyList<ArchiveEntry> Indexes);

    /// <summary>A table, and its indexes that are built in parallel.</summary>
    private sealed class Table(ArchiveEntry data, List<ArchiveEntry> indexes)
    {
        private List<ArchiveEntry>? waiting = indexes;
        private int left = indexes.Count;

        public ArchiveEntry Data => data;

        /// <summary>None of its indexes are built in parallel.</summary>
        public bool IsOneStep { get; } = indexes.Count == 0;

        /// <summary>All of them, the first time; nothing from then on.</summary>
        public List<ArchiveEntry>? TakeFirst() => Interlocked.Exchange(ref waiting, null);

        /// <summary>Called once after each: whether it was the last.</summary>
        public bool IsDone() => Interlocked.Decrement(ref left) <= 0;
    }
}
