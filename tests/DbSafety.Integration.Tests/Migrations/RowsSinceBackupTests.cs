using DbSafety.Databases.Connections;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>A loss that was allowed takes rows that were written after the backup too: they are saved beside it.</summary>
[Collection(ScriptServerGroup.Name)]
public sealed class RowsSinceBackupTests(PgServer pg)
{
    private const string Schema = Shop.Schema +
        """
        CREATE VIEW seen AS SELECT id, note FROM products WHERE id > 1;
        CREATE FUNCTION purge() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'DELETE FROM products'; END $$;
        """;

    private const string Write = "UPDATE products SET name = E'other\\n\\\\.' , note = 'n' WHERE id = 2; INSERT INTO products VALUES (101, 1, 'late', 'l')";

    /// <summary>The writer commits once the run waits for its lock, where it takes one.</summary>
    [Theory]
    [InlineData("DROP TABLE products CASCADE;", "drop-table:products")]
    [InlineData("TRUNCATE products CASCADE;", "truncate:products")]
    [InlineData("DELETE FROM products;", "delete-without-where:products")]
    [InlineData("DELETE FROM products WHERE id > 1;", "delete-rows:products")]
    [InlineData("UPDATE products SET note = 'x';", "update-without-where:products")]
    [InlineData("UPDATE products SET category = NULL WHERE id > 0;", "update-rows:products")]
    [InlineData("ALTER TABLE products DROP COLUMN name;", "drop-column:products.name")]
    [InlineData("ALTER TABLE products ALTER name TYPE varchar(1) USING left(name, 1);", "lossy-type-change:products.name")]
    [InlineData("UPDATE products SET note = 'own' WHERE id IN (2, 3); ALTER TABLE products DROP COLUMN name;", "drop-column:products.name")]
    [InlineData("ALTER TABLE products ADD COLUMN more int; UPDATE products SET note = 'own', more = 1 WHERE id IN (2, 3); ALTER TABLE products DROP COLUMN name;", "drop-column:products.name")]
    [InlineData("UPDATE products SET note = 'own' WHERE id IN (2, 3);\n---\nALTER TABLE products DROP COLUMN name;", "drop-column:products.name")]
    [InlineData("ALTER TABLE products ADD COLUMN more int; UPDATE products SET note = 'own', more = 1 WHERE id IN (2, 3);\n---\nALTER TABLE products DROP COLUMN name;", "drop-column:products.name")]
    [InlineData("DELETE FROM products WHERE id > 500; DELETE FROM products WHERE id > 1; DROP TABLE products CASCADE;", "delete-rows:products", "drop-table:products")]
    [InlineData("ALTER TABLE products ALTER category TYPE bigint; ALTER TABLE products DROP COLUMN name;", "drop-column:products.name")]
    [InlineData("DELETE FROM seen;", "delete-without-where:seen", "delete-rows:products")]
    [InlineData("SELECT purge();", "delete-rows:products")]
    [InlineData("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1; DELETE FROM products WHERE id > 1;", "delete-rows:products")]
    [InlineData("CREATE TABLE made (id int);\nCOMMIT;\nCREATE INDEX CONCURRENTLY i ON products (note);\nDELETE FROM products WHERE id > 1;", "delete-rows:products")]
    public async Task Rows_written_after_the_backup_are_saved_before_an_allowed_statement_deletes_them(string sql, params string[] allow)
    {
        using var shop = await Shop.OpenAsync(pg, Schema);
        foreach (var (script, i) in sql.Split("\n---\n").Select((s, i) => (s, i)))
            shop.With($"{i + 1}_x.sql", script);
        await using var writer = await shop.Target.OpenAsync(CancellationToken.None, "the writer");
        Task? committed = null;
        using var at = StepListener.At("migration run: backed up", async () =>
        {
            await writer.ExecuteAsync("BEGIN; " + Write, CancellationToken.None);
            committed = Task.Delay(TimeSpan.FromMilliseconds(700)).ContinueWith(_ => writer.ExecuteAsync("COMMIT", CancellationToken.None), TaskScheduler.Default).Unwrap();
        });

        var run = await shop.RunAsync(shop.Request(allow) with { SkipRehearsal = !sql.Contains("WHERE id > 1", StringComparison.Ordinal) });

        await committed!;
        Assert.Equal(SafeMigrationOutcome.Applied, run.Outcome);
        Assert.Equal(Path.ChangeExtension(run.Backup!.Path, ".since.sql"), run.RowsSinceBackup);
        Assert.Contains(run.RowsSinceBackup!, shop.Events.Text, StringComparison.Ordinal);
        Assert.Equal(["101:1:late:l", "2:2:other\n\\.:n"], await RowsOfAsync(run.RowsSinceBackup!));
        Assert.NotNull(run.Backup.PinnedUntil);
    }

