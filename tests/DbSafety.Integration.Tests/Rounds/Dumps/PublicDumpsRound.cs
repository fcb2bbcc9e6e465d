using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Errors;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Scratch;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Rounds.Dumps;

/// <summary>
/// Dumps that others published, as they are packed: what a restore makes of each is what PostgreSQL's own tools make of it, in every line of a dump, or the reason is said, and a drill agrees. A refusal is
/// right where the stock tools stop too, and where it is one of <see cref="Refusals"/>.
/// </summary>
[Trait("Category", "PublicDumps")]
public sealed class PublicDumpsRound(ITestOutputHelper output)
{
    /// <summary>Packing and encryption that the stock tools do not read either, another system's dump, psql's own commands.</summary>
    private static readonly string[] Refusals = ["DBS212", "DBS227", "DBS230", "DBS231", "DBS232", "DBS317"];

    /// <summary>Files that were changed on the way.</summary>
    private static readonly string[] Explained = ["it is incomplete, or was edited", "converted to CR LF", "it is UTF-16"];

    public static TheoryData<string> Dumps => [.. PublicDumps.Names];

    [PublicDumpTheory]
    [MemberData(nameof(Dumps))]
    public async Task A_public_dump_is_restored_with_the_same_result_as_the_PostgreSQL_tools_or_refused_with_the_reason(string name)
    {
        var path = Path.Combine(PublicDumps.Folder!, name);
        var result = await RunAsync(path);
        output.WriteLine(result.Text);
        await Round.ReportAsync($"{(result.IsRight ? "right" : "WRONG")} {name}: {result.Text}");
        Assert.True(result.IsRight, result.Text);
    }

    private static async Task<(bool IsRight, string Text)> RunAsync(string path)
    {
        var (problem, refusal, backup) = await TestAsync(path);
        if (refusal is not null)
            return (Refusals.Contains(refusal.Definition.Code), $"test: {refusal.Definition.Code} {refusal.Message}");
        if (problem is not null)
            return (Explained.Any(e => problem.Contains(e, StringComparison.Ordinal)), $"test: {problem}");
        var (roles, isScript) = (backup!.Manifest.Roles, backup.Manifest.Format == BackupFormat.Plain);
        using var folder = new TempFolder();
        var unpacked = await UnpackAsync(backup.Foreign!, folder);
        await using var stockServer = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        await using var server = await ScratchServer.StartAsync(null, new RecordedEvents(), CancellationToken.None);
        foreach (var role in roles.Where(r => r != server.Target.Username))
        {
            // Scripts create roles of their own, too; beside a live database, that is left to the administrator.
            if (!isScript || !await CreatesAsync(unpacked, role))
                await PgServer.ExecuteAsync(stockServer.Target, $"CREATE ROLE {SqlName.Quote(role)}");
            await PgServer.ExecuteAsync(server.Target, $"CREATE ROLE {SqlName.Quote(role)}");
        }

        var stock = await StockRestore.RunAsync(unpacked, isScript, stockServer.Target, CancellationToken.None);
        var target = server.Target.On(stock.Database.Database);
        var events = new RecordedEvents();
        try
        {
            var restore = await RestoreAsync(path, target, events);
            var reported = string.Join("; ", [$"{restore.Tables} tables, {restore.Rows} rows", .. restore.Notes]) + " | " + events.Text.ReplaceLineEndings(" ");
            await Round.ReportAsync($"      {Path.GetFileName(path)} by the stock tools: {stock.Error ?? "restored"}");
            if (stock.Error is not null)
                return (false, $"restored ({reported}), and the stock tools stop: {stock.Error}");
            var differences = Differences(await LinesAsync(stock.Database, stock.IsNamed), await LinesAsync(target, stock.IsNamed));
            if (differences.Count == 0 && await DrillProblemAsync(path) is { } drill)
                return (false, $"restored ({reported}), and a drill says: {drill}");
            return (differences.Count == 0, differences.Count == 0 ? $"restored: {reported}" : $"{differences.Count} lines differ ({reported}):\n" + string.Join('\n', differences.Take(40)));
        }
        catch (DbSafetyException e)
        {
            var stops = stock.Error is null ? "the stock tools restore it" : $"the stock tools stop too: {stock.Error}";
            return (stock.Error is not null || Refusals.Contains(e.Definition.Code), $"{e.Definition.Code} {e.Message} | {e.Hint} | {stops}");
        }
    }

