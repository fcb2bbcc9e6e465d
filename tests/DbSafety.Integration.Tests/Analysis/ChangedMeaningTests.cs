using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Syntax;
using DbSafety.Integration.Tests.Migrations;
using DbSafety.Migrations;
using DbSafety.Migrations.Stages.Results;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>Earlier statements of the set, triggers and the search path change what a statement means for a real database.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class ChangedMeaningTests(PgServer pg)
{
    private const string Schema =
        """
        CREATE TABLE users (id int PRIMARY KEY, email text, name text); INSERT INTO users SELECT i, 'e' || i, 'n' || i FROM generate_series(1, 5) i;
        CREATE TABLE vip (nick text) INHERITS (users); INSERT INTO vip VALUES (9, 'e9', 'n9', 'boss');
        CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users ON DELETE CASCADE); INSERT INTO orders SELECT i, i FROM generate_series(1, 5) i;
        CREATE TABLE groups (id int PRIMARY KEY);
        CREATE TABLE searched (id int, name text, search tsvector, slug text, stamp bigint); INSERT INTO searched SELECT i, 'n' || i, to_tsvector('english', 'n' || i), 'n' || i FROM generate_series(1, 5) i;
        CREATE FUNCTION searched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.search := to_tsvector('english', coalesce(NEW.name, '')); IF NEW.slug IS NULL THEN NEW.slug := lower(NEW.name); END IF; RETURN NEW; END $$;
        CREATE TRIGGER searched BEFORE UPDATE ON searched FOR EACH ROW EXECUTE FUNCTION searched();
        CREATE TABLE hushed (id int, name text, email text); INSERT INTO hushed VALUES (1, 'a', 'b');
        CREATE FUNCTION hushes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := 'anon'; RETURN NEW; END $$;
        CREATE FUNCTION keeps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
        CREATE TRIGGER hushes BEFORE UPDATE OF email ON hushed FOR EACH ROW EXECUTE FUNCTION hushes();
        CREATE TABLE dated (id int, name text, updated_at timestamptz); INSERT INTO dated VALUES (1, 'a');
        CREATE FUNCTION dates() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
        CREATE TRIGGER dates BEFORE UPDATE ON dated FOR EACH ROW EXECUTE FUNCTION dates();
        CREATE SCHEMA s; CREATE TYPE s.mood AS ENUM ('a', 'b'); CREATE TABLE s.t (id serial, m s.mood); INSERT INTO s.t (m) VALUES ('a'); CREATE TABLE s.other (id int);
        CREATE SCHEMA plain; CREATE TABLE plain.t2 (id serial); INSERT INTO plain.t2 VALUES (1);
        """;

    [Fact]
    public async Task A_table_that_a_new_schema_of_the_search_path_receives_is_not_the_one_that_was_there()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "CREATE SCHEMA app; CREATE TABLE users (id int, email text); UPDATE public.users SET email = 'x'");
        await PgServer.ExecuteAsync(shop.Target, $"ALTER DATABASE {SqlName.Quote(shop.Target.Database)} SET search_path = app, public");
        Assert.Contains(await FindAsync(shop), f => f is { Severity: FindingSeverity.Destructive, AllowAs: "update-without-where:users" });
    }

    [Theory]
    [InlineData("ALTER TABLE users ADD COLUMN nick text; UPDATE users SET nick = email", "update-without-where:users")]
    [InlineData("ALTER TABLE users ADD COLUMN IF NOT EXISTS nick text; UPDATE users SET nick = 'z'", "update-without-where:users")]
    [InlineData("INSERT INTO users VALUES (6); UPDATE orders SET user_id = 6 WHERE id = 1; DELETE FROM users WHERE id = 6", "delete-rows:orders delete-rows:users")]
    [InlineData("ALTER TABLE orders ADD COLUMN g int DEFAULT 1; INSERT INTO groups VALUES (1); ALTER TABLE orders ADD FOREIGN KEY (g) REFERENCES groups ON DELETE CASCADE; DELETE FROM groups", "delete-rows:orders delete-without-where:groups")]
    [InlineData("ALTER TABLE s.t SET SCHEMA public; DROP SCHEMA s CASCADE", "drop-column:s.t.m")]
    [InlineData("ALTER FUNCTION keeps() RENAME TO kept; ALTER FUNCTION hushes() RENAME TO keeps; CREATE TRIGGER r BEFORE UPDATE ON groups FOR EACH ROW EXECUTE FUNCTION keeps(); CREATE TRIGGER r BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION keeps(); UPDATE users SET name = trim(name)", "update-without-where:users")]
    [InlineData("UPDATE hushed SET email = trim(email)", "update-without-where:hushed")]
    [InlineData("CREATE TABLE a (id int PRIMARY KEY); ALTER TABLE orders ADD COLUMN a int REFERENCES a; TRUNCATE a CASCADE", "truncate:orders")]
    public async Task A_loss_that_earlier_statements_or_triggers_bring_about_is_refused(string sql, string destructive)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        Assert.Equal(destructive, string.Join(' ', (await FindAsync(shop)).Where(f => f.Severity == FindingSeverity.Destructive).Select(f => f.AllowAs).Order(StringComparer.Ordinal)));
        await shop.FailsAsync(shop.Quick(), "DBS403");
    }

    [Theory]
    [InlineData("ALTER TABLE plain.t2 SET SCHEMA public; DROP SCHEMA plain CASCADE")]
    [InlineData("DO $$ BEGIN CREATE TYPE role AS ENUM ('a'); EXCEPTION WHEN duplicate_object THEN null; END $$; ALTER TABLE dated ADD COLUMN IF NOT EXISTS nick text; UPDATE dated SET nick = name")]
    [InlineData("SET search_path TO public; ALTER TABLE dated ADD COLUMN IF NOT EXISTS nick text; UPDATE dated SET nick = name")]
    [InlineData("UPDATE searched SET name = trim(name)")]
    [InlineData("UPDATE hushed SET name = trim(name)")]
    [InlineData("CREATE OR REPLACE FUNCTION dates() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$; DROP TRIGGER IF EXISTS dates ON dated; CREATE TRIGGER dates BEFORE UPDATE ON dated FOR EACH ROW EXECUTE FUNCTION dates(); UPDATE dated SET name = trim(name)")]
    public async Task An_ordinary_migration_that_loses_nothing_is_run(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick())).Outcome);
    }

    [Fact]
    public async Task Rows_in_which_a_trigger_would_replace_a_value_are_counted_again_under_the_lock()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "UPDATE searched SET name = trim(name)");
        using var at = StepListener.At("migrate: harmless statement comes next", () => PgServer.ExecuteAsync(shop.Target, "ALTER TABLE searched DISABLE TRIGGER USER; UPDATE searched SET search = 'other' WHERE id = 1; ALTER TABLE searched ENABLE TRIGGER USER"));
        await shop.FailsAsync(shop.Quick(), "DBS421");
    }

    [Fact]
    public async Task SET_LOCAL_ROLE_ends_with_its_transaction()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "BEGIN; SET LOCAL ROLE postgres; SET LOCAL ROLE pg_monitor; SELECT 1; RESET ROLE; CREATE TABLE first (i int); SET LOCAL ROLE pg_monitor; COMMIT; CREATE TABLE after (i int, who text DEFAULT current_user); INSERT INTO after VALUES (1);");
        Assert.Equal(SafeMigrationOutcome.Applied, (await shop.RunAsync(shop.Quick())).Outcome);
        Assert.Equal(0, await shop.CountAsync("after WHERE who = 'pg_monitor'"));
    }

    private static async Task<IReadOnlyList<MigrationFinding>> FindAsync(Shop shop) =>
        await new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), shop.Events, CancellationToken.None);
}
