using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Histories.Reading;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>
/// Another tool's migration history in a database, whose files are not in the history that is used here: the files that the tool has applied would run a second time.
/// </summary>
internal static class OtherHistory
{
    private static Advice Sql => Advice.Of($"--source sql");

    /// <param name="history">The rows of the history that is used here.</param>
    /// <exception cref="DbSafetyException"><c>DBS470</c>; <c>DBS486</c> it is in a schema that this connection does not use.</exception>
    public static async Task CheckAsync(MigrationProject project, IReadOnlyList<HistoryEntry> history, NpgsqlConnection connection, SafeMigrationRequest request, IOperationEvents events, CancellationToken ct)
    {
        // If the user has specified plain SQL files, a history that lists none of them belongs to another project.
        var isChosen = request.Source == MigrationSource.Sql;
        if (project.History is ToolHistory own && project.Folder.Files.Count > 0)
            await OtherSchema.CheckAsync(own, project, connection, events, ct);
        if (project.Folder.Tool is not null || project.Folder.Source == MigrationSource.Other || request.Command is not null)
            return;
        var path = await PathAsync(project, request, connection, ct);
        if (project.Folder.Source == MigrationSource.Sql && path.IsSet && history.Any(e => e.IsApplied) && !await HasTablesAsync(connection, path.First, ct))
            events.Warning($"{project.History.Name} records files for the entire database, not for each schema; listed files may have been applied to a schema other than {path.First}, which has no tables");
        var elsewhere = new List<FoundHistory>();
        var all = (await ToolHistories.FindAsync(connection, ct)).Concat(await ToolHistories.FindByColumnsAsync(connection, ct)).Where(f => (f.Schema, f.Table) != project.History.Relation).ToList();
        foreach (var found in all)
        {
            if (!found.IsReadable)
            {
                events.Warning($"{found.Name}, a migration history of {found.History.Tool}, cannot be read: permission denied");
                continue;
            }

            if (!IsHere(found, path))
            {
                elsewhere.Add(found);
                continue;
            }

            // A table with the columns of a history is a history only if it lists the files.
            if (await ToolHistories.TryReadAsync(connection, found, ct) is not { Count: > 0 } rows || (found.HasOtherName && !rows.Exists(r => ToolHistories.IsOf(r, project.Folder.Files))) || Refuses(project, history, rows, isChosen) is not { } listed)
                continue;
            if (history.Count == 0 || !isChosen)
                throw Refusal(project, history, found, rows, listed, connection.Database!, request);
            // Both are in use, and the user has specified that they do not belong together.
            var twice = listed.Where(f => !f.IsUnlisted && !history.Any(e => e.Name == f.Name && e.IsApplied)).Select(f => f.Name);
            events.Warning($"{found.Name} of {found.History.Tool} lists {string.Join(", ", twice)} as applied; if it is the history of this project, the pending migrations have already run");
        }

        await OtherSchema.CheckAsync(project, elsewhere, path, rows => Refuses(project, history, rows, isChosen) is { Count: > 0 }, history.Count > 0, isChosen, connection, events, ct);
        if (project.Folder.Source == MigrationSource.Sql)
            await CheckFileListsAsync(project, history, [.. all.Where(f => !f.HasOtherName).Select(f => (f.Schema, f.Table))], connection, request, events, ct);
    }

