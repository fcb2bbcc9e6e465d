using DbSafety.Analysis.Findings;
using DbSafety.Integration.Tests.Migrations;
using DbSafety.Migrations;

namespace DbSafety.Integration.Tests.Analysis;

/// <summary>What PostgreSQL refuses because of other objects, with PostgreSQL as the judge.</summary>
[Collection(AnalysisServerGroup.Name)]
public sealed class BlockedByDependentsTests(PgServer pg)
{
    internal const string Schema =
        """
        CREATE TYPE mood AS ENUM ('sad', 'happy');
        CREATE DOMAIN amount AS int;
        CREATE TABLE users (id int PRIMARY KEY, name text, age int, born int, doubled int GENERATED ALWAYS AS (born * 2) STORED, mood mood, price amount, note text, code int UNIQUE, kept int);
        CREATE TABLE orders (id int PRIMARY KEY, user_id int CONSTRAINT orders_user REFERENCES users, total int CHECK (total > 0), code int REFERENCES users (code));
        CREATE TABLE plain (a int, b int, c int CONSTRAINT positive CHECK (c > 0), d int, e text);
        CREATE INDEX plain_d ON plain ((d + 1));
        CREATE INDEX plain_e ON plain (e) WHERE e ~ 'x';
        CREATE VIEW grown_up AS SELECT id, name FROM users WHERE age > 17;
        CREATE VIEW grown_up_names AS SELECT name FROM grown_up;
        CREATE MATERIALIZED VIEW totals AS SELECT total FROM orders;
        ALTER TABLE users ENABLE ROW LEVEL SECURITY;
        CREATE POLICY noted ON users USING (note IS NOT NULL);
        CREATE FUNCTION changed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER on_kept AFTER UPDATE OF kept ON users FOR EACH ROW EXECUTE FUNCTION changed();
        CREATE FUNCTION sum_b() RETURNS bigint LANGUAGE sql RETURN (SELECT sum(b) FROM plain);
        CREATE TABLE pair (a int, b int, CHECK (a < b));
        CREATE TABLE tree (id int PRIMARY KEY, parent int CONSTRAINT tree_parent REFERENCES tree);
        CREATE SEQUENCE numbers;
        CREATE TABLE numbered (a int DEFAULT nextval('numbers'));
        CREATE SCHEMA app; CREATE TABLE app.notes (id serial PRIMARY KEY, v text); CREATE TYPE app.kind AS ENUM ('a');
        CREATE FUNCTION plus(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 + 1'; CREATE FUNCTION plus(text) RETURNS text LANGUAGE sql AS 'SELECT $1';
        CREATE TABLE counted (a int DEFAULT plus(1), b int); CREATE INDEX counted_b ON counted (plus(b));
        CREATE FUNCTION fires() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE EXTENSION citext; CREATE TABLE mails (mail citext);
        CREATE RULE noted AS ON UPDATE TO orders WHERE NEW.id > 5 DO ALSO SELECT 1;
        """;

