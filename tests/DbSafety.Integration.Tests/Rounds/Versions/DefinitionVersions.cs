using System.Text.RegularExpressions;
using DbSafety.Comparisons;
using DbSafety.Databases.Connections;
using DbSafety.Integration.Tests.Comparisons;
using DbSafety.Tools;
using Npgsql;

namespace DbSafety.Integration.Tests.Rounds.Versions;

/// <summary>Every query of definitions, on other versions of PostgreSQL: what they name, and that a restored database is the same.</summary>
[Trait("Category", "PostgresVersions")]
public sealed partial class DefinitionVersions(ITestOutputHelper output)
{
    [PostgresVersionTheory(12)]
    [InlineData(12)]
    public Task Definitions_of_PostgreSQL_12_are_compared(int major) => RunAsync(major);

    [PostgresVersionTheory(15)]
    [InlineData(15)]
    public Task Definitions_of_PostgreSQL_15_are_compared(int major) => RunAsync(major);

    [PostgresVersionTheory(17)]
    [InlineData(17)]
    public Task Definitions_of_PostgreSQL_17_are_compared(int major) => RunAsync(major);

    [PostgresVersionTheory(18)]
    [InlineData(18)]
    public Task Definitions_of_PostgreSQL_18_are_compared(int major) => RunAsync(major);

    private async Task RunAsync(int major)
    {
        await using var server = await PostgresVersions.StartAsync(major, []);
        await ExecuteAsync(server.Target, [.. Statements(DefinitionSamples.Roles), "SET allow_in_place_tablespaces = on", "CREATE TABLESPACE def_space LOCATION ''", "CREATE DATABASE kinds TEMPLATE template0"]);
        var first = server.Target.On("kinds");
        var refused = await ExecuteAsync(first, Statements(DefinitionSamples.Sql));
        await ExecuteAsync(server.Target, ["CREATE DATABASE changed TEMPLATE kinds"]);
        var second = server.Target.On("changed");
        foreach (var database in new[] { first, second })
            await ExecuteAsync(database, DefinitionSamples.Subscriptions);
        Assert.Empty((await CompareAsync(first, second)).Changes);

        var refusedToo = await ExecuteAsync(second, [.. DefinitionSamples.Changes.Select(c => c.Sql)]);
        var made = DefinitionSamples.Changes.Where(c => !refusedToo.Contains(c.Sql)).ToList();
        // The samples are of what PostgreSQL 15 knows, with its contrib modules.
        Assert.True(major < 15 || refused.Count + refusedToo.Count == 0, string.Join('\n', refused.Concat(refusedToo)));
        Assert.InRange(made.Count, DefinitionSamples.Changes.Length * 2 / 3, DefinitionSamples.Changes.Length);

        var found = (await CompareAsync(first, second)).Definitions.Select(d => d.ToString()).ToList();
        var expected = made.SelectMany(c => c.Differences).SelectMany(d => AsIn(major, d)).ToList();
        string[] wrong = [.. expected.Except(found).Select(d => $"not found: {d}"), .. found.Except(expected).Select(d => $"not expected: {d}")];
        Assert.True(wrong.Length == 0, Lines(wrong));
        await CompareItselfAsync(first, second);
        if (PostgresVersions.Programs(major) is not { } programs)
            return;
        foreach (var database in new[] { first, second })
            Assert.Equal("", Lines((await CompareAsync(database, await RestoredAsync(database, programs))).Changes));
    }

    /// <summary>The database's own properties, and large objects.</summary>
    private async Task CompareItselfAsync(DatabaseTarget first, DatabaseTarget second)
    {
        await ExecuteAsync(first, ["SELECT lo_from_bytea(9001, 'first'); SELECT lo_from_bytea(9002, 'same')"]);
        await ExecuteAsync(second, ["SELECT lo_from_bytea(9001, 'other'); SELECT lo_from_bytea(9002, 'same'); GRANT SELECT ON LARGE OBJECT 9001 TO def_app", "COMMENT ON DATABASE changed IS 'x'"]);
        var compared = await new CompareDatabases().RunAsync(new CompareRequest(ComparisonSide.Of(first), ComparisonSide.Of(second)) { Checksum = true }, new RecordedEvents(), CancellationToken.None);
        Assert.Equal(["large object 9001: contents changed", "large object 9001: privileges of def_app changed from none to SELECT"], compared.LargeObjects.Select(o => o.ToString()));
        Assert.Equal("database: comment changed from none to x", Assert.Single(compared.DatabaseProperties).ToString());
        await ExecuteAsync(first, ["SELECT lo_unlink(9001), lo_unlink(9002)"]);
        await ExecuteAsync(second, ["SELECT lo_unlink(9001), lo_unlink(9002)", "COMMENT ON DATABASE changed IS NULL"]);
    }

    /// <summary>How another version than 15 has it.</summary>
    private static string[] AsIn(int major, string difference) => difference switch
    {
        "collation public.german: locale changed from de to de-AT" when major < 15 => ["collation public.german: LC_COLLATE changed from de to de-AT", "collation public.german: LC_CTYPE changed from de to de-AT"],
        "schema public: privileges of PUBLIC changed from the default to CREATE, USAGE" when major < 15 => [],
        "column public.plain.g: not null changed from no to yes" when major >= 18 => [difference, "constraint plain_g_not_null on public.plain: it is new"],
        _ => [difference],
    };

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines.Order(StringComparer.Ordinal));

    private static string[] Statements(string sql) => Between().Split(sql);

    [GeneratedRegex(@"(?<=;)\s+(?=CREATE |ALTER |GRANT |COMMENT )")]
    private static partial Regex Between();

    /// <returns>The statements that this version does not know, or that are about what it could not make.</returns>
    private async Task<HashSet<string>> ExecuteAsync(DatabaseTarget target, string[] statements)
    {
        var refused = new HashSet<string>(StringComparer.Ordinal);
        await using var connection = await target.OpenAsync(CancellationToken.None);
        foreach (var statement in statements)
        {
            try
            {
                await connection.ExecuteAsync(statement, CancellationToken.None);
            }
            catch (PostgresException e)
            {
                refused.Add(statement);
                output.WriteLine($"{statement}\n  {e.MessageText}");
            }
        }

        return refused;
    }

    private static Task<PgDifference> CompareAsync(DatabaseTarget reference, DatabaseTarget difference) =>
        new CompareDatabases().RunAsync(new CompareRequest(ComparisonSide.Of(reference), ComparisonSide.Of(difference)), new RecordedEvents(), CancellationToken.None);

    private static async Task<DatabaseTarget> RestoredAsync(DatabaseTarget source, string programs)
    {
        using var folder = new TempFolder();
        var (dump, restored) = (Path.Combine(folder.Path, "dump"), source.On(source.Database + "_restored"));
        await PgServer.ExecuteAsync(source.On("postgres"), $"CREATE DATABASE {restored.Database} TEMPLATE template0");
        await ToolAsync("pg_dump", source, "--format=custom", "--file=" + dump);
        await ToolAsync("pg_restore", restored, "--exit-on-error", "--dbname=" + restored.Database, dump);
        return restored;

        async Task ToolAsync(string program, DatabaseTarget database, params string[] arguments) =>
            (await ToolProcess.RunAsync(new ToolCommand(Path.Combine(programs, program), arguments) { Environment = database.ToolEnvironment() }, CancellationToken.None)).OrThrow();
    }
}
