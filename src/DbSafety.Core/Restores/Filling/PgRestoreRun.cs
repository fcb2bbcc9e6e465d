using System.Globalization;
using DbSafety.Backups.Dumps;
using DbSafety.Databases;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Replication;
using DbSafety.Tools;

namespace DbSafety.Restores.Filling;

/// <summary>Runs pg_restore on parts of an archive: on definitions as the options want them, or on the data of chosen entries.</summary>
internal sealed class PgRestoreRun(DatabaseTarget database, PgTool pgRestore, RestoreOptions options, IOperationEvents events)
{
    private readonly LabelProviders labels = new(database, events);

    public int Jobs { get; } = Environment.ProcessorCount;

    /// <summary>It runs in a container, where this machine's files are not.</summary>
    public bool IsInside => pgRestore.Inside is not null;

    /// <summary>Makes the definitions that are wanted, under the names they are wanted with.</summary>
    /// <param name="head">The archive up to the end of its table of contents.</param>
    /// <param name="done">Dump ids of what is there already.</param>
    /// <exception cref="DbSafetyException"><c>DBS112</c>.</exception>
    public async Task DefinitionsAsync(byte[] head, ArchiveToc toc, IReadOnlySet<int> done, string[] sections, CancellationToken ct)
    {
        var empty = options.ReachesNone ? ForeignViews.In(toc) : [];
        if (sections.Contains("post-data"))
        {
            foreach (var view in empty)
                events.Warning($"materialized view {SqlName.Display(view.Schema, view.Tag)} is not filled: it reads foreign tables, and a copy reaches no other server");
        }

        // With --section, pg_restore would take a comment for one of the section of whatever is before it in the reduced archive.
        var wanted = toc.Entries.Where(e => !e.HasData && (e.IsForSession || sections.Contains(e.Section)) && options.Wants(e) && !DumpedSubscription.IsEntry(e) && !done.Contains(e.DumpId) && !empty.Contains(e)).Select(e => RoleRenaming.Apply(e, options)).ToList();
        for (var i = 0; i < wanted.Count; i++)
        {
            if (wanted[i].Description == "SECURITY LABEL")
                wanted[i] = wanted[i] with { Definition = await labels.WithoutUnloadedAsync(wanted[i].Definition, ct) };
        }

        wanted.RemoveAll(e => e is { Description: "SECURITY LABEL", Definition: "" });
        var archive = ReducedArchive.Write(head, toc, wanted);
        if (IsInside)
        {
            // Over a pipe there is one worker.
            await RunAsync([], ct, (input, token) => input.WriteAsync(archive, token).AsTask());
            return;
        }

        var file = Path.GetTempFileName(); // readable by its owner alone
        try
        {
            await File.WriteAllBytesAsync(file, archive, ct);
            await RunAsync([InParallel, file], ct);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Restores the data of these entries, by pg_restore itself.</summary>
    /// <param name="archive">The archive's path, and what goes with it; empty where it is fed.</param>
    public async Task DataAsync(IEnumerable<ArchiveEntry> entries, IEnumerable<string> archive, Func<Stream, CancellationToken, Task>? feed, CancellationToken ct)
    {
        // Only tables can be chosen by name, and naming one leaves large objects out: so a list it must be.
        var list = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(list, entries.Select(e => e.DumpId.ToString(CultureInfo.InvariantCulture) + ";"), ct);
            await RunAsync(["--section=data", "--use-list=" + list, .. archive], ct, feed);
        }
        finally
        {
            File.Delete(list);
        }
    }

    public string InParallel => "--jobs=" + Jobs.ToString(CultureInfo.InvariantCulture);

    public async Task RunAsync(IEnumerable<string> arguments, CancellationToken ct, Func<Stream, CancellationToken, Task>? feed = null)
    {
        var command = pgRestore.Command(["--exit-on-error", "--no-password", "--no-subscriptions", "--dbname=" + database.ToolConnectionName, .. options.NoOwner ? ["--no-owner", "--no-privileges"] : Array.Empty<string>(), .. arguments], FillSettings.ToolEnvironment(database));
        events.Debug(command.ToString());
        (await ToolProcess.RunAsync(command, (output, token) => output.CopyToAsync(Stream.Null, token), feed, ct)).OrThrow();
    }
}
