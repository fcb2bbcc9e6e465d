using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Migrations;

/// <summary>A count lets a statement pass only if it was made of the very table that the statement's words mean when it runs.</summary>
[Collection(MigrationServerGroup.Name)]
public sealed class NameUnderLockTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE SCHEMA s1;
        CREATE TABLE a (id int, v text);
        INSERT INTO a VALUES (1, 'one'), (2, 'two');
        CREATE TABLE e (id int, v text);
        CREATE FUNCTION look_in(name text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('search_path', name, false) $$;
        """;

    private const string EmptyInS1 = Schema + "CREATE TABLE s1.a (id int, v text);";

    private const string Left = "ALTER TABLE a ALTER COLUMN v TYPE varchar(2) USING left(v, 2);";

    private const string Null = "UPDATE a SET v = NULL;";

    [Theory]
    [InlineData("SET search_path TO s1, public; " + Left)]
    [InlineData("SET search_path TO s1, public; " + Null)]
    [InlineData("SET search_path TO s1, public; DELETE FROM a;")]
    [InlineData("SET search_path TO s1, public; DELETE FROM a WHERE id > 0;")]
    [InlineData("SET search_path TO s1, public; TRUNCATE a;")]
    [InlineData("SET search_path TO s1, public; DROP TABLE a;")]
    [InlineData("SET search_path TO s1, public; ALTER TABLE a DROP COLUMN v;")]
    [InlineData("SET search_path TO nowhere, public; CREATE TABLE IF NOT EXISTS a (id int, v text); " + Null)]
    [InlineData("SAVEPOINT s; SET LOCAL search_path = s1; ROLLBACK TO s; " + Null)]
    [InlineData("SAVEPOINT s; SET LOCAL search_path = s1; ROLLBACK TO s; DELETE FROM a WHERE id > 0;")]
    [InlineData("ALTER SCHEMA public RENAME TO pub2; ALTER SCHEMA s1 RENAME TO public; UPDATE pub2.a SET v = NULL;")]
    [InlineData("CREATE SCHEMA s2; CREATE TABLE s2.a (id int, v text); ALTER SCHEMA s2 RENAME TO s3; ALTER SCHEMA public RENAME TO s2; UPDATE s2.a SET v = NULL;")]
    [InlineData("DO $$ BEGIN ALTER TABLE a RENAME TO b; END $$; UPDATE b SET v = NULL;")]
    [InlineData("CREATE INDEX CONCURRENTLY i ON a (v); SET search_path = s1, public; DROP TABLE IF EXISTS a;", "the table does not exist now, but 1_x.sql does not run in one transaction")]
    [InlineData("DO $$ BEGIN ALTER TABLE a RENAME TO missing; END $$; DROP TABLE IF EXISTS missing;")]
    public async Task Table_that_is_not_found_is_not_treated_as_empty(string sql, string? why = null)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1_x.sql", sql);

        var refusal = await shop.FailsAsync(shop.Quick(), "DBS403");

        Assert.Matches(why ?? "not found in the live database, so nothing can be counted|values? (of v )?would|rows? would", refusal.Message);
        Assert.Equal("1_x.sql:Pending", await shop.StatesAsync());
        Assert.Equal(2, await shop.CountAsync("a WHERE v IN ('one', 'two')"));
    }

    [Theory]
    [InlineData("SAVEPOINT s; ALTER TABLE a RENAME TO b; CREATE TABLE a (id int, v text); ROLLBACK TO s; " + Null)]
    [InlineData("CREATE TABLE x (id int, v text); DO $$ BEGIN DROP TABLE x; ALTER TABLE a RENAME TO x; END $$; UPDATE x SET v = NULL;")]
    [InlineData("CREATE TABLE s1.x (id int, v text); DROP TABLE s1.x; ALTER TABLE a RENAME TO x; ALTER TABLE x SET SCHEMA s1; UPDATE s1.x SET v = NULL;")]
    public async Task Table_created_by_a_migration_is_not_treated_as_new_when_its_name_may_refer_to_another_table(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("0_x.sql", "SELECT 1;");
        await shop.RunAsync(shop.Quick());
        shop.With("1_x.sql", sql);

        await shop.FailsAsync(shop.Quick(), "DBS403");

        Assert.Equal(2, await shop.CountAsync("a WHERE v IN ('one', 'two')"));
    }

    [Theory]
    [InlineData("SAVEPOINT s; SET LOCAL search_path = s1; ROLLBACK TO s; " + Null)]
    [InlineData("SAVEPOINT s; SET LOCAL search_path = s1; ROLLBACK TO s; " + Left)]
    [InlineData("SAVEPOINT s; SET LOCAL search_path = s1; ROLLBACK TO s; DELETE FROM a;")]
    [InlineData("SAVEPOINT s; SET LOCAL search_path = s1; ROLLBACK TO s; TRUNCATE a;")]
    [InlineData("SAVEPOINT s; SET LOCAL search_path = s1; ROLLBACK TO s; ALTER TABLE a DROP COLUMN v;")]
    public async Task Safety_check_respects_a_search_path_that_is_rolled_back_to_a_savepoint(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, EmptyInS1)).With("1_x.sql", sql);

        await shop.FailsAsync(shop.Quick(), "DBS403");

        Assert.Equal(2, await shop.CountAsync("a WHERE v IN ('one', 'two')"));
    }

    [Theory]
    [InlineData("SET search_path = s1; SELECT public.look_in('public'); " + Null)]
    [InlineData("SET search_path = s1; SELECT public.look_in('public'); " + Left)]
    [InlineData("SET search_path = s1; DO $$ BEGIN PERFORM public.look_in('public'); END $$; " + Left)]
    [InlineData("SET search_path = s1; SELECT public.look_in('public'); DROP TABLE IF EXISTS a;")]
    [InlineData("ALTER SCHEMA s1 RENAME TO s3; ALTER SCHEMA public RENAME TO s1; UPDATE s1.a SET v = NULL;")]
    [InlineData("DO $$ BEGIN ALTER TABLE e RENAME TO other; ALTER TABLE a RENAME TO e; END $$; UPDATE e SET v = NULL;")]
    [InlineData("DO $$ BEGIN ALTER TABLE e DROP COLUMN v; ALTER TABLE e ADD COLUMN w text; ALTER TABLE e RENAME w TO v; INSERT INTO e SELECT * FROM a; END $$; ALTER TABLE e ALTER COLUMN v TYPE varchar(2) USING left(v, 2);")]
    public async Task Name_that_refers_to_another_table_at_execution_is_rejected_under_the_lock(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, EmptyInS1)).With("1_x.sql", sql);

        var refusal = await shop.FailsAsync(shop.Quick(), "DBS421");

        Assert.Contains("the name refers to an object other than the one found in the live database", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("1_x.sql:Pending", await shop.StatesAsync());
        Assert.Equal(2, await shop.CountAsync("a WHERE v IN ('one', 'two')"));
    }

    [Theory]
    [InlineData("DO $$ BEGIN PERFORM look_in('public'); UPDATE a SET v = NULL; END $$;")]
    [InlineData("DO $$ BEGIN ALTER TABLE e RENAME TO other; ALTER TABLE a RENAME TO e; UPDATE e SET v = NULL; END $$;")]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql SET search_path = public AS $$ BEGIN UPDATE a SET v = NULL; END $$; SET search_path = s1; SELECT public.f();")]
    public async Task Row_count_of_zero_does_not_allow_updates_in_function_and_DO_bodies(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, EmptyInS1)).With("1_x.sql", sql);

        await shop.FailsAsync(shop.Quick(), "DBS403");

        Assert.Equal(2, await shop.CountAsync("a WHERE v IN ('one', 'two')"));
    }

    [Theory]
    [InlineData("DROP TABLE IF EXISTS missing; CREATE TABLE missing (id int); UPDATE missing SET id = 1; DROP TABLE missing;")]
    [InlineData("CREATE TABLE IF NOT EXISTS made (id int); UPDATE made SET id = 1; DELETE FROM made;")]
    [InlineData("SET search_path = s1, public; UPDATE a SET v = NULL; " + Left)]
    [InlineData("SET search_path = s1; TRUNCATE a; ALTER TABLE a DROP COLUMN v; DROP TABLE a; CREATE TABLE a (id int);")]
    [InlineData("ALTER TABLE e RENAME TO f; UPDATE f SET v = NULL; ALTER TABLE f RENAME v TO w; ALTER TABLE f DROP COLUMN w; DROP TABLE f;")]
    [InlineData("ALTER TABLE e DROP COLUMN IF EXISTS missing; DROP SCHEMA IF EXISTS missing CASCADE; DROP TABLE IF EXISTS e; DROP TABLE IF EXISTS e;")]
    public async Task Statements_on_empty_or_new_tables_require_no_allowance(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, EmptyInS1)).With("1_x.sql", sql);

        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick())).Outcome);

        Assert.Equal(2, await shop.CountAsync("public.a WHERE v IN ('one', 'two')"));
    }

    [Theory]
    [InlineData("(CASE WHEN s = 'a' THEN 'x' ELSE 'y' END)::st2")]
    [InlineData("'x'")]
    [InlineData("NULL")]
    [InlineData("w::st2")]
    [InlineData("left(s, 1)::st2")]
    [InlineData("s::varchar(1)::st2")]
    public async Task Computed_USING_expression_for_a_new_enum_is_reported_as_value_loss(string conversion)
    {
        const string Table = "CREATE TABLE o (s text, w text); CREATE TABLE shop_orders (id int);";
        var sql = $"CREATE TYPE st2 AS ENUM ('x', 'y'); ALTER TABLE o ALTER COLUMN s TYPE st2 USING {conversion};";
        using var shop = (await Shop.OpenAsync(pg, Table + "INSERT INTO o VALUES ('xa', 'x'), ('xb', 'y'), (NULL, 'x');")).With("1_x.sql", sql);
        var refusal = await shop.FailsAsync(shop.Quick(), "DBS403");
        Assert.Contains("2 values would be lost", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--allow 'lossy-type-change:o.s'", refusal.Hint, StringComparison.Ordinal);

        using var empty = (await Shop.OpenAsync(pg, Table)).With("1_x.sql", sql);
        using (StepListener.At("migrate: gate finished", () => PgServer.ExecuteAsync(empty.Target, "INSERT INTO o VALUES ('xa', 'x')")))
            Assert.Contains("1 value would be lost", (await empty.FailsAsync(empty.Quick(), "DBS421")).Message, StringComparison.Ordinal);
        using var other = (await Shop.OpenAsync(pg, Table)).With("1_x.sql", sql);
        Assert.Equal(SafeMigrationOutcome.Applied, (await other.RunAsync(other.Quick())).Outcome);
    }
}
