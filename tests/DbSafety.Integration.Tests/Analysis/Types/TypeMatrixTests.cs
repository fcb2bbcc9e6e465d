using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Integration.Tests.Rounds;
using DbSafety.Integration.Tests.Rounds.Versions;
using DbSafety.Migrations.Live;
using Npgsql;

namespace DbSafety.Integration.Tests.Analysis.Types;

/// <summary>Holds what is said of a type change against what real servers do, for pairs of types, with and without USING.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class TypeMatrixTests(PgServer pg, ITestOutputHelper output)
{
    /// <summary>Those that were once judged wrongly, and their way back.</summary>
    private static readonly (string From, string To)[] Telling =
    [
        ("text", "integer"), ("text", "uuid"), ("text", "jsonb"), ("text", "date"), ("text", "mood"), ("integer", "boolean"), ("text", "varchar(5)"), ("text", "varchar"), ("text", "citext"), ("varchar(5)", "varchar(20)"),
        ("varchar(5)", "citext"), ("cidr", "inet"), ("timestamp", "timestamp(6)"), ("timestamp(3)", "timestamp"), ("timestamp", "timestamptz"), ("oid", "integer"), ("xml", "text"), ("uuid", "char(53)"), ("numeric", "numeric(12,4)"),
        ("numeric(10,2)", "numeric(12,2)"), ("mood", "moods"), ("mood", "text"), ("integer[]", "text"), ("integer[]", "bigint[]"), ("varchar(5)[]", "text[]"), ("positive", "integer"), ("code", "longer_code"), ("bit(3)", "bit(8)"),
        ("interval", "interval day to minute"), ("jsonb", "integer"), ("regclass", "text"), ("varchar", "\"char\""),
    ];

    [Fact]
    public Task The_class_of_selected_and_sampled_type_pairs_matches_the_server() =>
        pg.CreateDatabaseAsync("types") is var made ? HoldAsync(made, 15, zone: "UTC", new Round(output)) : Task.CompletedTask;

    [PostgresVersionTheory(12)]
    [Trait("Category", "PostgresVersions")]
    [InlineData("UTC"), InlineData("America/New_York")]
    public Task On_PostgreSQL_12_the_class_of_every_type_pair_matches_the_server(string zone) => HoldAllAsync(12, zone);

    [PostgresVersionTheory(15)]
    [Trait("Category", "PostgresVersions")]
    [InlineData("UTC"), InlineData("America/New_York")]
    public Task On_PostgreSQL_15_the_class_of_every_type_pair_matches_the_server(string zone) => HoldAllAsync(15, zone);

    [PostgresVersionTheory(18)]
    [Trait("Category", "PostgresVersions")]
    [InlineData("UTC"), InlineData("America/New_York")]
    public Task On_PostgreSQL_18_the_class_of_every_type_pair_matches_the_server(string zone) => HoldAllAsync(18, zone);

    private async Task HoldAllAsync(int major, string zone)
    {
        if (!Round.IsLong)
            return;
        await using var server = await PostgresVersions.StartAsync(major, []);
        await HoldAsync(Task.FromResult(server.Target), major, zone, null);
    }

    private async Task HoldAsync(Task<DatabaseTarget> made, int major, string zone, Round? sample)
    {
        var target = await made;
        await PgServer.ExecuteAsync(target, $"{MatrixType.Schema} ALTER DATABASE {SqlName.Quote(target.Database)} SET TimeZone = '{zone}'");
        await using var connection = await target.OpenForScriptsAsync("dbsafety", CancellationToken.None);
        if (await connection.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'citext')", default))
            await connection.ExecuteAsync("CREATE EXTENSION citext", default);
        var types = await MatrixType.OnAsync(connection);
        var pairs = (from a in types from b in types where a != b select (From: a, To: b)).ToList();
        // Only these types depend on the time zone.
        if (zone != "UTC")
            pairs = [.. pairs.Where(p => IsOfTime(p.From) || IsOfTime(p.To))];
        if (sample is not null)
        {
            var chosen = Enumerable.Range(0, 20).Select(_ => pairs[sample.Random.Next(pairs.Count)]).ToHashSet();
            pairs = [.. pairs.Where(p => chosen.Contains(p) || Telling.Contains((p.From.Name, p.To.Name)) || Telling.Contains((p.To.Name, p.From.Name)))];
        }

        var (wrong, count) = (new List<string>(), 0);
        foreach (var group in pairs.GroupBy(p => p.From))
        {
            await FillAsync(connection, group.Key);
            foreach (var to in group.Select(p => p.To.Name))
            {
                foreach (var sql in new[] { $"ALTER TABLE t ALTER c TYPE {to}", $"ALTER TABLE t ALTER c TYPE {to} USING c::{to}" })
                {
                    count++;
                    var reported = await SaidAsync(connection, target, sql);
                    var done = await ObservedChange.RunAsync(connection, group.Key, to, sql);
                    if (reported.Differs(done) is { } difference)
                        wrong.Add($"{group.Key.Name}: {sql}: {difference}");
                }
            }

            await connection.ExecuteAsync("DROP TABLE t", default);
        }

        output.WriteLine($"PostgreSQL {major}, {types.Count} types, {count} changes");
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {count} on PostgreSQL {major}:\n{string.Join('\n', wrong)}");
    }

    private static bool IsOfTime(MatrixType type) => type.Name.StartsWith("time", StringComparison.Ordinal) || type.Name == "date";

    /// <summary>With an index where the type has operators for one.</summary>
    private static async Task FillAsync(NpgsqlConnection connection, MatrixType type)
    {
        await connection.ExecuteAsync($"CREATE TABLE t (id int PRIMARY KEY, c {type.Name})", default);
        foreach (var (value, i) in type.Values.Select((v, i) => (v, i)))
            await connection.ExecuteAsync($"INSERT INTO t VALUES ({i + 1}, $type${value}$type$)", default);
        foreach (var method in new[] { "btree", "gist" })
        {
            try
            {
                await connection.ExecuteAsync($"CREATE INDEX t_c ON t USING {method} (c)", default);
                return;
            }
            catch (PostgresException)
            {
                // The type has no operator class of that kind.
            }
        }
    }

    private static async Task<ReportedChange> SaidAsync(NpgsqlConnection connection, DatabaseTarget target, string sql)
    {
        var known = MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)], serverMajor: connection.PostgreSqlVersion.Major).ToList();
        var (judged, events) = (new List<MigrationFinding>(), new RecordedEvents());
        await using (var facts = await LiveFacts.BeginAsync(connection, target, "public", events, CancellationToken.None))
        {
            foreach (var finding in known)
                judged.Add(await facts.JudgeAsync(finding, CancellationToken.None));
        }

        return new ReportedChange(MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]).ToList(), judged, events.Text);
    }
}
