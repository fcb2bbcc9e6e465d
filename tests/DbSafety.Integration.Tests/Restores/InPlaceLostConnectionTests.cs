using DbSafety.Errors;

namespace DbSafety.Integration.Tests.Restores;

[Collection(RestoreServerGroup.Name)]
public sealed class InPlaceLostConnectionTests(PgServer pg)
{
    [Theory]
    [InlineData(false, "DBS325")]
    [InlineData(true, "DBS326")]
    public async Task The_transaction_status_is_checked_after_a_connection_loss_before_a_rollback_is_reported(bool staysCut, string code)
    {
        using var database = await InPlaceDatabase.CreateAsync(pg);
        var before = await database.ReadAsync();
        using (var proxy = new HalfOpen(database.Target) { StaysCut = staysCut })
        using (StepListener.At(InPlaceDatabase.Point + "filled", () => proxy.Arm("SELECT")))
        {
            var error = await Assert.ThrowsAsync<DbSafetyException>(() => database.RestoreAsync(proxy.Target, lockTimeout: TimeSpan.FromSeconds(2)));

            Assert.True(proxy.HasCut);
            Assert.Equal(code, error.Code);
            // The server has not noticed by itself: its session has been ended, where it could be reached.
            if (!staysCut)
                Assert.Equal(0L, await PgServer.ScalarAsync<long>(database.Admin, "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname = 'orders'"));
        }

        InPlaceDatabase.AssertSame(before, await database.ReadAsync());
    }
}
