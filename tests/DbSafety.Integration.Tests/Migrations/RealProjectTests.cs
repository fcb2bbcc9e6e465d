using System.Diagnostics;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Sources;
using DbSafety.Tools;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Real projects, from nothing: schema, rows and history are those that the project's own tool leaves, where it fails too.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class RealProjectTests(PgServer pg, ITestOutputHelper output)
{
    private const string RowCounts =
        """
        SELECT coalesce(string_agg(format('%I.%I: %s', schemaname, tablename, (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I.%I', schemaname, tablename), false, true, '')))[1]), E'\n'
                                   ORDER BY schemaname, tablename), '')
        FROM pg_tables WHERE schemaname NOT LIKE 'pg\_%' AND schemaname <> 'information_schema' AND tablename <> '_prisma_migrations'
        """;

    public static TheoryData<string> Projects
    {
        get
        {
            // Without a corpus the round is skipped; a theory without cases would be an error.
            var names = CorpusProjects.All.Where(p => p.Folder is not null).Select(p => p.Path).DefaultIfEmpty("none");
            return new TheoryData<string>(names);
        }
    }

    [CorpusTheory]
    [MemberData(nameof(Projects))]
    public async Task A_run_on_an_empty_database_has_the_same_result_as_the_tool_of_the_project(string project)
    {
        foreach (var passed in CorpusProjects.All.Where(p => p.Folder is null))
            output.WriteLine($"passed over: {passed.Path}: {passed.Reason}");
        var folder = CorpusProjects.All.First(p => p.Path == project).Folder!;
        var (ours, theirs) = (await pg.CreateDatabaseAsync("ours"), await pg.CreateDatabaseAsync("theirs"));
        var clock = Stopwatch.StartNew();
        var (own, once) = folder.Source == MigrationSource.Prisma ? (await PrismaAsync(folder, theirs), true) : await DrizzleAsync(folder, theirs);
        var (theirTime, run) = (clock.Elapsed, Stopwatch.StartNew());
        var result = await Dbsafety.RunAsync("migration", "run", folder.Root, "--database-url", DrizzleTools.Url(ours), "--allow-all", "--skip-backup", "--skip-rehearsal");
        var succeeded = own.EndsWith("exit code 0", StringComparison.Ordinal);
        output.WriteLine($"{project}: {folder.Files.Count} migrations ({folder.Source}); the real tool {theirTime.TotalSeconds:0.0} s{(once ? "" : ", one migration after the other, for all at once fails")}, dbsafety {run.Elapsed.TotalSeconds:0.0} s");
        if (!succeeded)
            output.WriteLine($"both are to stop at the same place, for the real tool fails: {Tail(own)}");

        var differences = await CompareAsync(folder, ours, theirs);
        Assert.True(differences.Count == 0 && succeeded == (result.ExitCode == 0), $"{string.Join("\n\n", differences)}\nours: {Tail(result.Output + result.Error)}\ntheirs: {Tail(own)}");
    }

    private static async Task<string> PrismaAsync(MigrationFolder folder, DatabaseTarget target)
    {
        using var project = new TempFolder();
        Copy(folder.Root, Path.Combine(project.Path, "migrations"));
        await PrismaCli.PrepareAsync(project.Path, wholeScripts: true);
        return await PrismaCli.RunAsync(project.Path, target, "migrate", "deploy");
    }

    /// <summary>
    /// All at once, as Drizzle runs them; where that fails (a new enum value used in the one transaction that it makes of all), one release after the
    /// other, as the project itself came to where it is.
    /// </summary>
    private static async Task<(string Reported, bool Once)> DrizzleAsync(MigrationFolder folder, DatabaseTarget target)
    {
        var settings = folder.Drizzle!;
        var tools = settings.Layout == DrizzleLayout.Journal ? await DrizzleTools.OldAsync() : await DrizzleTools.NewAsync();
        var reported = await tools.MigrateAsync(folder.Root, target, settings.Table, settings.Schema);
        if (reported.EndsWith("exit code 0", StringComparison.Ordinal))
            return (reported, true);
        using var copy = new TempFolder();
        Copy(folder.Root, copy.Path);
        return (await tools.MigrateOneByOneAsync(copy.Path, target, settings.Table, settings.Schema), false);
    }

    private static async Task<List<string>> CompareAsync(MigrationFolder folder, DatabaseTarget ours, DatabaseTarget theirs)
    {
        var table = folder.Drizzle is { } drizzle ? SqlName.Quote(drizzle.Schema, drizzle.Table) : "_prisma_migrations";
        var history = folder.Source == MigrationSource.Prisma
            ? "SELECT coalesce(string_agg(concat_ws('|', migration_name, checksum, applied_steps_count, logs IS NULL, finished_at IS NULL, rolled_back_at IS NULL), E'\\n' ORDER BY migration_name), '') FROM _prisma_migrations"
            : $"SELECT coalesce(string_agg(concat_ws('|', hash, created_at{(folder.Drizzle!.Layout == DrizzleLayout.Folders ? ", name" : "")}), E'\\n' ORDER BY id), '') FROM {table}";
        var found = new List<string>();
        await DifferAsync("schemas", DumpAsync);
        await DifferAsync("rows", t => PgServer.ScalarAsync<string>(t, RowCounts));
        await DifferAsync("histories", async t => await PgServer.ScalarAsync<bool>(t, $"SELECT to_regclass({SqlName.Literal(table)}) IS NOT NULL") ? await PgServer.ScalarAsync<string>(t, history) : "none");
        return found;

        async Task DifferAsync(string what, Func<DatabaseTarget, Task<string>> read)
        {
            if (await read(ours) is var mine && await read(theirs) is var real && mine != real)
                found.Add($"the {what} differ: {FirstDifference(mine, real)}");
        }
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

    /// <summary>The tools write beside the migrations.</summary>
    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        // Folders without a script are a matter of their own.
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
    }
}