    [Theory]
    [InlineData("ALTER TABLE users ALTER name TYPE varchar(30)", "view grown_up")]
    [InlineData("ALTER TABLE users ALTER age TYPE bigint", "view grown_up")]
    [InlineData("ALTER TABLE users ALTER born TYPE bigint", "column doubled of table users")]
    [InlineData("ALTER TABLE users ALTER note TYPE varchar(9)", "policy noted on table users")]
    [InlineData("ALTER TABLE users ALTER kept TYPE bigint", "trigger on_kept on table users")]
    [InlineData("ALTER TABLE orders ALTER total TYPE bigint", "materialized view totals")]
    [InlineData("ALTER TABLE orders ALTER id TYPE bigint", "rule noted on table orders")]
    [InlineData("ALTER TABLE plain ALTER b TYPE bigint", "function sum_b()")]
    [InlineData("ALTER TABLE plain ALTER c TYPE text", "constraint positive (operator does not exist: text > integer)")]
    [InlineData("ALTER TABLE plain ALTER d TYPE text", "index plain_d (operator does not exist: text + integer)")]
    [InlineData("ALTER TABLE plain ALTER e TYPE jsonb USING e::jsonb", "index plain_e (operator does not exist: jsonb ~ text)")]
    [InlineData("ALTER TABLE users DROP COLUMN age", "view grown_up")]
    [InlineData("ALTER TABLE users DROP COLUMN born", "column doubled of table users")]
    [InlineData("ALTER TABLE users DROP COLUMN note", "policy noted on table users")]
    [InlineData("ALTER TABLE users DROP COLUMN kept", "trigger on_kept on table users")]
    [InlineData("ALTER TABLE users DROP COLUMN code", "constraint orders_code_fkey on table orders")]
    [InlineData("ALTER TABLE users DROP CONSTRAINT users_pkey", "constraint orders_user on table orders")]
    [InlineData("ALTER TABLE pair ALTER a TYPE text", "constraint pair_check (operator does not exist: text < integer)")]
    [InlineData("ALTER TABLE tree DROP COLUMN id", "constraint tree_parent on table tree")]
    [InlineData("DROP SEQUENCE numbers", "column a of table numbered")]
    [InlineData("DROP TABLE users", "view grown_up, ")]
    [InlineData("DROP VIEW grown_up", "view grown_up_names")]
    [InlineData("DROP TYPE mood", "column mood of table users")]
    [InlineData("DROP DOMAIN amount", "column price of table users")]
    [InlineData("DROP INDEX users_code_key, plain_d", "constraint orders_code_fkey on table orders")]
    [InlineData("DROP FUNCTION changed()", "trigger on_kept on table users")]
    [InlineData("DROP FUNCTION plus(int)", "index counted_b, ")]
    [InlineData("DROP FUNCTION IF EXISTS plus(int)", "column a of table counted")]
    [InlineData("DROP EXTENSION citext", "column mail of table mails")]
    [InlineData("DROP SCHEMA app", "it contains table app.notes, type app.kind")]
    [InlineData("DROP TABLE app.notes; DROP SCHEMA IF EXISTS app", "it contains type app.kind")]
    [InlineData("CREATE TABLE x (a int); DROP VIEW grown_up_names; ALTER TABLE users ALTER name TYPE varchar(9)", "view grown_up")]
    [InlineData("ALTER TABLE users RENAME TO people; ALTER TABLE people RENAME name TO called; ALTER TABLE people ALTER called TYPE varchar(9)", "view grown_up")]
    public async Task A_statement_blocked_by_dependents_is_certain_to_fail_and_the_finding_names_the_objects(string sql, string objects)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        var finding = Assert.Single(await FindAsync(shop), f => f.Rule == "blocked-by-dependents");