    /// <summary>Tables of unknown tools whose rows name pending files.</summary>
    /// <exception cref="DbSafetyException"><c>DBS487</c>.</exception>
    private static async Task CheckFileListsAsync(
        MigrationProject project, IReadOnlyList<HistoryEntry> history, HashSet<(string Schema, string Table)> known, NpgsqlConnection connection, SafeMigrationRequest request, IOperationEvents events, CancellationToken ct)
    {
        var run = project.Folder.Files.Where(f => !f.IsUnlisted).ToList();
        var pending = run.Where(f => !history.Any(e => e.Name == f.Name && e.IsApplied)).ToList();
        if (pending.Count == 0)
            return;
        var (found, unread) = await FileLists.FindAsync(connection, pending, known, ct);
        foreach (var why in unread)
            events.Warning(why);
        if (found.Count == 0)
            return;
        var (list, names) = (found[0], string.Join(", ", found[0].Names.Take(20)));
        if (request.Source == MigrationSource.Sql && (history.Count > 0 || IsPlain(request.Path)))
        {
            events.Warning($"{list.Table} lists {names}; if it is the history of this project, the pending migrations have already run");
            return;
        }

        var source = request.Source == MigrationSource.Sql ? Sql : null;
        var advice = list.HasVersionsOnly ? $"compare its rows with the files, and mark each file that has been applied: {Advice.Of($"migration resolve \"{request.Path}\" --applied NAME {source}")}"
            : pending.Take(list.Names.Count).Select(f => f.Name).SequenceEqual(list.Names) ? $"mark them as applied here: {Advice.Of($"migration resolve \"{request.Path}\" --baseline \"{list.Names[^1]}\" {source}")}; then only later migrations run"
            : $"mark each as applied here: {string.Join("; ", list.Names.Take(20).Select(n => Advice.Of($"migration resolve \"{request.Path}\" --applied \"{n}\" {source}")))}; then only the other files run";
        throw ErrorCatalogue.FilesListed.For(connection.Database!, list.Table, names, advice + (source is not null ? "." : $". If the table is not a migration history, specify {Sql}."));
    }

    /// <summary>The files are plain SQL files without the option too.</summary>
    private static bool IsPlain(string path)
    {
        try
        {
            return MigrationFolder.Recognised(System.IO.Path.GetFullPath(path), null) is null;
        }
        catch (DbSafetyException)
        {
            return false;
        }
    }

    private static Task<bool> HasTablesAsync(NpgsqlConnection connection, string schema, CancellationToken ct) =>
        connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f'))", ct, schema);

    /// <summary>The table is where the tool creates it with this search_path; for a tool that specifies the schema itself, a project can specify another schema in its programs.</summary>
    private static bool IsHere(FoundHistory found, SchemaPath path) => HistoryChoice.IsOwn(found, path) || (!found.History.UsesPath && path.Visible.Contains(found.Schema));

    /// <summary>Prisma uses one schema: that of its URL, otherwise public.</summary>
    private static async Task<SchemaPath> PathAsync(MigrationProject project, SafeMigrationRequest request, NpgsqlConnection connection, CancellationToken ct) =>
        project.Folder.Source == MigrationSource.Prisma ? SchemaPath.Of(project.Schema, request.Target.Schema is not null) : await SchemaPath.ReadAsync(connection, ct);

    /// <summary>
    /// For a command of the project on a folder of an unknown tool: the history in the database that lists its files belongs to the command and determines the pending migrations.
    /// </summary>
    /// <exception cref="DbSafetyException"><c>DBS476</c> there are several.</exception>
    public static async Task<MigrationProject> ForCommandAsync(SafeMigrationRun run, NpgsqlConnection connection, CancellationToken ct)
    {
        var project = run.Project;
        if (run.Request.Command is not { } command || project.Folder.Source != MigrationSource.Sql || (await project.History.ReadAsync(connection, ct)).Count > 0)
            return project;
        var path = await PathAsync(project, run.Request, connection, ct);
        var (own, elsewhere) = (new List<FoundHistory>(), new List<FoundHistory>());
        foreach (var found in (await ToolHistories.FindAsync(connection, ct)).Concat(await ToolHistories.FindByColumnsAsync(connection, ct)).Where(f => f.IsReadable && (f.Schema, f.Table) != project.History.Relation))
        {
            if (!IsHere(found, path))
                elsewhere.Add(found);
            else if ((await ToolHistories.TryReadAsync(connection, found, ct))?.Exists(r => Lists(found, r)) == true)
                own.Add(found);
        }

        if (own.Count == 0)
            await OtherSchema.CheckAsync(project, elsewhere, path, rows => rows.Exists(r => ToolHistories.Named(r, project.Folder.Files).Any()), isBegun: false, isChosen: false, connection, run.Events, ct);
        bool Lists(FoundHistory found, HistoryRow row) => found.HasOtherName ? ToolHistories.IsOf(row, project.Folder.Files) : ToolHistories.Named(row, project.Folder.Files).Any();
        if (own.Count > 1)
            throw ErrorCatalogue.HistoryAmbiguous.For(connection.Database!, "the files", string.Join(", ", own.Select(o => o.Name)));
        if (own.Count == 0)
            return project;
        var tool = new MigrationTool(own[0].History.Tool, command.ToString()) { Histories = [own[0].History with { Schema = own[0].Schema, Table = own[0].Table, IsNamed = true, IsConfigured = true }], AppliesLateOnes = true };
        return project with { Folder = project.Folder with { Source = MigrationSource.Tool, Tool = tool }, History = new ToolHistory(tool, project.Folder.Files) };
    }

    /// <summary>The files that it lists, if that is a reason to refuse the run.</summary>
    private static List<MigrationFile>? Refuses(MigrationProject project, IReadOnlyList<HistoryEntry> history, List<HistoryRow> rows, bool isChosen)
    {
        // Failed migrations are not applied. If DbSafety's own history has rows, a version that includes all earlier versions says nothing about individual files.
        var names = rows.Where(r => r.State == "applied" || (r.State == "upto" && history.Count == 0)).SelectMany(r => ToolHistories.Named(r, project.Folder.Files)).Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        var listed = project.Folder.Files.Where(f => names.Contains(f.Name)).ToList();
        if (history.Count > 0)
            return listed.Exists(f => !f.IsUnlisted && !history.Any(e => e.Name == f.Name && e.IsApplied)) ? listed : null;
        // Prisma and Drizzle have their own histories; other programs can have theirs in the same database.
        return listed.Count > 0 || (project.Folder.Source == MigrationSource.Sql && !isChosen) ? listed : null;
    }

    private static DbSafetyException Refusal(
        MigrationProject project, IReadOnlyList<HistoryEntry> history, FoundHistory found, List<HistoryRow> rows, List<MigrationFile> listed, string database, SafeMigrationRequest request)
    {
        var files = listed.Count == 0 ? $"none of the {project.Folder.Files.Count} files" : $"{string.Join(", ", listed.Take(20).Select(f => f.Name))}{(listed.Count > 20 ? $" and {listed.Count - 20} more" : "")}";
        if (rows.Where(r => r.State == "failed").Select(r => r.Key).ToList() is { Count: > 0 } failed)
            files += $"; it records {string.Join(", ", failed)} as failed";
        var source = request.Source == MigrationSource.Sql ? Sql : null;
        var run = project.Folder.Files.Where(f => !f.IsUnlisted).ToList();
        var known = listed.Where(f => !f.IsUnlisted).ToList();
        // A file that was added before others, and that the other tool has not applied, must not be marked together with them.
        var advice = found.History.IsOtherShape
            ? $"{found.Name} does not have the columns that {found.History.Tool} uses, so the meaning of its rows is unknown. Compare them with the files, and mark each applied file: {Advice.Of($"migration resolve \"{request.Path}\" --applied NAME {source}")}."
            : known.Count > 0 && !run.Take(known.Count).SequenceEqual(known)
            ? $"To continue, mark each applied file: {string.Join("; ", known.Select(f => Advice.Of($"migration resolve \"{request.Path}\" --applied \"{f.Name}\" {source}")))}; then only the other files run."
            : known.LastOrDefault() is { } last
            ? $"To continue, mark the applied files: {Advice.Of($"migration resolve \"{request.Path}\" --baseline \"{last.Name}\" {source}")}; then only later files run."
            : "";
        // Another project's history has the same numbers as well.
        if (known.Count > 0 && !found.History.IsOtherShape && IsByNumber(rows, listed))
            advice = $"{found.Name} has the numbers of these files, not their names, so it may belong to another project. If none of the files has been applied, use numbers that the history does not have, such as a date (20240131_name.sql), and specify {Sql}. If they have been applied: {advice}";
        if (known.Count > 0 && rows.Exists(r => r.State == "upto"))
            advice += $" {found.Name} records only the last version: first check that each earlier file has been applied.";
        // If this history has no rows, listed files may have been applied in any case.
        if (listed.Count == 0 || history.Count > 0)
            advice = $"{advice} If the files do not belong to the project of that history, specify {Sql}.".TrimStart();
        return ErrorCatalogue.OtherHistory.For(database, project.History.Name, $"{(history.Count == 0 ? "no rows" : "no rows for some of them")}, but {found.Name} of {found.History.Tool} has {rows.Count}, which list {(listed.Count > 0 && IsByNumber(rows, listed) ? "the numbers of " : "")}{files}", advice);
    }

    private static bool IsByNumber(List<HistoryRow> rows, List<MigrationFile> listed) => !rows.Exists(r => r.State != "upto" && !FileKeys.Normal(r.Key).StartsWith('#') && ToolHistories.Named(r, listed).Any());
}
