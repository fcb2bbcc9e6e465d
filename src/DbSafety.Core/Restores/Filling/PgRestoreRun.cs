using System.Globalization;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups.Dumps.Archives;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Operations;
using DbSafety.Restores.Creation;
using DbSafety.Restores.Filling.Scripts;
using DbSafety.Tools;

namespace DbSafety.Restores.Filling;

/// <summary>Runs pg_restore on parts of an archive: on definitions as the options specify, or on the data of selected entries.</summary>
internal sealed class PgRestoreRun(DatabaseTarget database, PgTool pgRestore, RestoreOptions options, IOperationEvents events)
{
    private readonly LabelProviders labels = new(database, events);

    /// <summary>Set where pg_restore is newer than the server: it then sets parameters that the server does not have, and must ignore these errors.</summary>
    private (UnknownSettings Settings, int Major)? unknown;

    public static async Task<PgRestoreRun> ForAsync(DatabaseTarget database, PgTool pgRestore, RestoreOptions options, IOperationEvents events, CancellationToken ct)
    {
        var run = new PgRestoreRun(database, pgRestore, options, events);
        await using var connection = await database.OpenAsync(ct, "dbsafety restore");
        var free = (await FreeConnections.ReadAsync(connection, database.Database, ct)).Count;
        // As many sessions build indexes as load rows, but for one.
        run.Jobs = (int)Math.Clamp((free + 1) / 2, 1, Environment.ProcessorCount);
        if (pgRestore.Major > connection.PostgreSqlVersion.Major)
            run.unknown = (await UnknownSettings.ReadAsync(connection, ct), connection.PostgreSqlVersion.Major);
        return run;
    }

    /// <summary>What was left out, in words.</summary>
    public IReadOnlyList<string> Notes => unknown is { } left ? [.. left.Settings.Notes(left.Major)] : [];

    public int Jobs { get; private set; } = Environment.ProcessorCount;

    /// <summary>It runs in a container, without access to this machine's files.</summary>
    public bool IsInside => pgRestore.Inside is not null;

    /// <summary>
    /// Creates the selected objects, with their new names.
    /// </summary>
    /// <param name="head">The archive up to the end of its table of contents.</param>
    /// <param name="done">Dump IDs of the entries that exist already.</param>
    /// <exception cref="DbSafetyException"><c>DBS112</c>.</exception>
    public async Task DefinitionsAsync(byte[] head, ArchiveToc toc, IReadOnlySet<int> done, string[] sections, CancellationToken ct)
    {
        // Tables are in it though they are not created again: they show pg_restore what must not run at the same time.
        await DefinitionsAsync(head, toc, (await WantedAsync(toc, done, ct)).Where(e => e.Pass == RestorePass.Objects), sections, isParallel: sections.Contains("post-data"), ct);
    }

    /// <summary>
    /// Grants the privileges of all sections in their order and one after the other: pg_restore with --jobs grants several at the same time, among them what a role grants before it
    /// was granted it.
    /// </summary>
    /// <inheritdoc cref="DefinitionsAsync(byte[], ArchiveToc, IReadOnlySet{int}, string[], CancellationToken)"/>
    public async Task PrivilegesAsync(byte[] head, ArchiveToc toc, IReadOnlySet<int> done, CancellationToken ct)
    {
        if (options.NoOwner)
            return;
        var wanted = await WantedAsync(toc, done, ct);
        if (options.SkipExtensions.Count > 0)
        {
            var missing = await MemberPrivileges.WithoutObjectAsync(database, toc, wanted, ct);
            wanted.RemoveAll(e => missing.Contains(e.DumpId));
        }

        if (wanted.Any(e => e.Pass == RestorePass.Privileges))
            await PrivilegesAsync(head, toc, wanted, ct);
    }

