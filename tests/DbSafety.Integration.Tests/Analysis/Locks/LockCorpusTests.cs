using DbSafety.Databases.Connections;
using DbSafety.Operations;
using DbSafety.Scratch;
using Npgsql;

namespace DbSafety.Integration.Tests.Analysis.Locks;

/// <summary>
/// Runs public SQL, statement by statement, on a server of its own, and compares locks, rewrites, reads and losses with what is said.
/// <c>DBSAFETY_LOCK_REPORT</c> names a file for all differences.
/// </summary>
public sealed class LockCorpusTests(ITestOutputHelper output)
{
    [SqlUnitsFact]
    public async Task Public_SQL_locks_rewrites_reads_and_loses_no_more_than_reported()
    {
        await using var server = await ScratchServer.StartAsync(null, OperationEvents.None, CancellationToken.None);
        var (less, compared) = (new List<string>(), 0);
        foreach (var unit in SqlUnits.All)
        {
            var run = await RunAsync(server.Target, unit);
            compared += run.Compared;
            less.AddRange(run.Less.Select(l => $"{unit.Path}/{l}"));
            output.WriteLine(run.Compared == 0 ? $"{unit.Path}: passed over, the server took none of its {run.Refused} statements"
                : $"{unit.Path}: {unit.Scripts.Count} scripts, {run.Compared} statements ({run.Refused} more were refused), {run.Locks} strong locks, {run.Works} works and losses; {run.Less.Count} less reported, {run.ByRoutines} done by routines that queries call");
        }

        if (Environment.GetEnvironmentVariable("DBSAFETY_LOCK_REPORT") is { Length: > 0 } path)
            await File.WriteAllLinesAsync(path, less);
        Assert.True(compared > 0, "the server took no statement at all");
        Assert.True(less.Count == 0, $"{less.Count} of {compared}: less is reported than the server does:\n{string.Join('\n', less.Take(50))}");
    }

    private static async Task<UnitRun> RunAsync(DatabaseTarget server, SqlUnit unit)
    {
        await PgServer.ExecuteAsync(server, "CREATE DATABASE public_sql TEMPLATE template0");
        await using (var connection = await server.On("public_sql").OpenAsync(CancellationToken.None))
        await using (var watcher = await server.On("public_sql").OpenAsync(CancellationToken.None))
        {
            var run = new UnitRun(connection, watcher);
            foreach (var (file, text) in unit.Scripts)
                await run.RunAsync(file, text);
            NpgsqlConnection.ClearAllPools();
            await connection.CloseAsync();
            await watcher.CloseAsync();
            await PgServer.ExecuteAsync(server, "DROP DATABASE public_sql WITH (FORCE)");
            return run;
        }
    }
}