    /// <summary>A row that moves to another partition carries the id of who moves it.</summary>
    [Theory]
    [InlineData("UPDATE p SET region = 'b' WHERE id >= 50; DELETE FROM p WHERE region = 'b';", "delete-rows:p")]
    [InlineData("UPDATE p SET region = 'b' WHERE id >= 50; TRUNCATE p_b;", "truncate:p_b", "delete-rows:p")]
    [InlineData("UPDATE p SET region = 'b' WHERE id >= 50;\n---\nTRUNCATE p_b;", "truncate:p_b")]
    public async Task Rows_that_the_migration_moves_to_another_partition_are_saved(string sql, params string[] allow)
    {
        using var shop = await Shop.OpenAsync(pg,
            "CREATE TABLE p (id int, region text) PARTITION BY LIST (region); CREATE TABLE p_a PARTITION OF p FOR VALUES IN ('a'); CREATE TABLE p_b PARTITION OF p FOR VALUES IN ('b'); INSERT INTO p VALUES (1, 'a'), (2, 'b')");
        foreach (var (script, i) in sql.Split("\n---\n").Select((s, i) => (s, i)))
            shop.With($"{i + 1}_x.sql", script);
        using var at = StepListener.At("migration run: rehearsed", () => PgServer.ExecuteAsync(shop.Target, "INSERT INTO p VALUES (99, 'a')"));

        var run = await shop.RunAsync(shop.Request(allow));

        Assert.Contains("99\ta", await File.ReadAllLinesAsync(run.RowsSinceBackup!));
        Assert.Equal(1, await shop.CountAsync("p"));
    }

    /// <summary>As pg_dump writes them, whatever the script has set and the table is called.</summary>
    [Fact]
    public async Task Saved_values_and_names_are_quoted_so_that_psql_restores_them_unchanged()
    {
        const string Odd = "\"x\ndrop table users; --\"", Columns = "a text, d date, f float8, i interval, t timestamptz, g int GENERATED ALWAYS AS (1) STORED, k int GENERATED ALWAYS AS IDENTITY";
        const string Values = "(U&'\\FEFFbom\\000D\\000Aline', '2026-11-05', 0.30000000000000004, '-1 day +02:03:04', '2026-11-05 01:02:03+01')";
        using var shop = (await Shop.OpenAsync(pg, $"CREATE TABLE {Odd} ({Columns}); CREATE TABLE users (id int)"))
            .With("1_x.sql", $"SET datestyle = 'SQL, DMY'; SET intervalstyle = sql_standard; SET extra_float_digits = -5; SET timezone = 'Asia/Tokyo'; DROP TABLE {Odd};");
        using var at = StepListener.At("migration run: backed up", () => PgServer.ExecuteAsync(shop.Target, $"INSERT INTO {Odd} VALUES {Values}"));

        var run = await shop.RunAsync(shop.Request() with { AllowAll = true, SkipRehearsal = true });

        await PgServer.ExecuteAsync(shop.Target, $"CREATE TABLE {Odd} ({Columns})");
        await PgServer.RunFileAsync(shop.Target, run.RowsSinceBackup!);
        Assert.Equal(1, await shop.CountAsync($"{Odd} WHERE (a, d, f, i, t) = {Values}"));
        Assert.Equal(0, await shop.CountAsync("users"));
    }

    /// <summary>A snapshot lists no subtransactions, and the ids of rows behind a savepoint are theirs.</summary>
    [Theory]
    [InlineData("TRUNCATE products;", "truncate:products")]
    [InlineData("DELETE FROM products WHERE id < 3;", "delete-rows:products")]
    public async Task Rows_from_a_savepoint_that_was_open_during_the_backup_are_saved(string sql, string allow)
    {
        using var shop = (await Shop.OpenAsync(pg)).With("1_x.sql", sql);
        await using var writer = await shop.Target.OpenAsync(CancellationToken.None, "the writer");
        await OpenSavepointAsync(shop, writer);
        using var at = StepListener.At("migration run: rehearsed", () => writer.ExecuteAsync("COMMIT", CancellationToken.None));

        var run = await shop.RunAsync(shop.Request(allow));

        Assert.Contains("2\t2\tin a savepoint\t\\N", await File.ReadAllLinesAsync(run.RowsSinceBackup!));
    }

    /// <summary>In a transaction that has an id before it.</summary>
    internal static async Task OpenSavepointAsync(Shop shop, Npgsql.NpgsqlConnection writer)
    {
        await writer.ExecuteAsync("BEGIN; SELECT txid_current(); SAVEPOINT s; UPDATE products SET name = 'in a savepoint' WHERE id = 2; RELEASE s", CancellationToken.None);
        // A later id has ended.
        await PgServer.ExecuteAsync(shop.Target, "INSERT INTO categories VALUES (3001, 'ended')");
    }

    /// <summary>The statement that shows the loss comes too late, or is another script's.</summary>
    [Theory]
    [InlineData("SELECT wipe(); TRUNCATE products;")]
    [InlineData("SELECT wipe();\n---\nTRUNCATE products;")]
    [InlineData("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT wipe(); TRUNCATE products;")]
    public async Task Rows_that_disappear_before_the_allowed_statement_runs_are_saved(string sql)
    {
        using var shop = await Shop.OpenAsync(pg, Shop.Schema + "CREATE FUNCTION wipe() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('TRUNCATE %I', 'products'); END $$;");
        foreach (var (script, i) in sql.Split("\n---\n").Select((s, i) => (s, i)))
            shop.With($"{i + 1}_x.sql", script);
        using var at = StepListener.At("migration run: rehearsed", () => PgServer.ExecuteAsync(shop.Target, Write));

        var run = await shop.RunAsync(shop.Request("truncate:products"));

        Assert.Equal(["101:1:late:l", "2:2:other\n\\.:n"], await RowsOfAsync(run.RowsSinceBackup!));
    }