        Assert.Equal((FindingSeverity.MayFail, true), (finding.Severity, finding.WouldFail));
        Assert.Contains(objects, finding.Message + ", ", StringComparison.Ordinal);
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => PgServer.ExecuteAsync(shop.Target, sql));
    }

    [Theory]
    [InlineData("ALTER TABLE users ALTER doubled TYPE bigint")]
    [InlineData("ALTER TABLE users ALTER code TYPE bigint")]
    [InlineData("ALTER TABLE plain ALTER a TYPE text, ALTER c TYPE bigint, ALTER d TYPE numeric, ALTER e TYPE varchar(9)")]
    [InlineData("ALTER TABLE plain DROP COLUMN c, DROP COLUMN d, DROP COLUMN e")]
    [InlineData("ALTER TABLE plain DROP CONSTRAINT positive, ALTER c TYPE text")]
    [InlineData("DROP INDEX plain_d; ALTER TABLE plain ALTER d TYPE text")]
    [InlineData("DROP TABLE orders CASCADE")]
    [InlineData("DROP FUNCTION plus(text)")]
    [InlineData("DROP TRIGGER on_kept ON users; DROP FUNCTION changed()")]
    [InlineData("DROP INDEX counted_b; ALTER TABLE counted ALTER a DROP DEFAULT; DROP FUNCTION plus(int)")]
    [InlineData("DROP TABLE counted; DROP FUNCTION plus(int)")]
    [InlineData("CREATE EVENT TRIGGER watches ON ddl_command_end EXECUTE FUNCTION fires(); DROP EVENT TRIGGER watches; DROP FUNCTION fires()")]
    [InlineData("ALTER TABLE mails ALTER mail TYPE text; DROP EXTENSION citext")]
    [InlineData("DROP TABLE app.notes; DROP TYPE app.kind; DROP SCHEMA app")]
    [InlineData("ALTER TABLE app.notes SET SCHEMA public; DROP TYPE app.kind; DROP SCHEMA app")]
    [InlineData("DROP VIEW grown_up_names; DROP VIEW grown_up; ALTER TABLE users ALTER name TYPE varchar(30), ALTER age TYPE bigint; CREATE VIEW grown_up AS SELECT name FROM users")]
    [InlineData("DROP VIEW grown_up, grown_up_names; ALTER TABLE users DROP COLUMN name, DROP COLUMN doubled, DROP COLUMN born")]
    [InlineData("DROP POLICY noted ON users; DROP TRIGGER on_kept ON users; ALTER TABLE users ALTER note TYPE varchar(9), ALTER kept TYPE bigint")]
    [InlineData("ALTER TABLE users ALTER doubled DROP EXPRESSION; ALTER TABLE users ALTER born TYPE bigint")]
    [InlineData("DROP RULE noted ON orders; DROP MATERIALIZED VIEW totals; ALTER TABLE orders ALTER id TYPE bigint, ALTER total TYPE bigint")]
    [InlineData("DROP FUNCTION sum_b; ALTER TABLE plain ALTER b TYPE bigint")]
    [InlineData("ALTER TABLE orders DROP CONSTRAINT orders_user; ALTER TABLE users DROP CONSTRAINT users_pkey")]
    [InlineData("ALTER TABLE users DROP COLUMN mood; DROP TYPE mood")]
    [InlineData("ALTER TABLE users ALTER mood TYPE text; DROP TYPE mood")]
    [InlineData("ALTER TABLE orders DROP COLUMN user_id; ALTER TABLE users DROP CONSTRAINT users_pkey")]
    [InlineData("ALTER TABLE pair ALTER a TYPE text, ALTER b TYPE text")]
    [InlineData("ALTER TABLE tree DROP COLUMN parent; ALTER TABLE tree DROP COLUMN id")]
    [InlineData("CREATE SEQUENCE others; ALTER TABLE numbered ALTER a SET DEFAULT nextval('others'); DROP SEQUENCE numbers")]
    [InlineData("ALTER TABLE orders DROP CONSTRAINT orders_user; ALTER TABLE orders ALTER user_id TYPE text; ALTER TABLE orders ALTER user_id TYPE int USING user_id::int")]
    public async Task A_statement_that_PostgreSQL_accepts_has_no_blocked_by_dependents_finding(string sql)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);

        Assert.DoesNotContain(await FindAsync(shop), f => f.Rule == "blocked-by-dependents");
        await PgServer.ExecuteAsync(shop.Target, sql);
    }

    [Fact]
    public async Task A_failure_is_not_certain_if_dynamic_SQL_may_have_dropped_the_dependents()
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", "DO $$ BEGIN EXECUTE 'DROP VIEW grown_up CASCADE'; END $$; ALTER TABLE users ALTER name TYPE varchar(30)");
        var finding = Assert.Single(await FindAsync(shop), f => f.Rule == "blocked-by-dependents");

        Assert.Equal((FindingSeverity.MayFail, false), (finding.Severity, finding.WouldFail));
        Assert.Contains("unless earlier statements", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ALTER TABLE orders ADD FOREIGN KEY (total) REFERENCES users", FindingSeverity.Breaking)]
    [InlineData("ALTER TABLE orders ADD FOREIGN KEY (id) REFERENCES users", FindingSeverity.Info)]
    [InlineData("CREATE INDEX ON orders (total, id); ALTER TABLE orders ADD FOREIGN KEY (id, total) REFERENCES pairs", null)]
    [InlineData("ALTER TABLE plain ADD FOREIGN KEY (e) REFERENCES named", FindingSeverity.Breaking)]
    [InlineData("CREATE TABLE more (a int REFERENCES users)", FindingSeverity.Info)]
    public async Task A_foreign_key_without_an_index_is_reported_if_no_index_covers_it(string sql, FindingSeverity? severity)
    {
        using var shop = (await Shop.OpenAsync(pg, Schema)).With("1.sql", sql);
        var findings = (await FindAsync(shop)).Where(f => f.Rule == "foreign-key-without-index");

        Assert.Equal(severity is { } one ? [one] : [], findings.Select(f => f.Severity));
    }

    private static async Task<IReadOnlyList<MigrationFinding>> FindAsync(Shop shop) =>
        await new AnalyseMigrations().RunAsync(new MigrationTestRequest(shop.Migrations, shop.Target, All: true), new RecordedEvents(), CancellationToken.None);
}
