using DbSafety.Analysis.Syntax;
using DbSafety.Databases.Connections;
using DbSafety.Integration.Tests.Rounds;
using DbSafety.Migrations;
using DbSafety.Migrations.Applying;
using DbSafety.Migrations.Sources;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>What functions, blocks and triggers lose without a trace in the number of rows is found before the commit.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class HiddenLossTests(PgServer pg)
{
    private const string Schema = Shop.Schema +
        """
        CREATE TABLE events (id int, kind int, note text) PARTITION BY LIST (kind);
        CREATE TABLE events_1 PARTITION OF events FOR VALUES IN (1);
        CREATE TABLE events_2 PARTITION OF events FOR VALUES IN (2);
        INSERT INTO events SELECT i, 1 + i % 2, 'e' || i FROM generate_series(1, 20) i;
        CREATE TABLE keyed (id int, kind int, note text, PRIMARY KEY (id, kind)) PARTITION BY LIST (kind);
        CREATE TABLE keyed_1 PARTITION OF keyed FOR VALUES IN (1);
        CREATE TABLE keyed_2 PARTITION OF keyed FOR VALUES IN (2);
        INSERT INTO keyed SELECT i, 1 + i % 2, 'k' || i FROM generate_series(1, 20) i;
        CREATE TYPE address AS (street text, city text);
        CREATE TABLE people (id int PRIMARY KEY, home address, code text);
        INSERT INTO people SELECT i, ROW('s' || i, 'c')::address, 'code ' || i FROM generate_series(1, 7) i;
        CREATE DOMAIN email AS text;
        CREATE TABLE users (id int PRIMARY KEY, mail email);
        INSERT INTO users SELECT i, 'u' || i FROM generate_series(1, 9) i;
        CREATE SCHEMA old;
        CREATE TABLE old._prisma_migrations (id int);
        INSERT INTO old._prisma_migrations SELECT generate_series(1, 4);
        SELECT lo_from_bytea(oid, 'content') FROM generate_series(90001, 90003) oid;
        CREATE FUNCTION hidden(sql text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE sql; END $$;
        """;

    /// <summary>All that the database holds, to see that it is as before.</summary>
    private const string State =
        """
        SELECT md5(string_agg(v, ' ' ORDER BY v)) FROM (
            SELECT 'c' || c::text AS v FROM categories c UNION ALL SELECT 'p' || p::text FROM products p UNION ALL SELECT 'e' || e::text FROM events e
            UNION ALL SELECT 'k' || k::text FROM keyed k UNION ALL SELECT 'u' || u::text FROM users u UNION ALL SELECT 'q' || q::text FROM people q UNION ALL SELECT 'h' || h::text FROM old._prisma_migrations h
            UNION ALL SELECT 'l' || loid || convert_from(data, 'UTF8') FROM pg_largeobject) s
        """;

    private static readonly (string Hidden, string Expected, string Allow)[] Losses =
    [
        ("DELETE FROM events WHERE id <= 6; INSERT INTO events SELECT i, 1, 'new' FROM generate_series(101, 106) i", "6 rows of events would be deleted", "delete-rows:events"),
        ("DELETE FROM keyed WHERE id <= 6; UPDATE keyed SET note = 'other' WHERE id > 10; INSERT INTO keyed SELECT i, 1, 'new' FROM generate_series(101, 106) i", "6 rows of keyed would be deleted", "delete-rows:keyed"),
        ("DELETE FROM keyed WHERE id <= 6; INSERT INTO keyed SELECT i, 1, 'new' FROM generate_series(101, 106) i", "6 rows of keyed would be deleted", "delete-rows:keyed"),
        ("UPDATE keyed SET kind = 3 - kind WHERE id > 15; DELETE FROM keyed WHERE id <= 6; INSERT INTO keyed SELECT i, 1, 'new' FROM generate_series(101, 106) i", "6 rows of keyed would be deleted", "delete-rows:keyed"),
        ("TRUNCATE products; INSERT INTO products SELECT i, i, 'new', NULL FROM generate_series(1, 10) i", "products would be emptied (10 rows)", "truncate:products"),
        ("INSERT INTO products VALUES (11, 1, 'x', NULL); TRUNCATE products; INSERT INTO products SELECT i, i, 'new', NULL FROM generate_series(1, 30) i; DELETE FROM products WHERE id > 20", "products would be emptied (10 rows)", "truncate:products"),
        ("TRUNCATE events_1; INSERT INTO events SELECT i, 1, 'new' FROM generate_series(101, 200) i", "events_1 would be emptied (10 rows)", "truncate:events_1"),
        ("SELECT lo_unlink(oid) FROM pg_largeobject_metadata", "3 large objects would be removed", "remove-large-objects:all"),
        ("SELECT lo_unlink(90001), lo_create(90001)", "1 large object would be removed", "remove-large-objects:all"),
        ("SELECT lo_put(90002, 0, 'other')", "1 large object would be overwritten", "overwrite-large-objects:all"),
        ("DELETE FROM pg_largeobject WHERE loid = 90002", "1 large object would be overwritten", "overwrite-large-objects:all"),
        ("SELECT lo_truncate(lo_open(90002, 131072), 0)", "1 large object would be overwritten", "overwrite-large-objects:all"),
        ("ALTER TABLE people ALTER code TYPE varchar(3) USING left(code, 3)", "people.code would be converted from text to character varying(3): the 7 previous values would be changed", "lossy-type-change:people.code"),
        ("ALTER TABLE people ALTER code TYPE text USING left(code, 1)", "the values of people.code would be rewritten: the 7 previous values would be changed", "lossy-type-change:people.code"),
        ("ALTER TABLE people ALTER code TYPE varchar(90) USING code || 'x'", "people.code would be converted from text to character varying(90): the 7 previous values would be changed", "lossy-type-change:people.code"),
        ("ALTER TYPE address DROP ATTRIBUTE city", "attribute address.city would be dropped", "drop-attribute:address.city"),
        ("ALTER TABLE products DROP name, ADD name text DEFAULT 'x'", "column products.name would be dropped (10 values)", "drop-column:products.name"),
        ("DROP TABLE old._prisma_migrations", "table old._prisma_migrations would be dropped (4 rows)", "drop-table:old._prisma_migrations"),
        ("UPDATE products SET name = NULL WHERE id <= 4", "4 of 10 values of products.name would be lost", "column-values:products.name"),
    ];

    [Fact]
    public async Task Loss_by_a_function_is_reported_with_its_count_before_COMMIT()
    {
        using var shop = await Shop.OpenAsync(pg, Schema, MigrationSource.Sql);
        await FindsEachAsync(shop);
        Assert.Equal("1_x.sql:Pending", await shop.StatesAsync());
    }

    [Theory]
    [InlineData(12)]
    [InlineData(18)]
    public async Task Losses_by_functions_are_reported_on_PostgreSQL_12_and_18(int major)
    {
        if (!Round.IsLong)
            return;
        await using var server = await NewerServer.StartAsync(major);
        await PgServer.ExecuteAsync(server.Target, "CREATE DATABASE hidden_losses");
        using var shop = Shop.At(server.Target.On("hidden_losses"), MigrationSource.Sql);
        await PgServer.ExecuteAsync(shop.Target, Schema);
        await FindsEachAsync(shop);

        shop.With("1_x.sql", "DO $$ BEGIN EXECUTE 'DELETE FROM users WHERE id <= 3'; COMMIT; EXECUTE 'INSERT INTO users SELECT i, ''new'' FROM generate_series(1, 3) i'; END $$;");
        Assert.Contains("3 rows of users would be deleted", (await shop.FailsAsync(shop.Quick(), "DBS409")).Message, StringComparison.Ordinal);
    }

    private static async Task FindsEachAsync(Shop shop)
    {
        var before = await PgServer.ScalarAsync<string>(shop.Target, State);
        foreach (var (hidden, expected, allow) in Losses)
        {
            shop.With("1_x.sql", $"CREATE TABLE made (id int);\nSELECT hidden($x${hidden}$x$);");

            var refusal = await shop.FailsAsync(shop.Quick(), "DBS409");

            Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
            Assert.Contains($"--allow '{allow}'", refusal.Hint, StringComparison.Ordinal);
            Assert.Equal(before, await PgServer.ScalarAsync<string>(shop.Target, State));
            Assert.Equal(0, await PgServer.ScalarAsync<long>(shop.Target, "SELECT count(*) FROM pg_class WHERE relname = 'made'"));
        }
    }

    [Fact]
    public async Task Each_hidden_loss_can_be_allowed_by_the_reported_allowance()
    {
        using var shop = await Shop.OpenAsync(pg, Schema, MigrationSource.Sql);
        // Each on what those before it have left.
        foreach (var ((hidden, _, allow), number) in Losses.Where(l => !l.Hidden.Contains("keyed", StringComparison.Ordinal) && !l.Hidden.Contains("(90002", StringComparison.Ordinal)).Select((l, i) => (l, i)).Reverse())
        {
            shop.With($"{100 - number}_x.sql", $"SELECT hidden($x${hidden}$x$);");
            Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick(allow))).Outcome);
        }
    }

    [Fact]
    public async Task Table_rewritten_by_dynamic_SQL_is_compared_or_reported()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1_x.sql", "SELECT hidden('ALTER TABLE people ALTER id TYPE bigint, ADD made timestamptz DEFAULT clock_timestamp()');");
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick())).Outcome);
        Assert.DoesNotContain("rewrote", shop.Events.Text, StringComparison.Ordinal);

        shop.With("2_x.sql", "UPDATE users SET mail = 'a' WHERE id = 1;\nSELECT hidden('ALTER TABLE users ALTER id TYPE bigint');");
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick())).Outcome);
        Assert.Contains("2_x.sql rewrote users, although no statement of the script names that table; the values before and after were not compared", shop.Events.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inserted_rows_do_not_hide_lost_values_of_rows_with_a_changed_key()
    {
        const string Insert = "SELECT hidden($x$INSERT INTO people SELECT i, NULL, 'new' FROM generate_series(5000, 5009) i$x$);";
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1_x.sql", $"SELECT hidden('UPDATE people SET id = id + 1000, code = NULL WHERE id > 5');\n{Insert}");
        Assert.Contains("2 of 7 values of people.code would be lost", (await shop.FailsAsync(shop.Quick(), "DBS409")).Message, StringComparison.Ordinal);

        shop.With("1_x.sql", $"SELECT hidden('UPDATE people SET id = id + 1000 WHERE id > 5');\n{Insert}");
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick())).Outcome);
    }

    [Fact]
    public async Task Rehearsal_reports_each_hidden_loss_with_its_count()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1_x.sql",
            """
            DELETE FROM categories WHERE id > 1200;
            DO $do$ BEGIN
              EXECUTE 'DELETE FROM categories WHERE id BETWEEN 1101 AND 1110';
              EXECUTE 'DELETE FROM events WHERE id <= 6'; EXECUTE 'INSERT INTO events SELECT i, 1, ''new'' FROM generate_series(101, 106) i';
              EXECUTE 'TRUNCATE users'; EXECUTE 'INSERT INTO users SELECT i, ''new'' FROM generate_series(1, 9) i';
              EXECUTE 'SELECT lo_unlink(90001)';
              EXECUTE 'ALTER TABLE people ALTER code TYPE varchar(3) USING left(code, 3)';
              EXECUTE 'DROP TABLE old._prisma_migrations';
              EXECUTE 'UPDATE products SET name = NULL WHERE id <= 4';
            END $do$;
            """);
        var before = await PgServer.ScalarAsync<string>(shop.Target, State);

        var refusal = await shop.FailsAsync(shop.Request("delete-rows:categories") with { SkipBackup = true }, "DBS405");

        foreach (var expected in new[]
                 {
                     "6 rows of events would be deleted", "10 rows of categories would be deleted in addition to the 4 allowed", "users would be emptied (9 rows)", "1 large object would be removed", "the 7 previous values would be changed",
                     "table old._prisma_migrations would be dropped (4 rows)", "4 of 10 values of products.name would be lost",
                 })
        {
            Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, await PgServer.ScalarAsync<string>(shop.Target, State));
    }

    [Fact]
    public async Task Function_without_data_loss_is_applied()
    {
        using var shop = await Shop.OpenAsync(pg, Schema, MigrationSource.Sql);
        string[] harmless =
        [
            "UPDATE keyed SET kind = 2, note = 'moved' WHERE kind = 1",
            "UPDATE events SET kind = 2 WHERE kind = 1",
            "INSERT INTO keyed VALUES (50, 1, 'x'); UPDATE keyed SET kind = 2 WHERE kind = 1",
            "ALTER TABLE people ALTER code TYPE varchar(10)",
            "SELECT lo_unlink(lo_from_bytea(0, 'temporary'))",
            "SELECT lo_put(lo_create(95000), 0, 'one'); SELECT lo_put(95000, 3, 'two')",
            "UPDATE products SET note = 'filled'",
            "CREATE TABLE t (id int); INSERT INTO t VALUES (1); DELETE FROM t; TRUNCATE t; DROP TABLE t",
            "ALTER TYPE address ADD ATTRIBUTE country text",
            "ALTER TABLE people ALTER id TYPE bigint; INSERT INTO people VALUES (8, NULL, 'more')",
        ];
        for (var i = 0; i < harmless.Length; i++)
        {
            shop.With($"{100 + i}_x.sql", $"SELECT hidden($x${harmless[i]}$x$);");
            Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick())).Outcome);
        }
    }

    [Fact]
    public async Task Visible_UPDATE_and_type_change_are_checked_only_by_the_safety_check()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1_x.sql", "UPDATE products SET name = NULL WHERE id <= 2;\nALTER TABLE people ALTER code TYPE varchar(30);\nALTER TYPE address RENAME TO place;");
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Request() with { SkipBackup = true, Allow = await ListedAsync(shop) })).Outcome);
    }

    [Fact]
    public async Task DROP_DOMAIN_CASCADE_drops_a_column_only_with_a_drop_column_allowance()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1_x.sql", "DROP DOMAIN email CASCADE;");

        var refusal = await shop.FailsAsync(shop.Quick("drop-cascade:email"), "DBS409");

        Assert.Contains("column users.mail would be dropped (9 values)", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(9, await shop.CountAsync("users WHERE mail IS NOT NULL"));
        var run = await shop.RunAsync(shop.Quick("drop-cascade:email", "drop-column:users.mail"));
        Assert.Equal("users.mail 9", Assert.Single(run.Lost.Select(l => $"{l.Table}.{l.Column} {l.Values}")));
    }

    [Fact]
    public async Task Values_that_a_foreign_key_sets_to_NULL_are_reported()
    {
        const string ForeignKey = "CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1), (2); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a ON DELETE SET NULL); INSERT INTO b VALUES (1, 1), (2, 1), (3, 2);";
        using var shop = (await Shop.OpenAsync(pg, ForeignKey)).With("1_x.sql", "DELETE FROM a WHERE id = 1;");

        var refusal = await shop.FailsAsync(shop.Quick("delete-rows:a"), "DBS403");

        Assert.Contains("sets b.a to NULL by ON DELETE SET NULL of foreign key b_a_fkey, with rows of a: 2 values would be lost", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick("delete-rows:a", "column-values:b.a"))).Outcome);
    }

    [Fact]
    public async Task Allowed_DELETE_does_not_cover_more_rows_that_a_function_deletes_from_the_same_table()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1_x.sql", "DELETE FROM users WHERE id <= 2;\nSELECT hidden('DELETE FROM users WHERE id > 5');");

        var refusal = await shop.FailsAsync(shop.Quick("delete-rows:users"), "DBS409");

        Assert.Contains("4 rows of users would be deleted in addition to the 2 allowed", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(9, await shop.CountAsync("users"));
    }

    [Fact]
    public async Task Rows_of_a_partition_that_another_session_creates_while_the_script_runs_are_not_deleted()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1_x.sql", "SELECT hidden('DELETE FROM events WHERE kind = 3');");
        using var at = StepListener.At("migrate: transaction watched", () => PgServer.ExecuteAsync(shop.Target, "CREATE TABLE events_3 PARTITION OF events FOR VALUES IN (3); INSERT INTO events SELECT i, 3, 'late' FROM generate_series(1, 5) i"));

        var refusal = await shop.FailsAsync(shop.Quick(), "DBS409");

        Assert.Contains("5 rows of events would be deleted", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(5, await shop.CountAsync("events_3"));
    }

    [Fact]
    public async Task Run_enables_track_counts_and_rejects_scripts_that_disable_it()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1_x.sql", "SELECT hidden('DELETE FROM users');");
        await PgServer.ExecuteAsync(shop.Target, $"ALTER DATABASE {SqlName.Quote(shop.Target.Database)} SET track_counts = off");
        Assert.Contains("9 rows of users would be deleted", (await shop.FailsAsync(shop.Quick(), "DBS409")).Message, StringComparison.Ordinal);

        shop.With("1_x.sql", "SET track_counts = off;\nSELECT hidden('DELETE FROM users');\nSET track_counts = on;");
        Assert.Contains("1_x.sql sets track_counts", (await shop.FailsAsync(shop.Quick(), "DBS434")).Message, StringComparison.Ordinal);

        shop.With("1_x.sql", "SELECT hidden(convert_from('\\x5345542074726163', 'UTF8') || 'k_counts = off; DELETE FROM users');");
        await shop.FailsAsync(shop.Quick(), "DBS434");
        Assert.Equal(9, await shop.CountAsync("users"));
    }

    [Fact]
    public async Task Function_that_disables_and_enables_track_counts_is_detected()
    {
        const string Off = "PERFORM set_config('track' || '_counts', 'off', false); DELETE FROM users;";
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1_x.sql", $"SELECT hidden($x$DO $d$ BEGIN {Off} PERFORM set_config('track' || '_counts', 'on', false); END $d$ $x$);");
        await shop.FailsAsync(shop.Quick(), "DBS434");

        shop.With("1_x.sql", $"SELECT hidden($x$DO $d$ BEGIN {Off} EXECUTE 'RES' || 'ET track' || '_counts'; END $d$ $x$);");
        await shop.FailsAsync(shop.Request() with { SkipBackup = true }, "DBS434");
        Assert.Equal(9, await shop.CountAsync("users"));
    }

    [Fact]
    public async Task Function_with_track_counts_off_in_its_SET_clause_is_reported()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1_x.sql", "SELECT quiet();");
        await PgServer.ExecuteAsync(shop.Target, "CREATE FUNCTION quiet() RETURNS void LANGUAGE plpgsql SET track_counts = off AS $$ BEGIN EXECUTE 'DELETE FROM users'; END $$");
        Assert.Contains("function quiet() sets track_counts", (await shop.FailsAsync(shop.Quick(), "DBS434")).Message, StringComparison.Ordinal);
        Assert.Equal(9, await shop.CountAsync("users"));
    }

    [Fact]
    public async Task Column_dropped_with_its_type_is_detected_when_the_type_has_dropped_attributes()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1_x.sql", "SELECT hidden('DROP TYPE address CASCADE');");
        await PgServer.ExecuteAsync(shop.Target, "ALTER TYPE address ADD ATTRIBUTE zip text; ALTER TYPE address DROP ATTRIBUTE zip");
        Assert.Contains("column people.home would be dropped (7 values)", (await shop.FailsAsync(shop.Quick(), "DBS409")).Message, StringComparison.Ordinal);
        Assert.Equal(7, await shop.CountAsync("people WHERE home IS NOT NULL"));
    }

    [Theory]
    [InlineData("CREATE TABLE made (id int);\nLOCK TABLE pg_attribute;")]
    [InlineData("SELECT hidden('LOCK TABLE pg_catalog.pg_class; DELETE FROM users');")]
    [InlineData("SELECT hidden('LOCK TABLE pg_catalog.pg_attribute');\nDELETE FROM categories WHERE id < 0;", "delete-rows:categories", "delete-rows:products")]
    public async Task Lock_on_a_system_catalog_is_rejected_immediately(string sql, params string[] allowed)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1_x.sql", sql);
        var refusal = await shop.FailsAsync(shop.Quick(allowed), "DBS438").WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Contains("holds an ACCESS EXCLUSIVE lock on system catalog pg_", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(9, await shop.CountAsync("users"));
    }

    [Fact]
    public async Task Rows_of_a_foreign_table_are_never_counted_as_zero()
    {
        using var shop = await Shop.OpenAsync(pg, Schema, MigrationSource.Sql);
        await PgServer.ExecuteAsync(shop.Target,
            $"""
            CREATE EXTENSION postgres_fdw;
            CREATE SERVER itself FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{shop.Target.Host}', port '{shop.Target.Port}', dbname '{shop.Target.Database}');
            CREATE USER MAPPING FOR CURRENT_USER SERVER itself OPTIONS (user '{shop.Target.Username}', password '{shop.Target.Password}');
            CREATE FOREIGN TABLE remote (id int) SERVER itself OPTIONS (schema_name 'public', table_name 'users');
            """);
        shop.With("1_x.sql", "SELECT hidden('DELETE FROM remote');");

        var refusal = await shop.FailsAsync(shop.Quick(), "DBS435");
        Assert.Contains("rows of foreign table remote may be deleted or overwritten on its server", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--allow 'delete-rows:remote'", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal(9, await shop.CountAsync("users"));
        // The copy does not reach the server.
        await shop.FailsAsync(shop.Request() with { SkipBackup = true }, "DBS452");
        Assert.Equal(9, await shop.CountAsync("users"));

        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick("delete-rows:remote"))).Outcome);
        Assert.Equal(0, await shop.CountAsync("users"));
    }

    [Fact]
    public async Task Rehearsal_detects_a_DO_block_that_commits_and_replaces_deleted_rows()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1_x.sql",
            "DO $$ BEGIN EXECUTE 'DELETE FROM users WHERE id <= 3'; COMMIT; EXECUTE 'INSERT INTO users SELECT i, ''new'' FROM generate_series(1, 3) i'; END $$;");

        var refusal = await shop.FailsAsync(shop.Request() with { SkipBackup = true }, "DBS405");

        Assert.Contains("3 rows of users would be deleted", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, await shop.CountAsync("users WHERE mail = 'new'"));
    }

    [Fact]
    public async Task Rehearsal_detects_a_DO_block_that_commits_and_removes_a_large_object()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1_x.sql", "DO $$ BEGIN COMMIT; EXECUTE 'SELECT lo_' || 'unlink(90001)'; COMMIT; END $$;");

        var refusal = await shop.FailsAsync(shop.Request() with { SkipBackup = true }, "DBS405");

        Assert.Contains("1 large object would be removed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_a_committing_DO_block_deletes_from_a_previously_empty_table_are_reported()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1_x.sql", "DO $$ BEGIN COMMIT; EXECUTE 'DELETE FROM nothing'; END $$;");
        using var at = StepListener.At("migration: before a statement outside of a transaction", () => PgServer.ExecuteAsync(shop.Target, "INSERT INTO nothing SELECT generate_series(1, 5)"), 2);

        var failure = await shop.FailsAsync(shop.Request() with { SkipBackup = true }, "DBS461");

        Assert.Contains("5 rows of nothing would be deleted", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Updates_by_dynamic_SQL_are_reported()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema, MigrationSource.Sql)).With("1_x.sql", "SELECT hidden('UPDATE products SET name = upper(name)');");

        var run = await shop.RunAsync(shop.Quick());

        Assert.Equal(new TableChange("products", 0, 10, 0), Assert.Single(run.Changes));
        Assert.Contains("1_x.sql updated 10 rows of products, although no statement of the script names that table in an UPDATE", shop.Events.Text, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<string>> ListedAsync(Shop shop) =>
        [.. (await new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target), shop.Events, CancellationToken.None)).Where(f => f.Refuses).Select(f => f.AllowAs)];
}
