using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>What a command of the project loses that nobody can read: its rehearsal compares the copy row by row.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class CommandLossTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TABLE users (id int PRIMARY KEY, email text, amount numeric(10,2), note text);
        INSERT INTO users SELECT i, 'user' || i, i + 0.25, NULL FROM generate_series(1, 50) i;
        CREATE TABLE staff (LIKE users INCLUDING ALL);
        INSERT INTO staff SELECT * FROM users;
        CREATE TABLE guests (LIKE users INCLUDING ALL);
        INSERT INTO guests SELECT * FROM users;
        CREATE TABLE clients (LIKE users INCLUDING ALL);
        INSERT INTO clients SELECT * FROM users;
        CREATE TABLE log (at int, line text, amount numeric(10,2));
        INSERT INTO log SELECT i, 'line ' || i, i + 0.5 FROM generate_series(1, 20) i;
        CREATE TABLE parts (id int, region int, name text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
        CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
        CREATE TABLE parts_2 PARTITION OF parts FOR VALUES IN (2);
        INSERT INTO parts SELECT i, 1 + i % 2, 'part' || i FROM generate_series(1, 10) i;
        CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
        INSERT INTO alembic_version VALUES ('a1');
        CREATE TYPE size AS ENUM ('S', 'M');
        CREATE TABLE shirts (id int PRIMARY KEY, size size);
        INSERT INTO shirts VALUES (1, 'S'), (2, 'M');
        SELECT lo_from_bytea(424200 + i, 'document') FROM generate_series(1, 5) i;
        """;

    /// <summary>What it does, what is said of it, and how it is allowed.</summary>
    private static readonly (string Sql, string Found, string Allowance)[][] Losses =
    [
        [
            ("update users set email = null", "50 of 50 values of users.email would be lost", "column-values:users.email"),
            ("alter table staff alter email type varchar(2) using left(email, 2)", "staff.email would be converted from text to character varying(2): 50 of 50 values would be changed", "lossy-type-change:staff.email"),
            ("alter table guests alter amount type numeric(10,0)", "guests.amount would be converted from numeric(10,2) to numeric(10,0): 50 of 50 values", "lossy-type-change:guests.amount"),
            ("alter table clients alter email type text using 'x'", "values in every row of clients would be overwritten (50 values of email)", "update-without-where:clients"),
            ("update log set line = null where at <= 4", "4 of 20 values of log.line would be lost", "column-values:log.line"),
            ("select lo_unlink(oid) from pg_largeobject_metadata where oid <> 424201", "4 large objects would be removed", "remove-large-objects:all"),
        ],
        [
            ("update users set email = null where id <= 3; insert into users select i, 'new' from generate_series(51, 60) i", "3 of 50 values of users.email would be lost", "column-values:users.email"),
            ("update staff set email = ''", "values in every row of staff would be overwritten (50 values of email)", "update-without-where:staff"),
            ("update guests set id = id + 100 where id <= 7", "7 of 50 rows of guests would be deleted or would have a different key", "delete-rows:guests"),
            ("update log set line = 'x' || line", "values in every row of log would be overwritten (20 values of line)", "update-without-where:log"),
            ("update parts set name = null, region = 3 - region where id <= 4", "4 of 10 values of parts.name would be lost", "column-values:parts.name"),
            ("select lo_put(424201, 0, 'X')", "1 large object would be overwritten", "overwrite-large-objects:all"),
        ],
    ];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Values_overwritten_by_a_command_are_detected_on_the_copy_and_require_the_reported_allowance(int which)
    {
        using var shop = await ProjectAsync(string.Join("; ", Losses[which].Select(l => l.Sql)));

        var failure = await shop.FailsAsync(shop.Request() with { SkipBackup = true, Command = Command }, "DBS405");

        foreach (var (_, found, allowance) in Losses[which])
            Assert.True(failure.Message.Contains(found, StringComparison.Ordinal) && failure.Message.Contains($"--allow '{allowance}'", StringComparison.Ordinal), $"{found}\n{failure.Message}");
        Assert.Equal(SafeMigrationOutcome.Refused, shop.Outcome);
    }

    [Fact]
    public async Task Values_that_a_command_was_allowed_to_overwrite_are_listed_as_lost_and_the_backup_is_pinned()
    {
        using var shop = await ProjectAsync(string.Join("; ", Losses[0].Select(l => l.Sql)));

        var run = await shop.RunAsync(shop.Request([.. Losses[0].Select(l => l.Allowance)]) with { Command = Command });

        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        foreach (var lost in new[] { "50 values of users.email", "50 values of staff.email", "4 values of log.line", "4 large objects" })
            Assert.Contains(lost, run.Lost.Select(l => l.ToString()));
        Assert.NotNull(run.Backup!.PinnedUntil);
    }

    [Fact]
    public async Task Lossless_command_requires_no_allowance_and_values_overwritten_in_some_rows_are_reported()
    {
        using var shop = await ProjectAsync(
            """
            alter table users alter id type bigint, alter email type varchar(80), alter amount type numeric(12,4); update users set note = email; alter table log alter amount type numeric(12,4);
            alter type size rename to size_old; create type size as enum ('S', 'M', 'L'); alter table shirts alter size type size using size::text::size; drop type size_old;
            update parts set region = 3 - region where id <= 4; alter table parts detach partition parts_1; alter table users rename email to mail; vacuum full users;
            update alembic_version set version_num = 'b2'; update guests set email = 'x' where id <= 7
            """.ReplaceLineEndings(" "));

        var run = await shop.RunAsync(shop.Request() with { SkipBackup = true, Command = Command });

        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.DoesNotContain("could not be compared", shop.Events.Text, StringComparison.Ordinal);
        foreach (var reported in new[] { "4 of 10 rows of parts (4 values of region)", "7 of 50 rows of guests (7 values of email)" })
            Assert.True(shop.Events.Text.Contains(reported, StringComparison.Ordinal), shop.Events.Text);
    }

    [Fact]
    public async Task Command_without_rehearsal_reports_undetectable_losses_and_counts_lost_values()
    {
        using var shop = await ProjectAsync("update users set email = null");

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true, Command = Command }, "DBS461");

        Assert.Contains("50 of 50 values of users.email would be lost", failure.Message, StringComparison.Ordinal);
        Assert.Contains("was not rehearsed: overwritten values are not detected", shop.Events.Text, StringComparison.Ordinal);
        // What nobody allowed is lost all the same, and the backup holds it.
        Assert.Single(Directory.GetFiles(shop.Request().BackupDestination!, "*.pin"));
    }

    [Fact]
    public async Task Command_that_skips_work_because_of_its_rehearsal_fails()
    {
        using var shop = await ProjectAsync("create table made (id int)");
        var script = Path.Combine(shop.Root, "migrate.sh");
        await File.WriteAllTextAsync(script, $"test ! -e history.json || exit 0\n{await File.ReadAllTextAsync(script)}echo done > history.json\n");

        await shop.FailsAsync(shop.Request() with { SkipBackup = true, Command = Command }, "DBS467");

        Assert.False(await PgServer.ScalarAsync<bool>(shop.Target, "SELECT to_regclass('made') IS NOT NULL"));
    }

    private static MigrationCommand Command => MigrationCommand.Parse(["sh migrate.sh"]);

    private async Task<Shop> ProjectAsync(string sql)
    {
        var shop = await Shop.OpenAsync(pg, Schema);
        Directory.CreateDirectory(shop.Migrations);
        await File.WriteAllTextAsync(Path.Combine(shop.Root, "package.json"), "{}");
        await File.WriteAllLinesAsync(Path.Combine(shop.Root, "migrate.sh"), ["set -e", .. sql.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(s => $"psql \"$DATABASE_URL\" -qc \"{s}\"")]);
        return shop;
    }
}
