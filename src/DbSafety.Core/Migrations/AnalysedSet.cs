using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Migrations.Histories;
using DbSafety.Migrations.Live;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Sources.Reading;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Migrations;

/// <summary>The scripts to analyse as one set, their reader, and the database that is queried about them, if any.</summary>
internal sealed class AnalysedSet(DatabaseTarget? target) : IAsyncDisposable
{
    private const string Work = "dbsafety migration test";

    private readonly Stack<IAsyncDisposable> opened = [];
    private LiveFacts? facts;

    public IReadOnlyList<SqlScript> Scripts { get; private set; } = [];

    public MigrationAnalyser Analyser { get; private set; } = new();

    public static async Task<AnalysedSet> OpenAsync(MigrationTestRequest request, IOperationEvents events, CancellationToken ct)
    {
        if (request.Target is { } named)
            request = request with { Target = await DirectAddress.ForMigrationsAsync(named, request.Path, ProjectRoot.Of, events, ct) };
        var set = new AnalysedSet(request.Target);
        try
        {
            await set.OpenScriptsAsync(request, events, ct);
            return set;
        }
        catch (Exception e)
        {
            await set.DisposeAsync();
            ct.ThrowIfCancellationRequested();
            throw e is NpgsqlException ? PgSession.Translate(e, request.Target!) : e;
        }
    }

    /// <summary>With severities adjusted by the database's answers, and with the effects of functions that exist only in the database.</summary>
    public async Task<IReadOnlyList<MigrationFinding>> JudgeAsync(MigrationFinding finding, CancellationToken ct)
    {
        try
        {
            return facts is null ? [finding] : await facts.JudgeAllAsync(finding, ct);
        }
        catch (NpgsqlException e)
        {
            ct.ThrowIfCancellationRequested();
            throw PgSession.Translate(e, target!);
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (opened.TryPop(out var last))
            await last.DisposeAsync();
    }

    private async Task OpenScriptsAsync(MigrationTestRequest request, IOperationEvents events, CancellationToken ct)
    {
        var isPath = request.Script is null && request.Input is null;
        if (target is null)
        {
            var asksForInformation = request.All || request.Rules.Count > 0 || request.Severities.Contains(FindingSeverity.Info);
            (Scripts, Analyser) = (await ScriptsAsync(request, file => events.Warning($"{file.Name} is not run, and not analysed: {file.NotRun}"), ct), new MigrationAnalyser(withInformation: asksForInformation, withStyle: request.AsksForStyle));
        }
        else if (isPath && Project(request.Path, target, request.Source) is { } project)
        {
            var connection = Keep(await project.ConnectAsync(target, Work, ct));
            var states = await project.WithinLimitAsync(target, connection, events, () => project.StatesAsync(connection, ct), ct);
            foreach (var unlisted in states.Where(s => s.State == MigrationState.Unlisted))
                events.Warning($"{unlisted.Name} is not run, and not analysed: {unlisted.Note}");
            var pending = states.Where(m => m.IsPending || m.State == MigrationState.OutOfOrder);
            var files = project.FilesOf(pending);
            Doubts(files, events);
            Scripts = [.. project.Folder.WithCallbacks(files).Select(f => f.Script)];
            await AskAsync(request, connection, project.Schema, events, ct);
        }
        else
        {
            if (isPath)
                events.Warning($"{request.Path} has no known order and no known migration history: every script is treated as pending");
            Scripts = await ScriptsAsync(request, null, ct);
            await AskAsync(request, Keep(await target.OpenForScriptsAsync(Work, ct)), "public", events, ct);
        }
    }

    /// <summary>Conditions that stop a run regardless of the scripts.</summary>
    private static void Doubts(IReadOnlyList<MigrationFile> files, IOperationEvents events)
    {
        if (files.FirstOrDefault(f => f.OrderDoubt is not null)?.OrderDoubt is { } order)
            events.Warning($"the order of the SQL files is not certain, so a run is refused: {order}");
        foreach (var doubtful in files.Where(f => f.Doubt is not null))
            events.Warning($"{doubtful.Name} may not be a migration, so a run is refused: {doubtful.Doubt}");
    }

    private async Task AskAsync(MigrationTestRequest request, NpgsqlConnection connection, string schema, IOperationEvents events, CancellationToken ct)
    {
        facts = Keep(await LiveFacts.BeginAsync(connection, target!, schema, events, ct));
        Analyser = facts.Analyser(withStyle: request.AsksForStyle);
    }

    /// <param name="leftOut">Is called for each file that looks like a migration, and that the tool of the folder does not read.</param>
    private async Task<IReadOnlyList<SqlScript>> ScriptsAsync(MigrationTestRequest request, Action<MigrationFile>? leftOut, CancellationToken ct) => request switch
    {
        { Script: { } script } => [new SqlScript(request.Path, DrizzleScript.Statements(script))],
        { Input: { } input } => [await Keep(new SpooledScript(request.Path)).FillAsync(input, ct)],
        _ => ScriptFolder.Find(request.Path, request.Source, leftOut),
    };

    private T Keep<T>(T resource)
        where T : IAsyncDisposable
    {
        opened.Push(resource);
        return resource;
    }

    private static MigrationProject? Project(string path, DatabaseTarget target, MigrationSource? source)
    {
        try
        {
            return MigrationProject.Open(path, target, source: source);
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.MigrationsUnsupported || e.Definition == ErrorCatalogue.MigrationsNotFound)
        {
            // A folder of another tool can be read nevertheless; an empty one is rejected by the reader.
            return null;
        }
    }
}
