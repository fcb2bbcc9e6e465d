using DbSafety.Backups;
using DbSafety.Backups.Sets;
using DbSafety.Backups.Sets.Folders;
using DbSafety.Databases.Connections;
using DbSafety.Integration.Tests.Backups;
using DbSafety.Restores;
using DbSafety.Restores.Creation;

namespace DbSafety.Integration.Tests.Rounds;

/// <summary>Backups of a database that does not stand still.</summary>
[Collection(PgServerGroup.Name)]
public sealed class WriterRound(PgServer pg, ITestOutputHelper output)
{
    private const int RowsASecond = 1200;

    private const string Tables = """
        CREATE TABLE large AS SELECT i, md5(i::text) || md5((i + 1)::text) AS text FROM generate_series(1, 300000) i;
        CREATE TABLE log (id serial, at timestamptz DEFAULT now());
        CREATE TABLE emptied (id int);
        CREATE SEQUENCE taken;
        """;

    [Fact]
    public async Task A_writer_that_commits_all_the_while_truncates_and_takes_sequence_values_makes_no_row_of_difference()
    {
        var target = await pg.CreateDatabaseAsync("written", Tables);
        using var folder = new TempFolder();
        using var stop = new CancellationTokenSource();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var writer = Task.Run(() => WriteAsync(target, stop.Token));
        var backups = new List<PgBackup>();
        for (var i = 0; i < Round.Times(2, 30); i++)
        {
            var format = (BackupFormat)(i % 3);
            backups.Add(await new BackupDatabase().RunAsync(new BackupRequest(target, folder.Path) { Format = format }, new RecordedEvents(), CancellationToken.None));
        }

        await stop.CancelAsync();
        var (rows, truncates) = await writer;
        output.WriteLine($"{backups.Count} backups while {rows:N0} rows were committed in {clock.Elapsed.TotalSeconds:0.0} s and {truncates:N0} tables emptied");

        Assert.True(rows > 0);
        Assert.True(truncates > 0);
        foreach (var backup in backups)
        {
            var test = await BackupTests.Test(backup.Path);
            Assert.True(test.Passed, string.Join("; ", test.Problems));
        }

        Assert.True(backups[^1].Manifest.Sequences.Single(s => s.Name == "taken").Value > backups[0].Manifest.Sequences.Single(s => s.Name == "taken").Value);
        foreach (var backup in backups.Take(3))
        {
            var restored = await new RestoreDatabase().RunAsync(new RestoreRequest(backup.Path, pg.Target.On(target.Database + "_copy")) { AllowOtherDatabase = true }, new RecordedEvents(), CancellationToken.None);
            Assert.True(restored.Verified);
        }
    }

    /// <summary>By the clock, not by ticks: what a busy machine holds up is made up for, so that it is a thousand rows a second all the while.</summary>
    private static async Task<(long Rows, long Truncates)> WriteAsync(DatabaseTarget target, CancellationToken ct)
    {
        await using var connection = await target.OpenAsync(CancellationToken.None);
        await connection.ExecuteAsync("SET lock_timeout = '20ms'", CancellationToken.None);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        long rows = 0, truncates = 0;
        for (var i = 0; !ct.IsCancellationRequested; i++)
        {
            while (rows >= clock.Elapsed.TotalSeconds * RowsASecond && !ct.IsCancellationRequested)
                await pace.WaitForNextTickAsync(CancellationToken.None);
            await connection.ExecuteAsync("INSERT INTO log SELECT FROM generate_series(1, 10); INSERT INTO emptied VALUES (nextval('taken'))", CancellationToken.None);
            rows += 11;
            if (i % 20 == 0)
                truncates += await connection.ScalarAsync<bool>(Truncate, CancellationToken.None) ? 1 : 0;
        }

        return (rows, truncates);
    }

    /// <summary>True where it got the lock, which a backup that is running does not let go.</summary>
    private const string Truncate = "DO $$ BEGIN TRUNCATE emptied; EXCEPTION WHEN lock_not_available THEN NULL; END $$; SELECT NOT EXISTS (SELECT 1 FROM emptied)";
}
