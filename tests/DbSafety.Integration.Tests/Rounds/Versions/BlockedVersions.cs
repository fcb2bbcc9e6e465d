using System.Reflection;
using DbSafety.Integration.Tests.Analysis;
using DbSafety.Migrations;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Integration.Tests.Rounds.Versions;

/// <summary>What other objects block, on other versions of PostgreSQL, each as the judge of its own.</summary>
[Trait("Category", "PostgresVersions")]
public sealed class BlockedVersions
{
    [PostgresVersionTheory(12)]
    [InlineData(12)]
    public Task Reported_blockers_match_the_statements_that_PostgreSQL_12_rejects(int major) => RunAsync(major);

    [PostgresVersionTheory(17)]
    [InlineData(17)]
    public Task Reported_blockers_match_the_statements_that_PostgreSQL_17_rejects(int major) => RunAsync(major);

    [PostgresVersionTheory(18)]
    [InlineData(18)]
    public Task Reported_blockers_match_the_statements_that_PostgreSQL_18_rejects(int major) => RunAsync(major);

    private static async Task RunAsync(int major)
    {
        await using var server = await PostgresVersions.StartAsync(major, []);
        // Bodies in SQL came with PostgreSQL 14.
        var schema = major >= 14 ? BlockedByDependentsTests.Schema : string.Join('\n', BlockedByDependentsTests.Schema.Split('\n').Where(l => !l.Contains("sum_b", StringComparison.Ordinal)));
        await PgServer.ExecuteAsync(server.Target, "CREATE DATABASE blocked TEMPLATE template0");
        await PgServer.ExecuteAsync(server.Target.On("blocked"), schema);
        NpgsqlConnection.ClearAllPools();
        foreach (var sql in new[] { nameof(BlockedByDependentsTests.A_statement_blocked_by_dependents_is_certain_to_fail_and_the_finding_names_the_objects), nameof(BlockedByDependentsTests.A_statement_that_PostgreSQL_accepts_has_no_blocked_by_dependents_finding) }.SelectMany(Cases))
        {
            if (major < 14 && (sql.Contains("sum_b", StringComparison.Ordinal) || sql.Contains("ALTER b TYPE bigint", StringComparison.Ordinal)))
                continue;
            await PgServer.ExecuteAsync(server.Target, "CREATE DATABASE one TEMPLATE blocked");
            var target = server.Target.On("one");
            var findings = await new AnalyseMigrations().RunAsync(new MigrationTestRequest("1.sql", target) { Script = sql }, OperationEvents.None, CancellationToken.None);
            var refused = await Record.ExceptionAsync(() => PgServer.ExecuteAsync(target, sql)) is PostgresException;
            // ALTER TABLE … DROP EXPRESSION came with PostgreSQL 13.
            Assert.True(refused == findings.Any(f => f is { Rule: "blocked-by-dependents", WouldFail: true }) || (major < 13 && sql.Contains("DROP EXPRESSION", StringComparison.Ordinal)), $"{sql}: {(refused ? "refused" : "taken")}");
            NpgsqlConnection.ClearAllPools();
            await PgServer.ExecuteAsync(server.Target, "DROP DATABASE one");
        }
    }

    private static IEnumerable<string> Cases(string test) =>
        typeof(BlockedByDependentsTests).GetMethod(test)!.GetCustomAttributes<InlineDataAttribute>().Select(d => (string)d.Data[0]!);
}