    /// <summary>A block with EXCEPTION has an id of its own.</summary>
    [Theory]
    [InlineData("DO $$ BEGIN EXECUTE 'UPDATE products SET note = ''own'''; EXCEPTION WHEN division_by_zero THEN NULL; END $$;\nDELETE FROM products;")]
    [InlineData("DO $$ BEGIN EXECUTE 'UPDATE products SET note = ''own'''; EXCEPTION WHEN division_by_zero THEN NULL; END $$;\n---\nDELETE FROM products;")]
    public async Task Rows_that_the_migration_writes_in_a_subtransaction_are_not_saved(string sql)
    {
        using var shop = await Shop.OpenAsync(pg);
        foreach (var (script, i) in sql.Split("\n---\n").Select((s, i) => (s, i)))
            shop.With($"{i + 1}_x.sql", script);
        using var at = StepListener.At("migration run: rehearsed", () => PgServer.ExecuteAsync(shop.Target, Write));

        var run = await shop.RunAsync(shop.Request("delete-without-where:products"));

        Assert.Equal(["101:1:late:l", "2:2:other\n\\.:n"], await RowsOfAsync(run.RowsSinceBackup!));
    }

    [Fact]
    public async Task Rows_that_are_in_the_backup_are_not_saved_again()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", "INSERT INTO products VALUES (55); DROP TABLE products CASCADE;");
        using var at = StepListener.At("migration run: backed up", () => PgServer.ExecuteAsync(shop.Target, "INSERT INTO categories VALUES (2000, 'new')"));

        var run = await shop.RunAsync(shop.Request("drop-table:products") with { SkipRehearsal = true });

        Assert.Null(run.RowsSinceBackup);
        Assert.Empty(Directory.GetFiles(Path.Combine(shop.Root, "backups"), "*.since.sql"));
    }

    [Fact]
    public async Task The_file_of_saved_rows_is_removed_if_the_transaction_rolls_back()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", "DELETE FROM products;\nINSERT INTO nothing SELECT 1 / (SELECT count(*) - 1203 FROM categories);");
        using var at = StepListener.At("migration run: backed up", () => PgServer.ExecuteAsync(shop.Target, Write + "; DELETE FROM categories WHERE id = 1204"));

        await shop.FailsAsync(shop.Request("delete-without-where:products") with { SkipRehearsal = true, LockRetries = 0 }, "DBS406");

        Assert.Empty(Directory.GetFiles(Path.Combine(shop.Root, "backups"), "*.since.sql"));
        Assert.Equal(11, await shop.CountAsync("products"));
    }

    [Fact]
    public async Task A_statement_does_not_run_if_rows_since_the_backup_cannot_be_saved()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", "DELETE FROM products WHERE id > 1;");
        using var at = StepListener.At("migration run: backed up", async () =>
        {
            await PgServer.ExecuteAsync(shop.Target, Write);
            var set = Directory.GetFiles(Path.Combine(shop.Root, "backups"), "*.json").Single();
            Directory.CreateDirectory(Path.ChangeExtension(set, ".since.sql"));
        });

        var refusal = await shop.FailsAsync(shop.Request("delete-rows:products") with { SkipRehearsal = true }, "DBS437");

        Assert.Contains("stopped before 1_x.sql line 1, because no backup would contain these rows", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal(11, await shop.CountAsync("products"));
    }

    [Fact]
    public async Task A_transaction_inside_a_script_that_discards_rows_before_they_are_saved_is_rolled_back()
    {
        using var shop = (await Shop.OpenAsync(pg, Shop.Schema + "CREATE FUNCTION wipe() RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('TRUNCATE %I', 'products'); END $$;"))
            .With("1_x.sql", "BEGIN;\nSELECT wipe();\nCOMMIT;\nVACUUM categories;\nTRUNCATE products;");

        var refusal = await shop.FailsAsync(shop.Request("truncate:products") with { SkipRehearsal = true }, "DBS437");

        Assert.Contains("products was truncated, rewritten or dropped before that", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("The transaction that contains 1_x.sql line 2 was rolled back.", refusal.Hint, StringComparison.Ordinal);
        Assert.Equal(10, await shop.CountAsync("products"));
    }

    private async Task<IReadOnlyList<string>> RowsOfAsync(string file)
    {
        var place = await pg.CreateDatabaseAsync("since", "CREATE TABLE products (id int, category bigint, name text, note text)");
        await PgServer.RunFileAsync(place, file);
        await using var connection = await place.OpenAsync(CancellationToken.None);
        return await connection.ListAsync("SELECT concat_ws(':', id, category, name, note) FROM products ORDER BY id DESC", r => r.GetString(0), CancellationToken.None);
    }
}
