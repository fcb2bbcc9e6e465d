using System.Diagnostics;
using DbSafety.Databases;
using DbSafety.Migrations.Sources;
using DbSafety.Tools;
using Xunit.Abstractions;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Real projects, from nothing: schema and ledger are those that the project's own tool leaves.</summary>
[Collection(PgServerGroup.Name)]
public sealed class RealProjectTests(PgServer pg, ITestOutputHelper output)
{
    [CorpusFact]
    public async Task From_nothing_we_leave_what_the_projects_own_tool_leaves()
    {
        var differences = new List<string>();
        foreach (var project in Directory.EnumerateDirectories(CorpusFactAttribute.Folder!).Order(StringComparer.Ordinal))
        {
            using var work = new Checkout(project);
            var (ours, theirs) = (await pg.CreateDatabaseAsync("ours"), await pg.CreateDatabaseAsync("theirs"));
            var clock = Stopwatch.StartNew();
            var own = await TheirsAsync(work, theirs);
            var (theirTime, run) = (clock.Elapsed, Stopwatch.StartNew());
            var result = await Dbsafety.RunAsync("migration", "run", work.Root, "--database-url", DrizzleTools.Url(ours), "--allow-all", "--skip-backup", "--skip-rehearsal");
            output.WriteLine($"{work.Name}: {work.Folder.Files.Count} migrations ({work.Folder.Source}); the real tool {theirTime.TotalSeconds:0.0} s, dbsafety {run.Elapsed.TotalSeconds:0.0} s");
            if (result.ExitCode != 0)
                differences.Add($"{work.Name}: dbsafety failed: {Tail(result.Output + result.Error)}");
            // Some projects cannot be set up from nothing any more by their own tool: a new enum value used in Drizzle's one transaction for all.
            else if (!own.Contains("exit code 0", StringComparison.Ordinal))
                output.WriteLine($"{work.Name}: cannot be compared, for the real tool fails: {Tail(own)}");
            else
                differences.AddRange(await CompareAsync(work, ours, theirs));
        }

        Assert.True(differences.Count == 0, string.Join("\n\n", differences));
    }

    private static async Task<string> TheirsAsync(Checkout work, DatabaseTarget target)
    {
        if (work.Folder.Source == DbSafety.Migrations.MigrationSource.Prisma)
        {
            await PrismaCli.PrepareAsync(work.Root, wholeScripts: true);
            return await PrismaCli.RunAsync(work.Root, target, "migrate", "deploy");
        }

        var tools = work.Folder.Drizzle!.Layout == DrizzleLayout.Journal ? await DrizzleTools.OldAsync() : await DrizzleTools.NewAsync();
        return await tools.MigrateAsync(work.Folder.Root, target, work.Folder.Drizzle.Table, work.Folder.Drizzle.Schema);
    }

    private static async Task<List<string>> CompareAsync(Checkout work, DatabaseTarget ours, DatabaseTarget theirs)
    {
        var ledger = work.Folder.Source == DbSafety.Migrations.MigrationSource.Prisma
            ? "SELECT string_agg(concat_ws('|', migration_name, checksum, applied_steps_count, logs, finished_at IS NULL, rolled_back_at IS NULL), E'\\n' ORDER BY migration_name) FROM _prisma_migrations"
            : $"SELECT string_agg(concat_ws('|', hash, created_at), E'\\n' ORDER BY id) FROM {SqlName.Quote(work.Folder.Drizzle!.Schema, work.Folder.Drizzle.Table)}";
        var found = new List<string>();
        if (await DumpAsync(ours) is var dump && await DumpAsync(theirs) is var real && dump != real)
            found.Add($"{work.Name}: the schemas differ:\n{FirstDifference(dump, real)}");
        if (await PgServer.ScalarAsync<string>(ours, ledger) is var rows && await PgServer.ScalarAsync<string>(theirs, ledger) is var realRows && rows != realRows)
            found.Add($"{work.Name}: the ledgers differ:\n{FirstDifference(rows, realRows)}");
        return found;
    }

    private static async Task<string> DumpAsync(DatabaseTarget target)
    {
        var command = new ToolCommand("pg_dump", ["--schema-only", "-h", target.Host, "-p", target.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "-U", target.Username, "-d", target.Database]);
        var dump = await ToolProcess.RunAsync(command, CancellationToken.None);
        return string.Join('\n', dump.OrThrow().Output.Split('\n').Where(l => !l.StartsWith('\\')));
    }

    private static string FirstDifference(string ours, string theirs)
    {
        var (left, right) = (ours.Split('\n'), theirs.Split('\n'));
        var at = Enumerable.Range(0, Math.Min(left.Length, right.Length)).FirstOrDefault(i => left[i] != right[i], Math.Min(left.Length, right.Length));
        return $"line {at + 1}\nours:   {left.ElementAtOrDefault(at)}\ntheirs: {right.ElementAtOrDefault(at)}";
    }

    private static string Tail(string text) => text.Length < 1500 ? text : text[^1500..];

    /// <summary>A copy, for the tools write beside the migrations.</summary>
    private sealed class Checkout : IDisposable
    {
        public Checkout(string project)
        {
            Name = Path.GetFileName(project);
            foreach (var file in Directory.EnumerateFiles(project, "*", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(Root, Path.GetRelativePath(project, file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }

            Folder = MigrationFolder.Open(Root);
        }

        public string Name { get; }

        public string Root { get; } = Directory.CreateTempSubdirectory("dbsafety-corpus-").FullName;

        public MigrationFolder Folder { get; }

        public void Dispose() => Directory.Delete(Root, recursive: true);
    }
}
