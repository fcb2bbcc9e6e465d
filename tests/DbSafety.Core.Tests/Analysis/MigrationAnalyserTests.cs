using DbSafety.Analysis;
using DbSafety.Analysis.Findings;
using DbSafety.Analysis.Scripts;

namespace DbSafety.Core.Tests.Analysis;

public sealed class MigrationAnalyserTests
{
    [Theory]
    [InlineData("DROP TABLE categories", "drop-table:categories")]
    [InlineData("DROP TABLE IF EXISTS a, app.\"B\" CASCADE", "drop-table:a drop-table:app.\"B\"")]
    [InlineData("ALTER TABLE categories DROP COLUMN active", "drop-column:categories.active")]
    [InlineData("ALTER TABLE ONLY app.categories DROP active, ADD x int DEFAULT f(1, 2), DROP COLUMN IF EXISTS \"Old\" CASCADE", "drop-column:app.categories.active drop-column:app.categories.\"Old\"")]
    [InlineData("ALTER TABLE public.categories DROP COLUMN active", "drop-column:categories.active")]
    [InlineData("ALTER TABLE categories DROP CONSTRAINT c", "")]
    [InlineData("DROP SCHEMA app CASCADE", "drop-schema:app")]
    [InlineData("DROP DATABASE IF EXISTS shop", "drop-database:shop")]
    [InlineData("DROP MATERIALIZED VIEW totals", "drop-materialized-view:totals")]
    [InlineData("TRUNCATE a, ONLY b RESTART IDENTITY CASCADE", "truncate:a truncate:b")]
    [InlineData("DELETE FROM orders", "delete-without-where:orders")]
    [InlineData("DELETE FROM ONLY orders o WHERE o.id IN (SELECT 1)", "delete-rows:orders")]
    [InlineData("DELETE FROM orders USING users WHERE true", "delete-rows:orders")]
    [InlineData("WITH gone AS (DELETE FROM orders RETURNING *) SELECT count(*) FROM gone WHERE true", "delete-without-where:orders")]
    [InlineData("WITH x AS (SELECT 1) UPDATE users SET name = 'x'", "update-without-where:users")]
    [InlineData("CREATE TABLE kept AS WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone", "delete-without-where:orders")]
    [InlineData("COPY (DELETE FROM orders WHERE id = 1 RETURNING *) TO STDOUT", "delete-rows:orders")]
    [InlineData("EXPLAIN ANALYZE DELETE FROM orders", "delete-without-where:orders")]
    [InlineData("MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN DELETE", "delete-rows:t")]
    [InlineData("UPDATE users SET name = (SELECT 'x' WHERE true)", "update-without-where:users")]
    [InlineData("UPDATE users SET name = 'x' WHERE id = 1", "")]
    [InlineData("INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1", "")]
    [InlineData("SELECT 1 FROM users FOR UPDATE", "")]
    [InlineData("ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES b ON DELETE CASCADE ON UPDATE SET NULL", "")]
    [InlineData("CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM u; UPDATE v SET a = 1)", "rule-deletes:t")]
    [InlineData("ALTER TABLE t ALTER c SET DATA TYPE numeric(10, 2) USING c::numeric, ALTER COLUMN d TYPE text", "lossy-type-change:t.c")]
    [InlineData("DROP TYPE mood CASCADE", "drop-cascade:mood")]
    [InlineData("-- DROP TABLE a\n/* DROP TABLE b; /* */ */ SELECT 'DROP TABLE c; ' AS \"drop table d\"", "")]
    public void Only_destructive_statements_are_reported_as_destructive(string sql, string expected)
    {
        var found = MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]).Where(f => f.Severity == FindingSeverity.Destructive);
        Assert.Equal(expected, string.Join(' ', found.Select(f => f.AllowAs)));
    }

    [Theory]
    [InlineData("ALTER TABLE t ADD COLUMN c text NOT NULL", "add-required-column:t.c")]
    [InlineData("ALTER TABLE t ADD c text NOT NULL DEFAULT ''", "")]
    [InlineData("ALTER TABLE t ADD c int NOT NULL GENERATED ALWAYS AS IDENTITY", "")]
    [InlineData("ALTER TABLE t ALTER COLUMN c SET NOT NULL", "set-not-null:t.c")]
    [InlineData("ALTER TABLE t ADD CONSTRAINT k UNIQUE (a, b), ADD FOREIGN KEY (a) REFERENCES u, ADD CHECK (a > 0)", "add-unique:t.k add-foreign-key:t.foreign add-check:t.check")]
    [InlineData("CREATE UNIQUE INDEX i ON t (a)", "add-unique:i")]
    [InlineData("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c", "validate-constraint:t.c")]
    [InlineData("ALTER TABLE t ALTER a TYPE int USING a::int, ALTER b TYPE varchar(3), ALTER c TYPE text", "risky-cast:t.a risky-cast:t.b")]
    public void Statements_that_can_fail_on_existing_data_are_reported(string sql, string expected)
    {
        var found = MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]).Where(f => f.Severity == FindingSeverity.MayFail);
        Assert.Equal(expected, string.Join(' ', found.Select(f => f.AllowAs)));
    }

    [Theory]
    [InlineData("ALTER TABLE t RENAME TO u", "rename-table:t")]
    [InlineData("ALTER TABLE t RENAME a TO b", "rename-column:t.a")]
    [InlineData("ALTER TABLE t ALTER a DROP DEFAULT, ALTER COLUMN b DROP NOT NULL", "drop-default:t.a drop-not-null:t.b")]
    [InlineData("ALTER TABLE t DROP CONSTRAINT IF EXISTS c CASCADE", "drop-constraint:t.c")]
    [InlineData("ALTER TABLE t DISABLE ROW LEVEL SECURITY", "disable-row-security:t")]
    [InlineData("ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES b (id)", "add-foreign-key-blocking:t.f")]
    [InlineData("ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES b (id) NOT VALID", "")]
    [InlineData("ALTER TABLE t ADD CHECK (a > 0)", "add-check-blocking:t.check")]
    [InlineData("ALTER TABLE t ADD CONSTRAINT k UNIQUE (a), ADD CONSTRAINT p PRIMARY KEY USING INDEX i", "add-unique-blocking:t.k primary-key-change:t.p set-not-null-blocking:t")]
    [InlineData("ALTER TABLE t ALTER a TYPE text", "alter-column-type:t.a")]
    [InlineData("CREATE UNIQUE INDEX i ON t (a)", "create-index-blocking:i")]
    [InlineData("CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t (a)", "")]
    [InlineData("DROP INDEX i, app.j", "drop-index:i drop-index-blocking:i drop-index:app.j drop-index-blocking:app.j")]
    [InlineData("DROP INDEX CONCURRENTLY i", "drop-index:i")]
    [InlineData("DROP VIEW v", "drop-view:v")]
    [InlineData("DROP DOMAIN IF EXISTS d", "drop-type:d")]
    [InlineData("DROP FUNCTION f(int, text), g()", "drop-function:f drop-function:g")]
    [InlineData("DROP TRIGGER x ON app.t", "drop-trigger:app.t.x")]
    [InlineData("DROP SEQUENCE s", "drop-sequence:s")]
    [InlineData("DROP EXTENSION citext", "drop-extension:citext")]
    [InlineData("UPDATE t SET a = 1 WHERE b", "update-rows:t")]
    [InlineData("LOCK TABLE t IN EXCLUSIVE MODE", "lock-table:t")]
    [InlineData("REFRESH MATERIALIZED VIEW v", "refresh-blocking:v")]
    [InlineData("VACUUM (FULL) t", "vacuum-full:t")]
    [InlineData("REINDEX TABLE t; CLUSTER t", "reindex-blocking:t cluster:t work-under-lock:t")]
    [InlineData("CREATE TABLE t (a int); CREATE INDEX i ON t (a); ALTER TABLE t ADD CHECK (a > 0); INSERT INTO t VALUES (1)", "")]
    public void Blocking_and_breaking_statements_are_reported(string sql, string expected)
    {
        var found = MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]).Where(f => f.Rule is not ("missing-lock-timeout" or "foreign-key-without-index") && f.Severity is (FindingSeverity.Blocking or FindingSeverity.Breaking));
        Assert.Equal(expected, string.Join(' ', found.Select(f => f.AllowAs)));
    }

    [Theory]
    [InlineData("CREATE TABLE t (a int); DROP TABLE t")]
    [InlineData("CREATE TABLE t (a int); ALTER TABLE t RENAME TO u; DELETE FROM u; DROP TABLE u")]
    [InlineData("ALTER TABLE t ADD COLUMN a int; COMMIT; UPDATE t SET a = 1; ALTER TABLE t RENAME a TO b; ALTER TABLE t DROP COLUMN b")]
    public void Changes_to_objects_created_by_the_same_set_are_harmless(string sql)
    {
        var found = MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]);
        Assert.NotEmpty(found);
        Assert.All(found.Where(f => f.Rule is not ("missing-lock-timeout" or "create-and-drop")), f => Assert.Equal(FindingSeverity.Info, f.Severity));
    }

    [Theory]
    [InlineData("CREATE TABLE IF NOT EXISTS t (a int); DROP TABLE t", "t")]
    [InlineData("DROP TABLE t; CREATE TABLE t (a int)", "t")]
    [InlineData("ALTER TABLE t RENAME TO old; CREATE TABLE t (a int); DROP TABLE old", "t")]
    [InlineData("ALTER TABLE t SET SCHEMA attic; DROP TABLE attic.t", "t")]
    public void A_renamed_or_moved_table_still_counts_as_an_existing_table(string sql, string live)
    {
        var found = Assert.Single(MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]), f => f.Severity == FindingSeverity.Destructive && f.Rule != "drop-and-recreate");
        Assert.Equal(live, found.Question!.Relation.Name);
        Assert.Null(found.Question.Relation.Schema);
    }

    [Fact]
    public void Without_a_server_a_CREATE_TABLE_IF_NOT_EXISTS_table_counts_as_new_for_locks_but_not_for_data_loss()
    {
        SqlScript[] scripts = [new("1.sql", "CREATE TABLE IF NOT EXISTS t (a int);\nCREATE UNIQUE INDEX i ON t (a);\nALTER TABLE t ADD CHECK (a > 0), DROP COLUMN a;")];

        var alone = MigrationAnalyser.Analyse(scripts);
        var asked = MigrationAnalyser.Analyse(scripts, serverMajor: 15);

        Assert.Equal(["drop-column"], alone.Where(f => f.Severity != FindingSeverity.Info).Select(f => f.Rule));
        Assert.EndsWith("unless it exists already", alone.Single(f => f.Rule == "create-index-blocking").Message, StringComparison.Ordinal);
        Assert.Equal(["add-check", "add-check-blocking", "add-unique", "create-index-blocking", "drop-column", "missing-lock-timeout", "work-under-lock"], asked.Where(f => f.Severity != FindingSeverity.Info).Select(f => f.Rule).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_static_statements_of_a_body_are_analysed_and_dynamic_SQL_is_reported_as_opaque()
    {
        const string Sql = "SELECT 1;\nDO $$\nBEGIN\n  IF true THEN\n    DELETE FROM orders;\n  END IF;\n  EXECUTE 'DROP TABLE x';\nEND $$;\n";
        var found = MigrationAnalyser.Analyse([new SqlScript("1.sql", Sql)]);

        Assert.Contains(found, f => f is { Rule: "do-block", Line: 2, Statement: 2, InBody: false });
        Assert.Contains(found, f => f is { Rule: "delete-without-where", Severity: FindingSeverity.Destructive, Line: 5, Statement: 2, InBody: true });
        Assert.Contains(found, f => f is { Rule: "dynamic-sql", Severity: FindingSeverity.Opaque, Line: 7, InBody: true });
    }

    [Theory]
    [InlineData("SELECT f();")]
    [InlineData("SELECT * FROM public.f(1);")]
    [InlineData("DO $$ BEGIN PERFORM f(); END $$;")]
    [InlineData("DO $$ DECLARE n int; BEGIN n := \"f\"(); END $$;")]
    [InlineData("DO $$ BEGIN IF f() THEN RAISE NOTICE 'x'; END IF; END $$;")]
    [InlineData("INSERT INTO log SELECT f();")]
    [InlineData("CALL f();")]
    [InlineData("CREATE FUNCTION g() RETURNS int LANGUAGE sql AS $$ SELECT f() $$;SELECT g();")]
    [InlineData("CREATE OR REPLACE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;SELECT f();")]
    [InlineData("DROP FUNCTION IF EXISTS f(text);SELECT f();")]
    public void The_effects_of_a_function_of_the_set_are_reported_with_the_line_of_its_call(string call)
    {
        var sql = $"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  DELETE FROM orders;\nEND $$;\n{call}";
        var found = MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]).Where(f => f.Rule == "delete-without-where").ToList();

        Assert.Equal((FindingSeverity.Info, 3), (found[0].Severity, found[0].Line));
        var lost = Assert.Single(found, f => f.Severity == FindingSeverity.Destructive);
        Assert.Equal((3, 1, true, "orders"), (lost.Line, lost.Statement, lost.InBody, lost.Object));
        Assert.EndsWith("which is called in line 5", lost.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DROP FUNCTION f();")]
    [InlineData("CREATE TRIGGER t BEFORE INSERT ON u FOR EACH ROW EXECUTE FUNCTION f();")]
    [InlineData("GRANT EXECUTE ON FUNCTION f() TO app;")]
    [InlineData("CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;SELECT f();")]
    [InlineData("SELECT 'f()';")]
    [InlineData("CREATE FUNCTION g() RETURNS int LANGUAGE sql AS $$ SELECT f() $$;")]
    public void A_function_that_is_mentioned_but_not_called_has_no_effects(string sql) =>
        Assert.DoesNotContain(
            MigrationAnalyser.Analyse([new SqlScript("1.sql", $"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM orders; END $$;\n{sql}")]),
            f => f is { Rule: "delete-without-where", Severity: FindingSeverity.Destructive });

    [Fact]
    public void CREATE_FUNCTION_reports_the_effects_of_the_body_as_information()
    {
        const string Sql = "CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN DELETE FROM orders; END $f$";
        var found = Assert.Single(MigrationAnalyser.Analyse([new SqlScript("1.sql", Sql)]), f => f.InBody);
        Assert.Equal(("delete-without-where", FindingSeverity.Info, true), (found.Rule, found.Severity, found.InBody));
    }

    [Theory]
    [InlineData("FROBNICATE the_table")]
    [InlineData("\\connect other")]
    public void Unknown_statements_are_reported(string sql) =>
        Assert.Equal("unknown-statement", Assert.Single(MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)])).Rule);

    [Fact]
    public void The_search_path_of_a_script_determines_the_schema_of_an_unqualified_table()
    {
        var found = Assert.Single(MigrationAnalyser.Analyse([new SqlScript("1.sql", "SET search_path TO app; DROP TABLE t")]), f => f.Rule == "drop-table");
        Assert.Equal("app.t", found.Object);
    }

    [Theory]
    [InlineData("BEGIN; DROP TABLE a; ALTER TABLE b DROP CONSTRAINT c; ROLLBACK", "")]
    [InlineData("BEGIN; DELETE FROM a; ABORT", "")]
    [InlineData("BEGIN; DROP TABLE a; ROLLBACK AND CHAIN; DROP TABLE b; COMMIT", "drop-table:b")]
    [InlineData("BEGIN; DROP TABLE a; COMMIT; ROLLBACK", "drop-table:a")]
    [InlineData("DROP TABLE a; ROLLBACK", "drop-table:a")]
    [InlineData("BEGIN; SAVEPOINT s; DROP TABLE a; ROLLBACK TO s; COMMIT", "drop-table:a")]
    [InlineData("BEGIN; SELECT pg_switch_wal(); SELECT pg_drop_replication_slot('s'); ROLLBACK", "destructive-function:pg_drop_replication_slot server-function:pg_switch_wal")]
    public void Changes_that_their_transaction_rolls_back_are_not_reported_as_destructive(string sql, string expected)
    {
        var found = MigrationAnalyser.Analyse([new SqlScript("1.sql", sql)]).Where(f => f.Severity is FindingSeverity.Destructive or FindingSeverity.Breaking);
        Assert.Equal(expected, string.Join(' ', found.Select(f => f.AllowAs).Order(StringComparer.Ordinal)));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(16, true)]
    [InlineData(17, false)]
    public void A_value_added_to_a_type_of_the_same_transaction_can_be_used_only_from_PostgreSQL_17(int? major, bool isReported)
    {
        var found = MigrationAnalyser.Analyse([new SqlScript("1.sql", "CREATE TYPE draft AS ENUM ('a'); ALTER TYPE draft RENAME TO kind; ALTER TYPE kind ADD VALUE 'b'; INSERT INTO users (kind) VALUES ('b')")], serverMajor: major)
            .Where(f => f.Rule == "enum-value-used-in-same-transaction").Select(f => f.Message);
        Assert.Equal(isReported ? ["uses 'b', which the same transaction added to kind: PostgreSQL before version 17 refuses that until it is committed"] : [], found);
    }
}
