using DbSafety.Databases.Connections;
using DbSafety.Migrations.Stages.Results;
using DbSafety.Restores.Retained;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>What happens after a run that failed when something of it had been committed.</summary>
[Collection(ScriptServerGroup.Name)]
public sealed partial class RestoreAfterFailureTests(PgServer pg)
{
    [Fact]
    public async Task The_backup_is_restored_on_demand()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "UPDATE products SET name = 'new' WHERE id > 1;").With("2_b.sql", "SELECT 1 / 0;");

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true, OnFailure = FailureAction.Restore }, "DBS406");

        Assert.Contains("The backup from before the run was restored", failure.Hint, StringComparison.Ordinal);
        Assert.Equal(0, await shop.CountAsync("products WHERE name = 'new'"));
        Assert.Equal("1_a.sql:Pending 2_b.sql:Pending", await shop.StatesAsync());
        var ended = Assert.Single(shop.Events.All.OfType<SafeMigrationFailedEvent>());
        Assert.Equal(SafeMigrationOutcome.Restored, ended.Run.Outcome);
        var retained = Assert.Single(await new ListRetained().RunAsync(new RetainedListRequest(shop.Target) { Database = shop.Target.Database }, shop.Events, CancellationToken.None));
        Assert.Equal(MarkedBy.Migration, retained.By);
        Assert.Contains($"restore undo --to \"{retained.Name}\"", ended.Run.Undo!.Command, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, SafeMigrationOutcome.Restored)]
    [InlineData(true, SafeMigrationOutcome.Failed)]
    public async Task The_backup_is_restored_automatically_unless_another_session_has_written(bool others, SafeMigrationOutcome outcome)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "UPDATE products SET name = 'new' WHERE id > 1;").With("2_b.sql", "SELECT 1 / 0;");
        if (others)
            shop.With("1_1_b.sql", "CREATE EXTENSION dblink; SELECT dblink_exec('dbname=' || current_database() || ' user=' || current_user || ' host=' || split_part(current_setting('unix_socket_directories'), ',', 1) || ' port=' || current_setting('port'), 'INSERT INTO nothing VALUES (1)');");

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.Equal(outcome, Assert.Single(shop.Events.All.OfType<SafeMigrationFailedEvent>()).Run.Outcome);
        Assert.Equal(others, failure.Hint.Contains("other sessions have written since the backup: nothing", StringComparison.Ordinal));
        Assert.Equal(others ? 1 : 0, await shop.CountAsync("nothing"));
    }

    [Fact]
    public async Task A_failed_run_without_a_restore_reports_the_command_that_restores_the_backup()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "UPDATE products SET name = 'new' WHERE id > 1;").With("2_b.sql", "SELECT 1 / 0;");

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true, OnFailure = FailureAction.Stop }, "DBS406");

        Assert.Contains("dbsafety restore run \"" + Path.Combine(shop.Root, "backups"), failure.Hint, StringComparison.Ordinal);
        Assert.Equal("1_a.sql:Applied 2_b.sql:Failed", await shop.StatesAsync());
    }

    [Fact]
    public async Task A_script_with_several_transactions_does_not_count_writes_of_other_sessions_as_its_own()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "UPDATE products SET name = 'new' WHERE id > 1; COMMIT; UPDATE products SET note = 'new' WHERE id > 1; COMMIT;").With("2_b.sql", "SELECT 1 / 0;");
        using var at = StepListener.At("migration run: backed up", () => PgServer.ExecuteAsync(shop.Target, "INSERT INTO products VALUES (100, 1, 'other', 'paid')"));

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.Equal(SafeMigrationOutcome.Failed, shop.Outcome);
        Assert.Equal(1, await shop.CountAsync("products WHERE id = 100"));
        Assert.Contains("The backup was not restored automatically", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_backup_is_restored_after_a_script_with_several_transactions_if_all_of_them_are_known()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "BEGIN; UPDATE products SET name = 'new' WHERE id > 1; COMMIT; BEGIN; UPDATE products SET note = 'new' WHERE id > 1; COMMIT; BEGIN; SELECT 1 / 0; COMMIT;");

        await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.True(SafeMigrationOutcome.Restored == shop.Outcome, shop.Events.Text);
        Assert.Equal(0, await shop.CountAsync("products WHERE name = 'new'"));
    }

    [Fact]
    public async Task It_is_unknown_which_session_wrote_rows_if_statements_ran_outside_a_transaction()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "DO $$ BEGIN UPDATE products SET name = 'new' WHERE id = 1; COMMIT; UPDATE products SET name = 'new' WHERE id = 2; END $$;").With("2_b.sql", "SELECT 1 / 0;");

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.Equal(SafeMigrationOutcome.Failed, shop.Outcome);
        Assert.Contains("it is unknown whether other sessions have written since the backup: statement 1 of 1_a.sql ran outside a transaction", failure.Hint, StringComparison.Ordinal);
        Assert.Equal(2, await shop.CountAsync("products WHERE name = 'new'"));
    }

    [Theory]
    [InlineData("ALTER TABLE products ALTER COLUMN id TYPE bigint;")]
    [InlineData("UPDATE products SET name = 'new' WHERE id > 1;")]
    [InlineData("DELETE FROM products WHERE id = 5;")]
    [InlineData("DROP TABLE products;")]
    public async Task A_concurrent_change_that_the_migration_overwrites_is_not_discarded(string script)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", script).With("2_b.sql", "SELECT 1 / 0;");
        using var at = StepListener.At("migration run: rehearsed", () => PgServer.ExecuteAsync(shop.Target, "UPDATE products SET note = 'paid' WHERE id = 5"));

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true, AllowAll = true }, "DBS406");

        Assert.Equal(SafeMigrationOutcome.Failed, shop.Outcome);
        Assert.Contains("it is unknown whether other sessions have written since the backup: ", failure.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ALTER TABLE products ALTER COLUMN id TYPE bigint;")]
    [InlineData("DELETE FROM products WHERE id = 5; INSERT INTO nothing VALUES (1);")]
    [InlineData("DROP TABLE products; CREATE TABLE products (id int); INSERT INTO products VALUES (1);")]
    public async Task The_backup_is_restored_if_only_the_migration_changed_rows(string script)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", script).With("2_b.sql", "SELECT 1 / 0;");

        await shop.FailsAsync(shop.Request() with { SkipRehearsal = true, AllowAll = true }, "DBS406");

        Assert.True(SafeMigrationOutcome.Restored == shop.Outcome, shop.Events.Text);
        Assert.Equal(10, await shop.CountAsync("products"));
    }

    [Fact]
    public async Task The_check_for_concurrent_writes_ignores_transactions_of_other_databases()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "INSERT INTO nothing VALUES (1); UPDATE products SET name = 'new' WHERE id > 1;").With("2_b.sql", "SELECT 1 / 0;");
        var elsewhere = await pg.CreateDatabaseAsync("elsewhere", "CREATE TABLE t (id int)");
        using var at = StepListener.At("migration run: script applied", () => PgServer.ExecuteAsync(elsewhere, "INSERT INTO t VALUES (1)"));

        await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.True(SafeMigrationOutcome.Restored == shop.Outcome, shop.Events.Text);
        Assert.Equal((0, 10), (await shop.CountAsync("nothing"), await shop.CountAsync("products WHERE name <> 'new'")));
    }

    [Fact]
    public async Task A_failed_restore_reports_the_error_of_the_migration_and_the_state_of_the_database()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "UPDATE products SET name = 'new' WHERE id > 1;").With("2_b.sql", "SELECT 1 / 0;");
        using var at = StepListener.At("restore after failure: concurrent writes checked", () =>
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(shop.Root, "backups"), "*.dump*"))
                File.Delete(file);
        });

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.Contains("division by zero", failure.Message, StringComparison.Ordinal);
        Assert.Contains("1_a.sql had been applied and remains applied. It was not restored from the backup: ", failure.Hint, StringComparison.Ordinal);
        var ended = Assert.Single(shop.Events.All.OfType<SafeMigrationFailedEvent>()).Run;
        Assert.Equal((SafeMigrationOutcome.Failed, "1_a.sql"), (ended.Outcome, Assert.Single(ended.Applied)));
        Assert.Equal(["apply", "restore"], ended.Stages.Where(s => s.State == MigrationStageState.Failed).Select(s => s.Name));
        Assert.Equal(9, await shop.CountAsync("products WHERE name = 'new'"));
    }

    [Fact]
    public async Task An_error_after_the_swap_still_reports_that_the_backup_was_restored()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "UPDATE products SET name = 'new' WHERE id > 1;").With("2_b.sql", "SELECT 1 / 0;");
        using var at = StepListener.At("swap: committed", () => throw new NotSupportedException("cut off"));

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.Equal((SafeMigrationOutcome.Restored, 0), (shop.Outcome, await shop.CountAsync("products WHERE name = 'new'")));
        Assert.Contains("The backup from before the run was restored, but then this error occurred: cut off. The database of the failed run is " + shop.Target.Database + "_before_", failure.Hint, StringComparison.Ordinal);
        Assert.Contains("division by zero", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interrupted_swap_leaves_the_database_of_the_failed_run_and_reports_it()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "UPDATE products SET name = 'new' WHERE id > 1;").With("2_b.sql", "SELECT 1 / 0;");
        using var at = StepListener.At("swap: current database renamed", () => throw new NotSupportedException("cut off"));

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.Equal((SafeMigrationOutcome.Failed, 9), (shop.Outcome, await shop.CountAsync("products WHERE name = 'new'")));
        Assert.Contains("It was not restored from the backup: cut off.", failure.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT 1", SafeMigrationOutcome.Restored, "")]
    [InlineData("SELECT lo_from_bytea(0, 'x')", SafeMigrationOutcome.Failed, "the database has large objects, and only a superuser can read which transactions wrote them")]
    public async Task A_role_without_superuser_cannot_prove_that_no_session_wrote_large_objects(string sql, SafeMigrationOutcome outcome, string why)
    {
        var role = "owner_" + Guid.NewGuid().ToString("N")[..6];
        var database = await pg.CreateDatabaseAsync("owned");
        await PgServer.ExecuteAsync(pg.Target, $"CREATE ROLE {role} LOGIN CREATEDB; ALTER DATABASE {database.Database} OWNER TO {role}");
        var elsewhere = await pg.CreateDatabaseAsync("elsewhere", "CREATE TABLE t (id int)");
        using var shop = (await Shop.OnAsync(database with { Username = role })).With("1_a.sql", "INSERT INTO nothing VALUES (1);").With("2_b.sql", "SELECT 1 / 0;");
        await PgServer.ExecuteAsync(shop.Target, sql);
        using var at = StepListener.At("migration run: script applied", () => PgServer.ExecuteAsync(elsewhere, "INSERT INTO t VALUES (1)"));

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.True(outcome == shop.Outcome, shop.Events.Text);
        Assert.Contains(why, failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_from_subtransactions_of_the_migration_are_not_reported_as_rows_of_another_session()
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_a.sql", "DO $$ BEGIN BEGIN INSERT INTO nothing VALUES (1); EXCEPTION WHEN unique_violation THEN NULL; END; END $$;").With("2_b.sql", "SELECT 1 / 0;");

        var failure = await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.Equal(SafeMigrationOutcome.Failed, shop.Outcome);
        Assert.Contains("it is unknown whether other sessions have written since the backup: 1 rows of nothing were written by transactions that are not known to be the migration's", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sequences_that_the_restore_resets_are_reported()
    {
        using var shop = (await Shop.OpenAsync(pg, Shop.Schema + "CREATE SEQUENCE tickets; SELECT nextval('tickets');"))
            .With("1_a.sql", "INSERT INTO nothing VALUES (1);").With("2_b.sql", "SELECT 1 / 0;");
        using var at = StepListener.At("migration run: backed up", () => PgServer.ExecuteAsync(shop.Target, "SELECT nextval('tickets'), nextval('tickets')"));

        await shop.FailsAsync(shop.Request() with { SkipRehearsal = true }, "DBS406");

        Assert.Equal(SafeMigrationOutcome.Restored, shop.Outcome);
        Assert.True(shop.Events.Text.Contains("the restore reset sequences: tickets from 3 to 1", StringComparison.Ordinal), shop.Events.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("migration run: backed up")]
    [InlineData("migration run: command about to start")]
    [InlineData("in the command")]
    public async Task A_row_that_another_session_writes_while_a_command_runs_is_preserved(string moment)
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("1_note", "SELECT 1;");
        using var at = StepListener.At(moment, () => PgServer.ExecuteAsync(shop.Target, "INSERT INTO nothing VALUES (7)"));

        // A session of a few milliseconds, which is gone before the command ends.
        await shop.FailsAsync(CommandRequest(shop, moment == "in the command" ? "psql \"$DATABASE_URL\" -c 'INSERT INTO nothing VALUES (7)'; " : ""), "DBS417");

        Assert.True(SafeMigrationOutcome.Failed == shop.Outcome, shop.Events.Text);
        Assert.Equal((moment.Length == 0 ? 0 : 1, 10), (await shop.CountAsync("nothing"), await shop.CountAsync("products WHERE name = 'new'")));
        Assert.Contains("it is unknown whether other sessions have written since the backup: rows written by the command cannot be distinguished from rows written by other sessions", shop.Events.Text, StringComparison.Ordinal);
        Assert.Contains("dbsafety restore run \"" + Path.Combine(shop.Root, "backups"), shop.Events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restore_on_demand_after_a_command_reports_the_database_with_the_rows_of_other_sessions()
    {
        using var shop = (await Shop.OpenAsync(pg)).WithPrisma("1_note", "SELECT 1;");
        using var at = StepListener.At("migration run: command about to start", () => PgServer.ExecuteAsync(shop.Target, "INSERT INTO nothing VALUES (7)"));

        await shop.FailsAsync(CommandRequest(shop) with { OnFailure = FailureAction.Restore }, "DBS417");

        Assert.True(SafeMigrationOutcome.Restored == shop.Outcome, shop.Events.Text);
        var retained = RetainedName().Match(shop.Events.Text);
        Assert.True(retained.Success, shop.Events.Text);
        Assert.Equal(1, await PgServer.ScalarAsync<long>(shop.Target.On(retained.Groups[1].Value), "SELECT count(*) FROM nothing"));
        Assert.Equal((0, 0), (await shop.CountAsync("nothing"), await shop.CountAsync("products WHERE name = 'new'")));
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"retained as (\S+)\. rows that other sessions committed after the backup exist only in that database")]
    private static partial System.Text.RegularExpressions.Regex RetainedName();

    private static SafeMigrationRequest CommandRequest(Shop shop, string first = "") => shop.Request() with
    {
        SkipRehearsal = true,
        Command = new MigrationCommand(["sh", "-c", first + "psql \"$DATABASE_URL\" -c \"UPDATE products SET name = 'new'\"; false"]),
    };
}
