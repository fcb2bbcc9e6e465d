using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Databases.Connections;
using DbSafety.Migrations.Live;
using DbSafety.Operations;
using Npgsql;

namespace DbSafety.Integration.Tests.Analysis.Locks;

/// <summary>Holds what the analysis says of locks, rewrites, scans and losses against what real servers do.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class LockTableTests(PgServer pg, ITestOutputHelper output)
{
    private static readonly string[] Path = ["public"];

    [Fact]
    public async Task No_statement_locks_rewrites_reads_or_loses_more_than_reported()
    {
        var refused = await HoldAsync(await pg.CreateDatabaseAsync("locks", Sql("schema.sql")), "statements.sql");
        Assert.Empty(refused);
    }

    /// <summary>Some statements are younger than the oldest version.</summary>
    public static TheoryData<int, int, string> Others => Round.IsLong
        ? new() { { 12, 15, "statements.sql" }, { 18, 0, "statements.sql" }, { 18, 0, "statements.18.sql" } }
        : new() { { 18, 0, "statements.18.sql" } };

    [Theory]
    [MemberData(nameof(Others))]
    public async Task No_statement_on_another_version_locks_rewrites_reads_or_loses_more_than_reported(int major, int refusals, string statements)
    {
        await using var server = await NewerServer.StartAsync(major);
        await PgServer.ExecuteAsync(server.Target, Sql("schema.sql"));
        var refused = await HoldAsync(server.Target, statements);
        Assert.True(refused.Count <= refusals, $"{refused.Count} statements are refused:\n{string.Join('\n', refused)}");
    }

    private async Task<List<string>> HoldAsync(DatabaseTarget target, string statements)
    {
        await using var connection = await target.OpenAsync(CancellationToken.None);
        var shape = await CatalogShape.ReadAsync(connection);
        var contents = await TableContents.ReadAsync(connection, shape.All.Values);
        var observer = new StatementObserver(connection);
        var (less, more, refused, count) = (new List<string>(), new List<string>(), new List<string>(), 0);
        foreach (var statement in SqlSplitter.Split(Sql(statements)))
        {
            count++;
            var reported = MigrationAnalyser.Analyse([new SqlScript("1.sql", statement.Text)], serverMajor: connection.PostgreSqlVersion.Major);
            var findings = new List<MigrationFinding>();
            await using (var facts = await LiveFacts.BeginAsync(connection, target, Path[0], OperationEvents.None, CancellationToken.None))
            {
                foreach (var finding in reported)
                    findings.Add(await facts.JudgeAsync(finding, CancellationToken.None));
            }

            await connection.ExecuteAsync("BEGIN", CancellationToken.None);
            try
            {
                var comparison = LockComparison.Of(statement, findings, shape, Path, await observer.RunAsync(statement.Text, shape.All, contents));
                less.AddRange(comparison.Less.Select(l => $"{statement.Text}\n    {l}"));
                more.AddRange(comparison.More.Select(m => $"{statement.Text}\n    {m}"));
            }
            catch (PostgresException e)
            {
                refused.Add($"{statement.Text}: {e.MessageText}");
            }

            await connection.ExecuteAsync("ROLLBACK", CancellationToken.None);
        }

        output.WriteLine($"{count} statements; more is reported than the server does:\n{string.Join('\n', more)}");
        Assert.True(less.Count == 0, $"{less.Count} of {count}: less is reported than the server does:\n{string.Join('\n', less)}");
        return refused;
    }

    private static string Sql(string file) => File.ReadAllText(Repository.Folder($"tests/DbSafety.Integration.Tests/Analysis/Locks/{file}"));
}