    /// <summary>Populates materialized views, or creates event triggers.</summary>
    /// <inheritdoc cref="DefinitionsAsync(byte[], ArchiveToc, IReadOnlySet{int}, string[], CancellationToken)"/>
    public async Task LastAsync(byte[] head, ArchiveToc toc, IReadOnlySet<int> done, RestorePass pass, CancellationToken ct)
    {
        var empty = options.ReachesNone && pass == RestorePass.Last ? ForeignViews.In(toc) : [];
        foreach (var view in empty)
            events.Warning($"materialized view {SqlName.Display(view.Schema, view.Tag)} is not populated: it reads foreign tables, and a copy cannot connect to other servers");
        var wanted = (await WantedAsync(toc, done, ct)).Where(e => !empty.Any(v => v.DumpId == e.DumpId)).ToList();
        if (wanted.Any(e => e.Pass == pass))
            await DefinitionsAsync(head, toc, wanted.Where(e => e.Pass == pass || (e.Pass == RestorePass.Objects && e.Section != "post-data")), ["post-data"], isParallel: true, ct);
    }

    /// <summary>Those of large objects need the entries of these, which are not restored again.</summary>
    private Task PrivilegesAsync(byte[] head, ArchiveToc toc, IReadOnlyList<ArchiveEntry> wanted, CancellationToken ct) => toc.HasSections
        ? DefinitionsAsync(
            head, toc, wanted.Where(e => e.Pass == RestorePass.Privileges || (e.Pass == RestorePass.Objects && e.Section != "post-data")).Select(e => e.Pass == RestorePass.Privileges ? e with { Section = "post-data" } : e),
            ["post-data"], isParallel: false, ct)
        : DefinitionsAsync(head, toc, wanted.Where(e => e.Pass == RestorePass.Privileges || e.IsForSession), ["pre-data", "data", "post-data"], isParallel: false, ct);

