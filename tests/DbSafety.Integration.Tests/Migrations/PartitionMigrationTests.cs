using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>Rows of a partitioned table lie in its partitions, and may move between them.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class PartitionMigrationTests(PgServer pg)
{
    private const string Partitioned =
        """
        CREATE TABLE events (id int, kind int) PARTITION BY LIST (kind);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES IN (1);
        CREATE TABLE events_2 PARTITION OF events FOR VALUES IN (2);
        INSERT INTO events SELECT i, 1 + i % 2 FROM generate_series(1, 20) i;
        """;

    [Fact]
    public async Task Rows_that_move_between_partitions_are_not_reported_as_lost()
    {
        using var shop = (await Shop.OpenAsync(pg, Partitioned)).With("1_move.sql", "UPDATE events SET kind = 2 WHERE kind = 1;\nALTER TABLE events DETACH PARTITION events_1;");
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Request() with { SkipBackup = true })).Outcome);
        Assert.Equal(20, await shop.CountAsync("events"));
    }

    [Fact]
    public async Task Run_does_not_wait_for_an_index_lock_of_its_own_script()
    {
        using var shop = (await Shop.OpenAsync(pg, Partitioned + "CREATE INDEX by_id ON events_1 (id);")).With("1_move.sql", "UPDATE events SET kind = 2 WHERE kind = 1 AND id > 10;\nREINDEX TABLE events_1;");
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick())).Outcome);
        Assert.DoesNotContain("is retried", shop.Events.Text, StringComparison.Ordinal);
        Assert.Equal(20, await shop.CountAsync("events"));
    }

    [Theory]
    [InlineData("DROP TABLE events;", "drops table events: 20 rows would be lost", "drop-table:events")]
    [InlineData("TRUNCATE events_1;", "truncates table events_1: 10 rows would be lost", "truncate:events_1")]
    [InlineData("DELETE FROM events WHERE kind = 2;", "deletes rows of events: 10 rows would be lost", "delete-rows:events")]
    [InlineData("ALTER TABLE events DROP COLUMN id;", "drops column events.id: 20 values would be lost", "drop-column:events.id")]
    [InlineData("DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;", "drops schema public: 20 rows would be lost", "drop-schema:public")]
    public async Task Partitions_are_counted_with_their_table(string sql, string expected, string allow)
    {
        using var shop = (await Shop.OpenAsync(pg, Partitioned)).With("1_x.sql", sql);
        var refusal = await shop.FailsAsync(shop.Request(), "DBS403");
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Request(allow) with { SkipBackup = true })).Outcome);
    }

    [Theory]
    [InlineData("DO $$ BEGIN EXECUTE 'DELETE FROM events WHERE id = 7'; END $$;", "1 row of events would be deleted")]
    public async Task Rows_lost_from_partitions_are_detected(string sql, string counted)
    {
        using var shop = (await Shop.OpenAsync(pg, Partitioned)).With("1_x.sql", sql);
        Assert.Contains(counted, (await shop.FailsAsync(shop.Request() with { SkipBackup = true }, "DBS405")).Message, StringComparison.Ordinal);
        Assert.Contains(counted, (await shop.FailsAsync(shop.Quick(), "DBS409")).Message, StringComparison.Ordinal);
    }
}
