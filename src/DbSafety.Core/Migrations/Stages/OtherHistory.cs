using DbSafety.Errors;
using DbSafety.Migrations.Ledgers;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Stages;

/// <summary>
/// Another tool's migration history in a database of which the history that is used here knows nothing: what that tool has applied would run a second time.
/// </summary>
internal static class OtherHistory
{
    /// <param name="history">The rows of the history that is used here.</param>
    /// <exception cref="DbSafetyException"><c>DBS470</c>.</exception>
    public static async Task CheckAsync(MigrationProject project, IReadOnlyList<LedgerEntry> history, NpgsqlConnection connection, SafeMigrationRequest request, IOperationEvents events, CancellationToken ct)
    {
        if (history.Count > 0 || project.Folder.Tool is not null || project.Folder.Source == MigrationSource.Other || request.Command is not null)
            return;
        // If the user said that the files are plain SQL files, a history that lists none of them is another project's.
        var isChosen = request.Source == MigrationSource.Sql;
        foreach (var found in await ToolHistories.FindAsync(connection, ct))
        {
            if ((found.Schema, found.Table) == project.Ledger.Relation)
                continue;
            if (!found.IsReadable)
            {
                events.Warning($"{found.Name}, a migration history of {found.History.Tool}, cannot be read: permission denied");
                continue;
            }

            if (await ToolHistories.ReadAsync(connection, found, ct) is { Count: > 0 } rows && Refuses(project, rows, isChosen) is { } listed)
                throw Refusal(project, found, rows, listed, connection.Database!, request.Path);
        }
    }

    /// <summary>
    /// For a command of the project on a folder that nothing says whose it is: the history in the database that lists its files is the command's, and says what is pending.
    /// </summary>
    /// <exception cref="DbSafetyException"><c>DBS476</c> there are several.</exception>
    public static async Task<MigrationProject> ForCommandAsync(SafeMigrationRun run, NpgsqlConnection connection, CancellationToken ct)
    {
        var project = run.Project;
        if (run.Request.Command is not { } command || project.Folder.Source != MigrationSource.Sql || (await project.Ledger.ReadAsync(connection, ct)).Count > 0)
            return project;
        var own = new List<FoundHistory>();
        foreach (var found in (await ToolHistories.FindAsync(connection, ct)).Where(f => f.IsReadable && (f.Schema, f.Table) != project.Ledger.Relation))
        {
            if ((await ToolHistories.ReadAsync(connection, found, ct)).Exists(r => ToolHistories.Named(r, project.Folder.Files).Any()))
                own.Add(found);
        }

        if (own.Count > 1)
            throw ErrorCatalogue.HistoryAmbiguous.For(connection.Database!, "the files", string.Join(", ", own.Select(o => o.Name)));
        if (own.Count == 0)
            return project;
        var tool = new MigrationTool(own[0].History.Tool, command.ToString()) { Histories = [own[0].History], AppliesLateOnes = true };
        return project with { Folder = project.Folder with { Source = MigrationSource.Tool, Tool = tool }, Ledger = new ToolLedger(tool, project.Folder.Files) };
    }

    /// <summary>The files that it lists, where that is a reason to refuse.</summary>
    private static List<MigrationFile>? Refuses(MigrationProject project, List<HistoryRow> rows, bool isChosen)
    {
        // What failed there is not applied.
        var names = rows.Where(r => r.State != "failed").SelectMany(r => ToolHistories.Named(r, project.Folder.Files)).Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        var listed = project.Folder.Files.Where(f => names.Contains(f.Name)).ToList();
        // Prisma and Drizzle have histories of their own, beside which other programs may have theirs.
        return listed.Count > 0 || (project.Folder.Source == MigrationSource.Sql && !isChosen) ? listed : null;
    }

    private static DbSafetyException Refusal(MigrationProject project, FoundHistory found, List<HistoryRow> rows, List<MigrationFile> listed, string database, string path)
    {
        var last = listed.LastOrDefault(f => !f.IsUnlisted);
        var files = listed.Count == 0 ? $"none of the {project.Folder.Files.Count} files" : $"{string.Join(", ", listed.Take(20).Select(f => f.Name))}{(listed.Count > 20 ? $" and {listed.Count - 20} more" : "")}";
        if (rows.Where(r => r.State == "failed").Select(r => r.Key).ToList() is { Count: > 0 } failed)
            files += $"; it says that {string.Join(", ", failed)} failed";
        var advice = last is not null
            ? $"To go on here, mark what is applied: dbsafety migration resolve \"{path}\" --baseline \"{last.Name}\"; then only what comes after it runs."
            : "If the files belong to another project than that history, specify --source sql.";
        return ErrorCatalogue.OtherHistory.For(database, project.Ledger.Name, $"{found.Name} of {found.History.Tool} has {rows.Count}, which list {files}", advice);
    }
}
