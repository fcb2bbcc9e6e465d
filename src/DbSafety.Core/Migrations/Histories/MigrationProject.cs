using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Databases.Tables;
using DbSafety.Errors;
using DbSafety.Migrations.Sources;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations.Histories;

/// <summary>A folder of migrations together with the migration history of a database.</summary>
internal sealed record MigrationProject(MigrationFolder Folder, IMigrationHistory History, string Schema)
{
    /// <summary>The tool records applied migrations in a known table, so the pending migrations are known before and after a command of the project.</summary>
    public bool IsRecordedByTool => Folder.Source is MigrationSource.Prisma or MigrationSource.Drizzle or MigrationSource.Tool;

    /// <param name="byCommand">A command of the project runs the migrations, so they need not be readable.</param>
    /// <param name="source">SQL: the files are treated as plain SQL files, even if the folder looks like that of a tool.</param>
    public static MigrationProject Open(string path, DatabaseTarget? target, bool byCommand = false, MigrationSource? source = null)
    {
        var folder = byCommand ? MigrationFolder.OpenForCommand(path, source) : MigrationFolder.Open(path, source);
        // Without a known history, the pending migrations are unknown.
        if (folder is { Source: MigrationSource.Tool, Tool: { Histories.Count: 0 } unknown })
            folder = byCommand ? folder with { Source = MigrationSource.Other, Files = [] } : throw ErrorCatalogue.ToolUnreadable.For(folder.Root, unknown.Name, unknown.Command);
        var schema = folder.Source == MigrationSource.Prisma ? target?.Schema ?? "public" : folder.Tool?.SearchPath ?? "public";
        return new MigrationProject(folder, folder.Source switch
        {
            MigrationSource.Prisma => new PrismaHistory(schema),
            MigrationSource.Drizzle => new DrizzleHistory(folder.Drizzle!, folder.Files),
            MigrationSource.Tool => new ToolHistory(folder.Tool!, [.. folder.Files.Where(f => !f.IsLeftOut)]),
            MigrationSource.Other => folder.Tool is { Histories.Count: > 0 } known ? new ToolHistory(known, []) : new UnknownHistory(),
            _ => new SqlHistory(),
        }, schema);
    }

    /// <summary>Connects as the tool does: Prisma puts the schema of its URL first on the search path.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(DatabaseTarget target, string work, CancellationToken ct)
    {
        var connection = await target.OpenForScriptsAsync(work, ct);
        try
        {
            await UseSchemaAsync(connection, target, ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public Task UseSchemaAsync(NpgsqlConnection connection, DatabaseTarget target, CancellationToken ct) =>
        Folder.Source == MigrationSource.Prisma && target.Schema is not null ? connection.ExecuteAsync($"SET search_path = {SqlName.Quote(Schema)}", ct)
        : Folder.Tool?.SearchPath is { } first ? connection.ExecuteAsync($"SELECT pg_catalog.set_config('search_path', {SqlName.Literal(SqlName.Quote(first) + ", ")} || pg_catalog.current_setting('search_path'), false)", ct)
        : Task.CompletedTask;

    public async Task<IReadOnlyList<PgMigration>> StatesAsync(NpgsqlConnection connection, CancellationToken ct) =>
        await StatesAsync(connection, await History.ReadAsync(connection, ct), ct);

    /// <param name="history">The rows of the migration history, which have just been read.</param>
    public async Task<IReadOnlyList<PgMigration>> StatesAsync(NpgsqlConnection connection, IReadOnlyList<HistoryEntry> history, CancellationToken ct) =>
        MigrationStates.Combine(Folder, history, await new StepLog(History).ReadAsync(connection, ct));

    /// <summary>Scripts that are not migrations and are not in a history.</summary>
    public void NameCallbacks(IOperationEvents events)
    {
        if (Folder.Callbacks.Count > 0)
            events.Information($"{Folder.Tool!.Name} also runs these scripts with every migration: {string.Join(", ", Folder.Callbacks.Select(c => c.File.RelativePath))}");
    }

    /// <summary>A tool that records one number never runs a file with a lower number that is added later, and the number does not show that it is missing.</summary>
    public void NameUnrecorded(IReadOnlyList<HistoryEntry> history, IOperationEvents events)
    {
        if (history.Where(e => e.Note is not null).Select(e => e.Name).ToList() is { Count: > 0 } names)
            events.Information($"{History.Name} has no row for {names.Count} of the files, which are treated as applied: {string.Join(", ", names.TakeLast(5))}{(names.Count > 5 ? ", …" : "")}. A file that was added after a later file was applied did not run, and {Folder.Tool?.Name} does not run it: use a later number for it");
    }

    public IReadOnlyList<MigrationFile> FilesOf(IEnumerable<PgMigration> migrations)
    {
        var byName = migrations.ToLookup(m => m.Name, StringComparer.Ordinal);
        return [.. Folder.Files.Where(f => byName.Contains(f.Name)).Select(f => byName[f.Name].Any(m => m.ResumesAt is not null) ? f with { IsBegun = true } : f)];
    }
}