    private static async Task<string?> DrillProblemAsync(string path)
    {
        try
        {
            var drill = await new DrillBackup().RunAsync(new BackupTestRequest(path), new RecordedEvents(), CancellationToken.None);
            return drill.Passed ? null : string.Join("; ", drill.Problems);
        }
        catch (DbSafetyException e)
        {
            // A drill of a dump that is newer than every server here.
            return e.Definition == ErrorCatalogue.NoTemporaryServer ? null : $"{e.Definition.Code} {e.Message}";
        }
    }

    /// <summary>Where the server lacks the locale of the dump, as its message says: over an empty database.</summary>
    private static async Task<PgRestore> RestoreAsync(string path, DatabaseTarget target, RecordedEvents events)
    {
        try
        {
            return await new RestoreDatabase().RunAsync(new RestoreRequest(path, target), events, CancellationToken.None);
        }
        catch (DbSafetyException e) when (e.Definition == ErrorCatalogue.LocaleMissing)
        {
            await PgServer.ExecuteAsync(target.On("postgres"), $"CREATE DATABASE {SqlName.Quote(target.Database)} TEMPLATE template0");
            return await new RestoreDatabase().RunAsync(new RestoreRequest(path, target) { AllowOtherDatabase = true }, events, CancellationToken.None);
        }
    }

    private static async Task<(string? Problem, DbSafetyException? Refusal, PgBackup? Backup)> TestAsync(string path)
    {
        try
        {
            var (backup, test) = await TestBackup.ReadSetAsync(new BackupTestRequest(path), new RecordedEvents(), CancellationToken.None);
            return (test.Passed ? null : string.Join("; ", test.Problems), null, backup);
        }
        catch (DbSafetyException e)
        {
            return (null, e, null);
        }
    }

    /// <summary>For tools that read no packed files.</summary>
    private static async Task<string> UnpackAsync(ForeignDump dump, TempFolder folder)
    {
        if (dump.Compression.Name == "none" && dump.Packed is null)
            return dump.Path;
        var path = Path.Combine(folder.Path, "unpacked");
        await using var source = dump.Open();
        await using var file = File.Create(path);
        await source.CopyToAsync(file);
        return path;
    }

    private static async Task<bool> CreatesAsync(string path, string role) =>
        (await File.ReadAllTextAsync(path)).Split('\n').Any(l => (l.StartsWith("CREATE ROLE ", StringComparison.OrdinalIgnoreCase) || l.StartsWith("CREATE USER ", StringComparison.OrdinalIgnoreCase)) && l.Contains(role, StringComparison.Ordinal));

    /// <summary>The lines of a dump with its rows, in an order of their own: rows are loaded in several sessions.</summary>
    /// <param name="isNamed">The dump creates the database: what belongs to the database itself is in them.</param>
    private static async Task<List<string>> LinesAsync(DatabaseTarget database, bool isNamed)
    {
        var tool = await PgTools.FindAsync("pg_dump", 0, CancellationToken.None, preferred: int.MaxValue);
        var result = await ToolProcess.RunAsync(new ToolCommand(tool.Path, ["--encoding=UTF8", .. isNamed ? ["--create"] : Array.Empty<string>()]) { Environment = database.ToolEnvironment() }, CancellationToken.None);
        return [.. result.OrThrow().Output.Split('\n').Where(l => !l.StartsWith("\\restrict ", StringComparison.Ordinal) && !l.StartsWith("\\unrestrict ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    private static List<string> Differences(List<string> stock, List<string> ours) =>
        [.. Missing(stock, ours).Select(l => "only stock: " + l), .. Missing(ours, stock).Select(l => "only ours: " + l)];

    /// <summary>What one list has more often than another.</summary>
    private static IEnumerable<string> Missing(List<string> of, List<string> from)
    {
        var left = from.GroupBy(l => l).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        return of.Where(line => (left[line] = left.GetValueOrDefault(line) - 1) < 0);
    }
}
