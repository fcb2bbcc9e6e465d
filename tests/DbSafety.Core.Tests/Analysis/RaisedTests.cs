using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Core.Tests.Analysis;

/// <summary>What rules, triggers and views of the same set do is found where a later statement raises it.</summary>
public sealed class RaisedTests
{
    private const string Spoils = "CREATE FUNCTION spoils() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE users SET email = 'x'; DELETE FROM orders; RETURN NULL; END $$;";

    private const string Deletes = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'DELETE FROM orders; SELECT 1';";

    [Theory]
    [InlineData("CREATE RULE r AS ON UPDATE TO dummy DO INSTEAD UPDATE users SET email = 'x'; UPDATE dummy SET id = 1 WHERE id = 2", "update-without-where:users")]
    [InlineData("CREATE TABLE dummy (id int); CREATE RULE r AS ON INSERT TO dummy DO ALSO (UPDATE users SET email = 'x'; UPDATE orders SET sum = 0); INSERT INTO dummy VALUES (1)", "update-without-where:orders update-without-where:users")]
    [InlineData("CREATE RULE r AS ON DELETE TO dummy DO INSTEAD DELETE FROM users; DELETE FROM dummy WHERE id = 1", "delete-rows:dummy delete-without-where:users")]
    [InlineData(Spoils + "CREATE TABLE dummy (id int); CREATE TRIGGER t AFTER INSERT ON dummy FOR EACH ROW EXECUTE FUNCTION spoils(); INSERT INTO dummy VALUES (1)", "delete-without-where:orders update-without-where:users")]
    [InlineData(Spoils + "CREATE TRIGGER t AFTER INSERT OR UPDATE ON dummy EXECUTE PROCEDURE spoils(); ALTER TABLE dummy RENAME TO other; COPY other FROM '/x'", "delete-without-where:orders update-without-where:users")]
    [InlineData(Spoils + "CREATE TRIGGER t AFTER TRUNCATE ON made EXECUTE FUNCTION spoils(); CREATE TABLE made (id int); TRUNCATE made", "delete-without-where:orders update-without-where:users")]
    [InlineData(Spoils + "CREATE TABLE made (id int); CREATE TRIGGER t AFTER INSERT ON made EXECUTE FUNCTION spoils(); ALTER FUNCTION spoils() RENAME TO kept; CREATE FUNCTION spoils() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; INSERT INTO made VALUES (1)", "delete-without-where:orders update-without-where:users")]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ INSERT INTO made VALUES (1) $$; CREATE TABLE made (id int);" + Spoils + "CREATE TRIGGER t AFTER INSERT ON made EXECUTE FUNCTION spoils(); SELECT f()", "delete-without-where:orders update-without-where:users")]
    [InlineData(Spoils + "DO $$ BEGIN CREATE TRIGGER t AFTER INSERT ON dummy EXECUTE FUNCTION spoils(); END $$; DO $$ BEGIN INSERT INTO dummy VALUES (1); END $$", "delete-without-where:orders update-without-where:users")]
    [InlineData(Spoils + "CREATE TRIGGER t AFTER INSERT ON dummy EXECUTE FUNCTION spoils(); SELECT live()", "delete-without-where:orders update-without-where:users")]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM orders'; CREATE FUNCTION g() RETURNS void LANGUAGE sql AS 'SELECT f()'; SELECT g()", "delete-without-where:orders")]
    [InlineData(Spoils + "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION spoils()", "delete-without-where:orders update-without-where:users")]
    [InlineData("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.email := 'x'; RETURN NEW; END $$; CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE users ADD slug text; UPDATE users SET slug = 'x'", "update-without-where:users")]
    [InlineData("CREATE VIEW v AS SELECT id, email FROM users; UPDATE v SET email = ''", "update-without-where:v")]
    [InlineData("CREATE RULE r AS ON UPDATE TO app.v DO INSTEAD NOTHING; CREATE VIEW v AS SELECT id, email FROM users; UPDATE v SET email = ''", "update-without-where:v")]
    [InlineData(Spoils + "CREATE TRIGGER t AFTER INSERT ON dummy EXECUTE FUNCTION spoils(); DROP TRIGGER t ON app.dummy; INSERT INTO dummy VALUES (1)", "delete-without-where:orders update-without-where:users")]
    [InlineData(Spoils + "CREATE TRIGGER t AFTER INSERT ON dummy EXECUTE FUNCTION spoils(); ALTER TABLE app.dummy RENAME TO other; INSERT INTO dummy VALUES (1)", "delete-without-where:orders update-without-where:users")]
    [InlineData("CREATE TABLE made (id int, email text); CREATE RULE \"_RETURN\" AS ON SELECT TO made DO INSTEAD SELECT id, email FROM users; UPDATE made SET email = ''; DELETE FROM made", "delete-without-where:made update-without-where:made")]
    [InlineData("CREATE TABLE made (id int, email text); ALTER TABLE users INHERIT made; UPDATE made SET email = ''", "update-without-where:users")]
    [InlineData("CREATE TABLE made (id int, email text) PARTITION BY LIST (id); ALTER TABLE made ATTACH PARTITION users DEFAULT; DELETE FROM made", "delete-without-where:users")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'DELETE FROM orders; SELECT 1'; ALTER TABLE users ADD COLUMN n int DEFAULT f()", "delete-without-where:orders")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'DELETE FROM orders; SELECT 1'; ALTER TABLE users ALTER id TYPE int USING f()", "delete-without-where:orders lossy-type-change:users.id")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'DELETE FROM orders; SELECT 1'; ALTER TABLE users ADD CHECK (f() > 0)", "delete-without-where:orders")]
    [InlineData("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'DELETE FROM orders; SELECT 1'; CREATE INDEX ON users ((id + f()))", "delete-without-where:orders")]
    [InlineData(Deletes + "CREATE DOMAIN positive AS int CHECK (f() > 0); SELECT 1::positive", "delete-without-where:orders")]
    [InlineData(Deletes + "CREATE DOMAIN positive AS int CHECK (f() > 0); SELECT CAST(1 AS public.positive)", "delete-without-where:orders")]
    [InlineData(Deletes + "CREATE DOMAIN positive AS int; ALTER DOMAIN positive ADD CHECK (f() > 0); CREATE DOMAIN small AS positive; CREATE TABLE made (n small); INSERT INTO made VALUES (1)", "delete-without-where:orders")]
    [InlineData(Deletes + "CREATE DOMAIN positive AS int DEFAULT f(); ALTER TABLE users ADD n positive", "delete-without-where:orders")]
    [InlineData(Deletes + "CREATE TABLE made (id int, n int DEFAULT f()); INSERT INTO made (id) VALUES (1)", "delete-without-where:orders")]
    [InlineData(Deletes + "CREATE TABLE made (id int, CHECK (f() > 0)); ALTER TABLE made RENAME TO other; COPY other FROM '/x'", "delete-without-where:orders")]
    [InlineData(Deletes + "ALTER TABLE users ALTER n SET DEFAULT f(); INSERT INTO users (id) VALUES (1)", "delete-without-where:orders")]
    [InlineData(Deletes + "CREATE TABLE made (id int); ALTER TABLE made ADD CONSTRAINT c CHECK (f() > 0) NOT VALID; ALTER TABLE made VALIDATE CONSTRAINT c", "delete-without-where:orders")]
    [InlineData(Deletes + "CREATE TABLE made (id int, n int GENERATED ALWAYS AS (f()) STORED); UPDATE made SET id = 2", "delete-without-where:orders")]
    [InlineData("CREATE TABLE cats (id int PRIMARY KEY); ALTER TABLE items ADD cat_id int REFERENCES cats (id); TRUNCATE cats CASCADE", "truncate:items")]
    [InlineData("CREATE TABLE cats (id int PRIMARY KEY); ALTER TABLE items ADD CONSTRAINT fc FOREIGN KEY (id) REFERENCES cats (id) ON DELETE CASCADE NOT VALID; DELETE FROM cats", "delete-without-where:cats")]
    [InlineData("CREATE TABLE cats (id int PRIMARY KEY); ALTER TABLE items ADD cat_id int REFERENCES cats ON DELETE SET NULL; UPDATE items SET cat_id = 1; DELETE FROM cats WHERE id = 1", "delete-rows:cats")]
    [InlineData("CREATE TABLE cats (id int PRIMARY KEY); ALTER TABLE items ADD cat_id int REFERENCES cats; DELETE FROM cats; CREATE TABLE dogs (cat int REFERENCES cats ON DELETE CASCADE); DELETE FROM cats; TRUNCATE cats, dogs", "")]
    public void Rules_triggers_and_functions_that_a_later_statement_fires_are_reported(string sql, string expected) => Assert.Equal(expected, Found(sql, FindingSeverity.Destructive, FindingSeverity.Destructive));

