using System.Diagnostics;
using System.Globalization;
using DbSafety.Analysis.Syntax;
using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Comparisons;
using DbSafety.Databases.Connections;
using DbSafety.Restores;
using DbSafety.Restores.Creation;
using DbSafety.Tools;
using Npgsql;

namespace DbSafety.Integration.Tests.Rounds.Versions;

/// <summary>
/// Databases that PostgreSQL's own tests make, through every operation, in each format: what comes back is what <c>pg_dump | pg_restore</c>
/// make of them, in every line of a dump and in the number of rows of every catalog.
/// </summary>
[Trait("Category", "PostgresVersions")]
public sealed class PostgresOwnRound(ITestOutputHelper output)
{
    [PostgresOwnTheory(15)]
    [InlineData(PostgresOwn.Regression)]
    [InlineData(PostgresOwn.PgDump)]
    [InlineData(PostgresOwn.Extension)]
    public Task Objects_of_the_PostgreSQL_15_test_suites_are_restored_with_the_same_result_as_by_the_PostgreSQL_tools(PostgresOwn what) => RunAsync(15, what);

    /// <summary>Where the source of 17 cannot be had, with the tests of another version (<c>tests/postgres-source.sh</c>).</summary>
    [PostgresOwnTheory(17)]
    [InlineData(PostgresOwn.Regression)]
    [InlineData(PostgresOwn.PgDump)]
    [InlineData(PostgresOwn.Extension)]
    public Task Objects_of_the_PostgreSQL_17_test_suites_are_restored_with_the_same_result_as_by_the_PostgreSQL_tools(PostgresOwn what) => RunAsync(17, what);

    [PostgresOwnTheory(18)]
    [InlineData(PostgresOwn.Regression)]
    [InlineData(PostgresOwn.PgDump)]
    [InlineData(PostgresOwn.Extension)]
    public Task Objects_of_the_PostgreSQL_18_test_suites_are_restored_with_the_same_result_as_by_the_PostgreSQL_tools(PostgresOwn what) => RunAsync(18, what);

    private async Task RunAsync(int major, PostgresOwn what)
    {
        using var folder = new TempFolder();
        await using var server = await PostgresVersions.StartAsync(major, ["max_locks_per_transaction=512"]);
        var source = server.Target.On("own");
        await new PostgresOwnDatabase(major, folder).MakeAsync(what, source);
        output.WriteLine($"{await PgServer.ScalarAsync<long>(source, "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND oid >= 16384")} tables");
        var wrong = new List<string>();

        var stock = await StockAsync(major, source, "stock", folder);
        foreach (var format in Enum.GetValues<BackupFormat>())
        {
            var restored = source.On($"own_{format}".ToLowerInvariant());
            if (await BackupAsync(format) is not { } backup)
                continue;
            await StepAsync($"{format}, restore", () => RestoreAsync(new RestoreRequest(backup.Path, restored)), restored);
            await StepAsync($"{format}, restore over", () => RestoreAsync(new RestoreRequest(backup.Path, restored) { AllowOtherDatabase = true }), restored);
            await StepAsync($"{format}, undo", () => new UndoRestore().RunAsync(new UndoRestoreRequest(restored), new RecordedEvents(), CancellationToken.None), restored);
        }

        // Large objects cannot be restored in one transaction, and subscriptions would pass over changes.
        await PgServer.ExecuteAsync(source, "SELECT lo_unlink(oid) FROM pg_largeobject_metadata");
        await DropSubscriptionsAsync(source);
        stock = await StockAsync(major, source, "stock_in_place", folder);
        foreach (var format in Enum.GetValues<BackupFormat>())
        {
            var restored = source.On($"own_{format}".ToLowerInvariant());
            await PgServer.ExecuteAsync(restored, "SELECT lo_unlink(oid) FROM pg_largeobject_metadata");
            await DropSubscriptionsAsync(restored);
            if (await BackupAsync(format) is { } backup)
                await StepAsync($"{format}, in place", () => RestoreAsync(new RestoreRequest(backup.Path, restored) { AllowOtherDatabase = true, InPlaceBackup = folder.Path }), restored);
        }

        Assert.True(wrong.Count == 0, string.Join("\n\n", wrong));

        async Task<PgBackup?> BackupAsync(BackupFormat format)
        {
            PgBackup? backup = null;
            await StepAsync($"{format}, backup", async () => backup = await new BackupDatabase().RunAsync(new BackupRequest(source, folder.Path) { Format = format, Checksum = true }, new RecordedEvents(), CancellationToken.None));
            if (backup is not null)
            {
                await StepAsync($"{format}, test", async () => Nothing(await new TestBackup().RunAsync(new BackupTestRequest(backup.Path), new RecordedEvents(), CancellationToken.None)));
                await StepAsync($"{format}, drill", async () => Nothing(await new DrillBackup().RunAsync(new BackupTestRequest(backup.Path), new RecordedEvents(), CancellationToken.None)));
            }

            return backup;
        }

        async Task StepAsync(string name, Func<Task> step, DatabaseTarget? restored = null)
        {
            var clock = Stopwatch.StartNew();
            try
            {
                await step();
                output.WriteLine($"{name}: {clock.Elapsed.TotalSeconds:0.0} s");
                if (restored is not null)
                    await SameAsync(restored);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                wrong.Add($"{name}: {e.Message}");
                output.WriteLine($"{name}: {e}");
            }
        }

        async Task SameAsync(DatabaseTarget restored)
        {
            Assert.Equal("", await ChangesAsync(stock, restored));
            // A dump does not carry everything: who owns one of PostgreSQL's own functions, for one.
            Assert.Equal(await ChangesAsync(source, stock), await ChangesAsync(source, restored));
            var (lines, catalogs) = (await DumpAsync(major, stock), await CatalogsAsync(stock));
            var (ours, numbers) = (await DumpAsync(major, restored), await CatalogsAsync(restored));
            string[] differences = [.. Missing(lines, ours).Select(l => "only stock: " + l), .. Missing(ours, lines).Select(l => "only ours: " + l), .. Missing(catalogs, numbers).Select(c => "catalog of stock: " + c), .. Missing(numbers, catalogs).Select(c => "catalog of ours: " + c)];
            Assert.True(differences.Length == 0, $"{differences.Length} differences\n" + string.Join('\n', differences.Take(40)));
        }
    }