    private async Task DefinitionsAsync(byte[] head, ArchiveToc toc, IEnumerable<ArchiveEntry> entries, string[] sections, bool isParallel, CancellationToken ct)
    {
        var archive = ReducedArchive.Write(head, toc, entries);
        var arguments = sections.Select(s => "--section=" + s);
        if (IsInside)
        {
            // Over a pipe there is one worker.
            await RunAsync(arguments, ct, (input, token) => input.WriteAsync(archive, token).AsTask());
            return;
        }

        var file = Path.GetTempFileName(); // readable by its owner alone
        try
        {
            await File.WriteAllBytesAsync(file, archive, ct);
            await RunAsync([.. arguments, .. isParallel ? [InParallel] : Array.Empty<string>(), file], ct);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Restores everything in an archive's file: its objects and rows in several sessions, its privileges in one session.</summary>
    /// <param name="count">Counts what was restored, between objects and privileges.</param>
    public async Task AllAsync(ArchiveToc toc, string archive, Func<CancellationToken, Task> count, CancellationToken ct)
    {
        var passes = toc.Entries.Where(e => !e.IsForSession).ToLookup(e => e.Pass);
        foreach (var pass in Enum.GetValues<RestorePass>())
        {
            if (passes.Contains(pass))
                await ChosenAsync(passes[pass], pass == RestorePass.Privileges ? [archive] : [InParallel, archive], null, ct);
            if (pass == RestorePass.Objects)
                await count(ct);
        }
    }

    /// <summary>Restores the data of these entries, by pg_restore itself.</summary>
    /// <param name="archive">The archive's path, and what goes with it; empty where it is fed.</param>
    public async Task DataAsync(IEnumerable<ArchiveEntry> entries, IEnumerable<string> archive, Func<Stream, CancellationToken, Task>? feed, CancellationToken ct)
    {
        // Only tables can be chosen by name, and naming one leaves large objects out: so a list is needed.
        await ChosenAsync(entries, ["--section=data", .. archive], feed, ct);
    }

    private async Task ChosenAsync(IEnumerable<ArchiveEntry> entries, IEnumerable<string> arguments, Func<Stream, CancellationToken, Task>? feed, CancellationToken ct)
    {
        var list = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(list, entries.Select(e => e.DumpId.ToString(CultureInfo.InvariantCulture) + ";"), ct);
            await RunAsync(["--use-list=" + list, .. arguments], ct, feed);
        }
        finally
        {
            File.Delete(list);
        }
    }

    public string InParallel => "--jobs=" + Jobs.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// The definitions before the rows, with another search_path than the empty path that pg_restore sets: CREATE TABLE analyzes functions of generated columns.
    /// They are created by psql, from pg_restore's script.
    /// </summary>
    /// <inheritdoc cref="DefinitionsAsync" path="/exception"/>
    public async Task DefinitionsAsync(byte[] head, ArchiveToc toc, IReadOnlySet<int> done, ScriptPath path, PgTool psql, CancellationToken ct)
    {
        var archive = ReducedArchive.Write(head, toc, (await WantedAsync(toc, done, ct)).Where(e => e.Pass == RestorePass.Objects));
        using var script = new MemoryStream();
        var print = pgRestore.Command(["--file=-", "--no-subscriptions", "--section=pre-data", .. NoOwner], FillSettings.ToolEnvironment(database));
        events.Debug(print.ToString());
        (await ToolProcess.RunAsync(print, (output, token) => output.CopyToAsync(script, token), (input, token) => input.WriteAsync(archive, token).AsTask(), ct)).OrThrow();
        script.Position = 0;
        await ScriptFill.FeedAsync(psql, database, ScriptFeed.Of(script, s => path.IsLeftOut(s) || unknown?.Settings.AreIn(s) == true, path.Start), events, ct);
    }

    private IEnumerable<string> NoOwner => options.NoOwner ? ["--no-owner", "--no-privileges"] : [];

    private async Task<List<ArchiveEntry>> WantedAsync(ArchiveToc toc, IReadOnlySet<int> done, CancellationToken ct)
    {
        var wanted = toc.Entries.Where(e => !e.HasData && options.Wants(e) && !DumpedSubscription.IsEntry(e) && !done.Contains(e.DumpId)).Select(e => BeforeRows(InitialObjects.Fit(RoleRenaming.Apply(e, options)))).ToList();
        for (var i = 0; i < wanted.Count; i++)
        {
            if (wanted[i].Description == "SECURITY LABEL")
                wanted[i] = wanted[i] with { Definition = await labels.WithoutUnloadedAsync(wanted[i].Definition, ct) };
        }

        wanted.RemoveAll(e => e is { Description: "SECURITY LABEL", Definition: "" } || (e.Description == "COMMENT" && InitialObjects.IsComment(e.Definition)));
        return wanted;
    }

    /// <summary>Version 17 and later create large objects in the data section; like tables, they must exist before their data is loaded.</summary>
    private static ArchiveEntry BeforeRows(ArchiveEntry entry) =>
        entry is { Section: "data", Pass: RestorePass.Objects } && entry.Description is not ("SEQUENCE SET" or "STATISTICS DATA") ? entry with { Section = "pre-data" } : entry;

    public async Task RunAsync(IEnumerable<string> arguments, CancellationToken ct, Func<Stream, CancellationToken, Task>? feed = null)
    {
        var command = pgRestore.Command([.. unknown is null ? ["--exit-on-error"] : Array.Empty<string>(), "--no-password", "--no-subscriptions", "--dbname=" + database.ToolConnectionName, .. NoOwner, .. arguments], FillSettings.ToolEnvironment(database));
        events.Debug(command.ToString());
        var result = await ToolProcess.RunAsync(command, (output, token) => output.CopyToAsync(Stream.Null, token), feed, ct);
        if (unknown is not { } left)
            result.OrThrow();
        else if (!left.Settings.AreAllErrors(result.Error))
            (result with { Error = left.Settings.Others(result.Error) }).OrThrow();
    }
}
