using System.Globalization;
using DbSafety.Migrations.Sources;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Runs that are killed at random moments. The round is ten times as long with <c>DBSAFETY_LONG=1</c>.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class KilledRunTests(PgServer pg)
{
    private const int Migrations = 12;

    private static int Rounds => Round.Times(2, 50);

    [Fact]
    [Hazard("H25")]
    public async Task Kill_9_leaves_migration_history_and_schema_consistent_and_the_next_run_continues()
    {
        var chance = new Random(20261120);
        for (var round = 0; round < Rounds; round++)
        {
            using var shop = await Shop.OpenAsync(pg, "CREATE TABLE log (n int); CREATE TABLE big AS SELECT i, 1 AS x FROM generate_series(1, 20000) i");
            Write(shop, round);
            using var run = Start(shop);
            // From the first look at the history on: what comes before touches nothing.
            await run.UntilAsync(() => PgServer.ScalarAsync<bool>(shop.Target, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'dbsafety migration run') OR EXISTS (SELECT FROM log)"), "it connected");
            await Task.WhenAny(run.EndAsync(), Task.Delay(TimeSpan.FromMilliseconds(chance.Next(0, 900))));
            await run.SignalAsync("KILL");
            await SessionsEndAsync(shop);

            await CheckAsync(shop, round);
            using var next = Start(shop);
            var result = await next.EndAsync();
            Assert.True(result.ExitCode == 0, $"round {round}: {result.Output}{result.Error}");
            Assert.Equal(Migrations, (await shop.ListAsync()).Count(m => m.State == MigrationState.Applied));
            Assert.Equal(Migrations, await shop.CountAsync("log"));
            Assert.Equal(0, await shop.CountAsync("pg_index WHERE NOT indisvalid"));
        }
    }

    /// <summary>Prisma's, Drizzle's and plain ones by turns; every fourth is no transaction.</summary>
    private static void Write(Shop shop, int round)
    {
        var names = new List<string>();
        for (var i = 1; i <= Migrations; i++)
        {
            var index = i % 4 == 0 ? $"COMMIT;\nCREATE INDEX CONCURRENTLY big_{i} ON big (i, x);\n" : "";
            var sql = $"CREATE TABLE t{i} (id int);\nSELECT pg_sleep(0.02);\nINSERT INTO log VALUES ({i});\n{index}";
            var name = i.ToString("D4", CultureInfo.InvariantCulture) + "_m";
            names.Add(name);
            if (round % 3 == 0)
                shop.WithPrisma(name, sql);
            else
                shop.With(name + ".sql", sql);
        }

        if (round % 3 != 1)
            return;
        Directory.CreateDirectory(Path.Combine(shop.Migrations, "meta"));
        var entries = names.Select((n, i) => $"{{\"idx\":{i},\"when\":{i + 1},\"tag\":\"{n}\",\"breakpoints\":true}}");
        File.WriteAllText(Path.Combine(shop.Migrations, "meta", "_journal.json"), $"{{\"version\":\"7\",\"dialect\":\"postgresql\",\"entries\":[{string.Join(',', entries)}]}}");
    }

    private static Dbsafety Start(Shop shop) =>
        Dbsafety.Start(null, "migration", "run", shop.Migrations, "--database-url", DrizzleTools.Url(shop.Target), "--skip-backup", "--skip-rehearsal");

    private static Task SessionsEndAsync(Shop shop) =>
        Wait.UntilAsync(() => PgServer.ScalarAsync<bool>(shop.Target, "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'dbsafety _%')"));

    /// <summary>A table and its row in the log come with the history's row, or with a mark of how far the script came.</summary>
    private static async Task CheckAsync(Shop shop, int round)
    {
        var states = await shop.ListAsync();
        for (var i = 1; i <= Migrations; i++)
        {
            var state = states[i - 1];
            var made = await PgServer.ScalarAsync<bool>(shop.Target, $"SELECT to_regclass('t{i}') IS NOT NULL");
            var logged = await PgServer.ScalarAsync<bool>(shop.Target, $"SELECT EXISTS (SELECT FROM log WHERE n = {i})");
            Assert.True(made == logged, $"round {round}: {state.Name} is half there");
            var known = state.State == MigrationState.Applied || state.ResumesAt > 1;
            Assert.True(made == known, $"round {round}: {state.Name} is {state.State}, resumes at {state.ResumesAt}, and its table is {(made ? "" : "not ")}there");
            Assert.False(state.BlocksRun, $"round {round}: {state.Name}: {state.State} {state.Note}");
        }
    }
}