    private static async Task DropSubscriptionsAsync(DatabaseTarget database)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        foreach (var name in await connection.ListAsync("SELECT quote_ident(subname) FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())", r => r.GetString(0), CancellationToken.None))
        {
            // PostgreSQL leaves the comment of a dropped subscription behind.
            foreach (var statement in new[] { $"COMMENT ON SUBSCRIPTION {name} IS NULL", $"ALTER SUBSCRIPTION {name} DISABLE", $"ALTER SUBSCRIPTION {name} SET (slot_name = NONE)", $"DROP SUBSCRIPTION {name}" })
                await connection.ExecuteAsync(statement, CancellationToken.None);
        }
    }

    /// <summary>Without the database's own properties: pg_restore brings them with --create alone.</summary>
    private static async Task<string> ChangesAsync(DatabaseTarget reference, DatabaseTarget difference) =>
        string.Join('\n', (await new CompareDatabases().RunAsync(new CompareRequest(ComparisonSide.Of(reference), ComparisonSide.Of(difference)) { Checksum = true }, new RecordedEvents(), CancellationToken.None)).Changes.Where(c => !c.StartsWith("database: ", StringComparison.Ordinal)));

    private static void Nothing(PgBackupTest test) => Assert.True(test.Passed, string.Join('\n', test.Problems));

    private static Task<PgRestore> RestoreAsync(RestoreRequest request) => new RestoreDatabase().RunAsync(request, new RecordedEvents(), CancellationToken.None);

    private async Task<DatabaseTarget> StockAsync(int major, DatabaseTarget source, string name, TempFolder folder)
    {
        var (dump, stock) = (Path.Combine(folder.Path, name + ".dump"), source.On(name));
        await PgServer.ExecuteAsync(source.On("postgres"), $"CREATE DATABASE {name} TEMPLATE template0");
        (await ToolAsync(major, "pg_dump", source, "--format=custom", "--file=" + dump)).OrThrow();
        output.WriteLine("pg_restore: " + (await ToolAsync(major, "pg_restore", stock, "--dbname=" + name, dump)).Error);
        return stock;
    }

    private static Task<ToolResult> ToolAsync(int major, string program, DatabaseTarget database, params string[] arguments) =>
        ToolProcess.RunAsync(new ToolCommand(Path.Combine(PostgresVersions.Programs(major)!, program), arguments) { Environment = database.ToolEnvironment() }, CancellationToken.None);

    /// <summary>The lines of a dump, in an order of their own: rows are loaded in several sessions.</summary>
    private static async Task<List<string>> DumpAsync(int major, DatabaseTarget database) =>
        [.. (await ToolAsync(major, "pg_dump", database)).OrThrow().Output.Split('\n').Where(l => !l.StartsWith("\\restrict ", StringComparison.Ordinal) && !l.StartsWith("\\unrestrict ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>What one sorted list has more often than another.</summary>
    private static IEnumerable<string> Missing(List<string> of, List<string> from)
    {
        var left = from.GroupBy(l => l).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        return of.Where(line => (left[line] = left.GetValueOrDefault(line) - 1) < 0);
    }

    /// <summary>Every catalog of the database with the number of its rows, but what ANALYZE and the shared catalogs hold; and every comment with its object.</summary>
    private static async Task<List<string>> CatalogsAsync(DatabaseTarget database)
    {
        await using var connection = await database.OpenAsync(CancellationToken.None);
        var catalogs = new List<string>();
        await using (var names = new NpgsqlCommand("SELECT relname FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' AND NOT relisshared AND relname NOT IN ('pg_statistic', 'pg_statistic_ext_data') ORDER BY 1", connection))
        await using (var reader = await names.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                catalogs.Add(reader.GetString(0));
        }

        var lines = await connection.ListAsync("SELECT coalesce(pg_catalog.pg_describe_object(classoid, objoid, objsubid), 'nothing any more, of ' || classoid::pg_catalog.regclass) || ': ' || description FROM pg_catalog.pg_description", r => r.GetString(0), CancellationToken.None);
        foreach (var catalog in catalogs)
        {
            var rows = await connection.ScalarAsync<long>($"SELECT count(*) FROM pg_catalog.{SqlName.Quote(catalog)}", CancellationToken.None);
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{catalog} {rows}"));
        }

        return lines;
    }
}

/// <summary>Runs where that version and its own tests are on this machine; else it is named as not run.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresOwnTheoryAttribute : TheoryAttribute
{
    public PostgresOwnTheoryAttribute(int major) => Skip = PostgresOwnDatabase.Missing(major);
}