    [Fact]
    public void A_trigger_with_an_unknown_function_is_reported_when_a_statement_fires_it() =>
        Assert.Equal("unknown-function:elsewhere", Found("CREATE TABLE made (id int); CREATE TRIGGER t AFTER INSERT ON made EXECUTE FUNCTION elsewhere(); INSERT INTO made VALUES (1)", FindingSeverity.Opaque));

    [Theory]
    [InlineData("SELECT set_config('search_path', current_setting('x'), false); UPDATE users SET email = 'x' WHERE id > 0", "update-rows:users")]
    [InlineData("SELECT set_config(lower('SEARCH_PATH'), 'other', true); CREATE TABLE users (id int); DELETE FROM users", "delete-without-where:users")]
    [InlineData("SELECT pg_catalog.set_config('search_path', 'other, public', false); UPDATE users SET email = 'x'", "update-without-where:other.users")]
    [InlineData("DO $$ BEGIN SET LOCAL search_path = other; UPDATE users SET email = 'x' WHERE id > 0; END $$", "update-rows:users")]
    [InlineData("DO $$ BEGIN PERFORM set_config('search_path', 'other', true); END $$; UPDATE users SET email = 'x' WHERE id > 0", "update-rows:users")]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET search_path = other; END $$; CREATE FUNCTION g() RETURNS void LANGUAGE sql AS 'SELECT f()'; SELECT g(); UPDATE users SET email = 'x' WHERE id > 0", "update-rows:users")]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql SET search_path = other, public AS $$ BEGIN UPDATE users SET email = 'x'; END $$; SELECT f()", "update-without-where:other.users")]
    public void A_search_path_set_at_run_time_overrides_the_search_path_of_the_script(string sql, string expected) => Assert.Equal(expected, Found(sql, FindingSeverity.Destructive));

    [Theory]
    [InlineData("SELECT pg_catalog.set_config('search_path', '', false); UPDATE public.users SET email = 'x' WHERE id = 1")]
    [InlineData("SELECT set_config('app.tenant', current_setting('x'), false); UPDATE users SET email = 'x' WHERE id = 1")]
    [InlineData("DO $$ BEGIN SET LOCAL search_path = other; UPDATE public.users SET email = 'x' WHERE id = 1; INSERT INTO users VALUES (1); END $$")]
    [InlineData("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN UPDATE users SET email = 'x'; END $$; UPDATE users SET email = 'x' WHERE id = 1")]
    public void A_known_search_path_does_not_turn_row_changes_into_data_loss(string sql) => Assert.Equal("", Found(sql, FindingSeverity.Destructive));

    [Theory]
    [InlineData("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE posts SET comments = comments + 1 WHERE id = NEW.post; RETURN NULL; END $$; CREATE TRIGGER t AFTER INSERT ON comments FOR EACH ROW EXECUTE FUNCTION f(); INSERT INTO comments VALUES (1, 1)")]
    [InlineData("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' THEN UPDATE posts SET comments = greatest(coalesce(comments, 0) - 1, 0), updated_at = now() WHERE id = OLD.post; END IF; RETURN coalesce(NEW, OLD); END $$; CREATE TABLE made (post int); CREATE TRIGGER t AFTER DELETE ON made FOR EACH ROW EXECUTE FUNCTION f(); DELETE FROM made")]
    [InlineData("ALTER TABLE posts ADD slug text; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = now() AT TIME ZONE 'utc'; NEW.version := OLD.version + 1; NEW.title := coalesce(NEW.title, 'none'); RETURN NEW; END $$; CREATE TRIGGER t BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION f(); UPDATE posts SET slug = 'x'")]
    [InlineData("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit SELECT OLD.*; RETURN OLD; END $$; CREATE TRIGGER t AFTER UPDATE OR INSERT ON posts FOR EACH ROW EXECUTE FUNCTION f(); UPDATE posts SET title = 'x' WHERE id = 1")]
    [InlineData("CREATE VIEW v AS SELECT id, title FROM posts; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO posts VALUES (NEW.id); RETURN NEW; END $$; CREATE TRIGGER t INSTEAD OF INSERT OR DELETE ON v FOR EACH ROW EXECUTE FUNCTION f(); INSERT INTO v VALUES (1); DELETE FROM v")]
    [InlineData("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM comments WHERE post = OLD.id; RETURN OLD; END $$; CREATE TRIGGER t BEFORE DELETE ON posts FOR EACH ROW EXECUTE FUNCTION f(); INSERT INTO posts VALUES (1)")]
    [InlineData("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM comments; RETURN NULL; END $$; CREATE TRIGGER t AFTER INSERT ON posts EXECUTE FUNCTION f(); DROP TRIGGER t ON posts; INSERT INTO posts VALUES (1)")]
    [InlineData("CREATE RULE r AS ON UPDATE TO v DO INSTEAD UPDATE posts SET title = NEW.title WHERE id = OLD.id")]
    [InlineData("CREATE TABLE made (id int, t text); CREATE VIEW v AS SELECT id, t FROM made; DELETE FROM v; UPDATE v SET t = ''")]
    [InlineData(Deletes + "CREATE DOMAIN positive AS int CHECK (f() > 0); CREATE TABLE made (n positive, m int DEFAULT f()); CREATE TABLE other (n int DEFAULT now(), CHECK (length(n) > 1)); INSERT INTO other VALUES (1); DELETE FROM made")]
    [InlineData("CREATE TABLE made (id ulid DEFAULT gen_ulid(), n geometry(Point, 4326), CHECK (st_isvalid(n))); INSERT INTO made VALUES (1); CREATE INDEX ON made USING gist (n); ALTER TABLE posts ADD g geometry(Point, 4326) DEFAULT elsewhere()")]
    [InlineData("CREATE VIEW v (a, b) AS SELECT id, slug FROM posts; ALTER TABLE posts ADD slug text; UPDATE v SET b = ''")]
    public void Harmless_triggers_rules_views_and_defaults_are_not_reported(string sql) => Assert.Equal("", Found(sql, FindingSeverity.Destructive, FindingSeverity.Opaque));

    private static string Found(string sql, params FindingSeverity[] severities) =>
        string.Join(' ', MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]).Where(f => severities.Contains(f.Severity)).Select(f => f.AllowAs).Distinct().Order(StringComparer.Ordinal));
}
