using DbSafety.Backups.Dumps;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Backups.Sets;
using DbSafety.Errors;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Filling.Scripts;

namespace DbSafety.Restores.Filling;

/// <summary>
/// Fills a new database from an archive of another tool. pg_restore reads every form of its data; definitions are parsed only
/// if options require it.
/// </summary>
internal sealed class ForeignArchiveFill(PgBackup backup, PgRestoreRun pgRestore, RestoreOptions options, PathEntries pathEntries, Func<CancellationToken, Task> count)
{
    private readonly ForeignDump foreign = backup.Foreign!;

    /// <summary>The tool reads the file itself, if it can.</summary>
    private bool IsStreamed => foreign.Compression.Name != "none" || foreign.Packed is not null || pgRestore.IsInside;

    /// <exception cref="DbSafetyException"><c>DBS112</c>; <c>DBS511</c> a directory dump and a tool that is in a container.</exception>
    public async Task<IReadOnlyList<DumpedSubscription>> RunAsync(CancellationToken ct)
    {
        if (pgRestore.IsInside && foreign.Kind == ForeignKind.Directory)
            throw ErrorCatalogue.ContainerToolUnfit.For("the restore of a directory dump", "its files are not in the container");
        var toc = foreign.Content!.Toc!;
        var subscriptions = DumpedSubscription.Of(toc, options);
        // --no-subscriptions of earlier versions leaves their comments in.
        var unreached = options.ReachesNone ? ForeignViews.In(toc) : [];
        var callers = PathEntries.In(toc, withExtensions: false).Where(e => options.Wants(e)).ToList();
        if (options.IsDefault && subscriptions.Count == 0 && callers.Count == 0 && unreached.Count == 0 && !toc.Entries.Any(e => InitialObjects.Creates(e) || (e.Description == "COMMENT" && InitialObjects.IsComment(e.Definition)))
            && (IsParallel || toc.Entries.All(e => e.Pass == RestorePass.Objects)))
        {
            if (IsParallel)
            {
                await pgRestore.AllAsync(toc, foreign.Path, count, ct);
            }
            else
            {
                await pgRestore.RunAsync(Archive(), ct, Feed());
                await count(ct);
            }

            return [];
        }

        var head = Head();
        await pgRestore.DefinitionsAsync(head, toc, new HashSet<int>(), ["pre-data"], ct);
        var data = toc.Entries.Where(e => e.HasData && (e.Description == "TABLE DATA" ? options.Wants(e.Schema, e.Tag) : options.Tables.Count == 0));
        await pgRestore.DataAsync(data, Archive(), Feed(), ct);
        await new AfterRows(pgRestore, pathEntries, count).RunAsync(head, toc, callers.Select(e => e.DumpId).ToHashSet(), [.. callers.Except(unreached)], null, ct);
        return subscriptions;
    }

    /// <summary>A tar archive has its members in one order; the others can be read at several places.</summary>
    private bool IsParallel => !IsStreamed && foreign.Kind != ForeignKind.Tar;

    private IEnumerable<string> Archive() => IsStreamed ? [] : IsParallel ? [pgRestore.InParallel, foreign.Path] : [foreign.Path];

    private Func<Stream, CancellationToken, Task>? Feed() => !IsStreamed ? null : async (input, ct) =>
    {
        await using var dump = foreign.Open();
        await dump.CopyToAsync(input, 256 * 1024, ct);
    };

    private byte[] Head()
    {
        if (foreign.Kind == ForeignKind.Directory)
            return File.ReadAllBytes(Path.Combine(foreign.Path, "toc.dat"));
        using var dump = foreign.Open();
        if (foreign.Kind == ForeignKind.Tar)
            return TarArchive.Contents(dump);
        using var start = new HeadCapture(dump);
        var input = new DumpInput(start);
        ArchiveToc.Read(input, isDirectory: false);
        return start.Take(input.Position);
    }
}
