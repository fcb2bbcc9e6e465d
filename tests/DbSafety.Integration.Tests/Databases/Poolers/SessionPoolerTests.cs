using DbSafety.Backups;
using DbSafety.Databases;
using DbSafety.Errors;

namespace DbSafety.Integration.Tests.Databases.Poolers;

[Collection(PgServerGroup.Name)]
public sealed class SessionPoolerTests(PgServer pg) : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly RecordedEvents events = new();

    public void Dispose() => folder.Dispose();

    [PgBouncerTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pool_in_session_mode_is_used_and_its_server_sessions_are_as_before(bool inTurn)
    {
        var direct = await pg.CreateDatabaseAsync("sessions", SampleSql.Shop);
        await using var pooler = await PgBouncer.StartAsync(pg, "session", 12, $"server_round_robin = {(inTurn ? 1 : 0)}");
        var backup = await new BackupDatabase().RunAsync(new BackupRequest(pooler.Target.On(direct.Database), folder.Path), events, CancellationToken.None);
        Assert.Equal(500, backup.Manifest.Tables.Single(t => t.Name == "orders").Rows);
        Assert.True((await new TestBackup().RunAsync(new BackupTestRequest(backup.Path), events, CancellationToken.None)).Passed);
        await ServerSessions.AreCleanAsync(pooler, direct);
    }

    [PgBouncerFact]
    public async Task A_pool_that_keeps_the_settings_of_a_closed_connection_is_refused()
    {
        var direct = await pg.CreateDatabaseAsync("kept", SampleSql.Shop);
        await using var pooler = await PgBouncer.StartAsync(pg, "session", 4, "server_reset_query =");
        await RefusedAsync(pooler, direct, "DBS123");
        await ServerSessions.AreCleanAsync(pooler, direct);
    }

    [PgBouncerTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pool_without_a_second_server_session_is_refused_and_nobody_waits_for_long(bool usedByOthers)
    {
        var direct = await pg.CreateDatabaseAsync("full", SampleSql.Shop);
        await using var pooler = await PgBouncer.StartAsync(pg, "session", usedByOthers ? 2 : 1);
        await using (var other = usedByOthers ? await pooler.ConnectAsync(direct.Database) : null)
            await RefusedAsync(pooler, direct, "DBS121");
        await ServerSessions.AreCleanAsync(pooler, direct);
    }

    private async Task RefusedAsync(PgBouncer pooler, DatabaseTarget direct, string code)
    {
        var refusal = await Assert.ThrowsAsync<DbSafetyException>(() => new BackupDatabase().RunAsync(new BackupRequest(pooler.Target.On(direct.Database), folder.Path), events, CancellationToken.None));
        Assert.True(refusal.Code == code, refusal.ToString());
        Assert.Empty(folder.Names);
    }
}
