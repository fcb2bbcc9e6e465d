using System.Text;
using DbSafety.Backups.Dumps;
using DbSafety.Restores.Filling;

namespace DbSafety.Core.Tests.Backups;

/// <summary>Scripts that people write, and dumps that people edit.</summary>
public sealed class EditedScriptTests
{
    private const string Head = "--\n-- PostgreSQL database dump\n--\n\n-- Dumped by pg_dump version 15.1\n\nSET client_encoding = 'UTF8';\n\n-- Name: t; Type: TABLE; Schema: app; Owner: ann\nCREATE TABLE app.t (a integer NOT NULL);\nCOPY app.t (a) FROM stdin;\n1\n\\.\nSELECT pg_catalog.setval('app.t_a_seq', 1, true);\nALTER TABLE ONLY app.t\n    ADD CONSTRAINT t_pkey PRIMARY KEY (a);\n";
    private const string End = "\n--\n-- PostgreSQL database dump complete\n--\n\n";

    [Theory]
    [InlineData("DROP  DATABASE IF EXISTS victim;")]
    [InlineData("DROP\tDATABASE victim;")]
    [InlineData("drop\n  database victim;")]
    [InlineData("DROP/**/DATABASE victim;")]
    [InlineData("/* a */ DROP -- b\nDATABASE victim;")]
    [InlineData("CREATE  DATABASE victim;")]
    [InlineData("ALTER \f DATABASE base SET work_mem = '1MB';")]
    [InlineData("ALTER  ROLE \"it's\" IN  DATABASE shop SET work_mem = '1MB';")]
    [InlineData("ALTER USER ALL IN DATABASE shop SET work_mem = '1MB';")]
    [InlineData("COMMENT  ON\nDATABASE shop IS 'x';")]
    [InlineData("GRANT ALL ON\nDATABASE shop TO \"it's\";")]
    [InlineData("SECURITY LABEL FOR \"it's\" ON  DATABASE shop IS 'x';")]
    public void Database_statements_are_never_sent_to_the_server_in_any_notation(string statement) =>
        Assert.Equal("SELECT 1;\nSELECT 2;\n", Fed("SELECT 1;\n" + statement + "\nSELECT 2;\n"));

    [Theory]
    [InlineData("SELECT 1; -- a\rDROP DATABASE victim;\n")]
    [InlineData("-- a\rDROP DATABASE victim;\nSELECT 1;\n")]
    [InlineData("SELECT 1 -- a\r; DROP DATABASE victim;\n")]
    public void A_carriage_return_ends_a_comment_like_on_the_server(string sql) => Assert.DoesNotContain("victim", Fed(sql), StringComparison.Ordinal);

    [Theory]
    [InlineData("ALTER SYSTEM SET log_min_duration_statement = '5s';")]
    [InlineData("alter\tsystem reset all;")]
    [InlineData("CREATE ROLE evil SUPERUSER;")]
    [InlineData("CREATE/**/USER evil;")]
    [InlineData("DROP GROUP g;")]
    [InlineData("ALTER ROLE ALL SET work_mem = '9MB';")]
    [InlineData("GRANT admin TO bob;")]
    [InlineData("REVOKE \"on\" FROM bob;")]
    [InlineData("GRANT SET ON PARAMETER work_mem TO bob;")]
    [InlineData("CREATE TABLESPACE fast LOCATION '/x';")]
    [InlineData("COPY (SELECT 1) TO PROGRAM 'cat > /tmp/x';")]
    [InlineData("COPY (SELECT a FROM stdin) TO PROGRAM 'to stdout';")]
    [InlineData("COPY app.t FROM '/etc/passwd';")]
    [InlineData("SELECT lo_import('/etc/passwd');")]
    [InlineData("INSERT INTO app.t VALUES (pg_catalog.\"lo_import\" ('/etc/passwd'));")]
    [InlineData("SELECT pg_catalog.pg_reload_conf();")]
    [InlineData("DO $$ BEGIN IF true THEN CREATE  ROLE evil; END IF; END $$;")]
    [InlineData("DO LANGUAGE plpgsql 'BEGIN EXECUTE ''ALTER  SYSTEM SET a = 1''; END';")]
    [InlineData("DO $a$ BEGIN EXECUTE 'ALTER DATABASE base SET a = 1'; END $a$;")]
    [InlineData("REASSIGN OWNED BY ann TO bob;")]
    public void A_server_wide_statement_is_reported_with_its_line(string statement)
    {
        var section = Read(Head + End + "\n/* b\n*/ " + statement + "\n").Sections[0];
        var line = (Head + End + "\n").Count(c => c == '\n') + 2;
        Assert.Equal([line], section.ServerStatements.Select(s => s.Line));
    }

    [Theory]
    [InlineData("COPY app.t TO STDOUT;")]
    [InlineData("CREATE USER MAPPING FOR ann SERVER s;")]
    [InlineData("GRANT SELECT ON TABLE app.t TO bob;")]
    [InlineData("ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO bob;")]
    [InlineData("INSERT INTO app.t VALUES ('CREATE ROLE x; lo_import(1)');")]
    [InlineData("CREATE FUNCTION app.f() RETURNS void LANGUAGE plpgsql AS $$BEGIN ALTER SYSTEM SET a = 1; PERFORM pg_reload_conf(); END$$;")]
    [InlineData("DROP FUNCTION app.dblink(text);")]
    [InlineData("DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || quote_ident(current_database()) || ' SET a = 1'; END $$;")]
    [InlineData("COMMENT ON TABLE app.t IS 'ALTER SYSTEM';")]
    public void Statements_limited_to_the_database_are_not_reported_as_server_wide(string statement) => Assert.Empty(Read(Head + End + statement + "\n").Sections[0].ServerStatements);

    [Fact]
    public void Globals_of_pg_dumpall_are_not_reported_as_server_wide_but_appended_statements_are()
    {
        const string Cluster = "--\n-- PostgreSQL database cluster dump\n--\nCREATE ROLE ann;\nALTER ROLE ann WITH LOGIN;\nGRANT ann TO bob;\nCREATE TABLESPACE t LOCATION '/x';\n\\connect shop\n";
        var content = Read(Cluster + Head + End + "--\n-- PostgreSQL database cluster dump complete\n--\nCREATE ROLE evil SUPERUSER;\n");
        Assert.Empty(content.Sections[0].ServerStatements);
        Assert.Equal("CREATE ROLE evil SUPERUSER;", content.Named[0].ServerStatements.Single().Text);
        Assert.Equal((0, 4), (content.Sections[0].Effective, content.Sections[0].Globals));
    }

    [Fact]
    public void Statements_after_a_connect_to_the_same_database_run_with_reset_session_settings()
    {
        const string Sql = "SET search_path = app;\nINSERT INTO a VALUES (1);\n\\connect - postgres\nINSERT INTO b VALUES (1);\n";
        var section = Read(Sql).Sections.Single();
        Assert.Equal(["app.a", "public.b"], section.Census(0).Tables.Select(t => t.ToString()).Order(StringComparer.Ordinal));
        Assert.Equal(["postgres"], section.Users);
        Assert.Equal("SET search_path = app;\nINSERT INTO a VALUES (1);\nRESET ALL;\nINSERT INTO b VALUES (1);\n", Fed(Sql));
    }

    [Fact]
    public void The_psql_encoding_command_sets_the_encoding_of_the_statements()
    {
        var fed = new MemoryStream();
        var content = PlainDump.Read(new MemoryStream([.. "\\encoding LATIN1\nCREATE TABLE \""u8, 0xE9, .. "\" (a int);\nINSERT INTO \""u8, 0xE9, .. "\" VALUES (1);\n"u8]), CancellationToken.None, new PlainFeed(fed, ""));
        Assert.Equal(("é", "LATIN1"), (content.Sections[0].Census(0).Tables.Single().Name, content.Sections[0].Encoding));
        Assert.StartsWith("SET client_encoding = 'LATIN1';\nCREATE TABLE \"", Encoding.Latin1.GetString(fed.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\\set sch app\nCREATE SCHEMA :sch;\n", 1)]
    [InlineData("\\set sch app\nCREATE SCHEMA :\"sch\";\n", 1)]
    [InlineData("\\set sch app\nSELECT '1'::sch;\n", 0)]
    [InlineData("\\set ON_ERROR_STOP on\nSELECT 1;\n", 0)]
    [InlineData("\\set AUTOCOMMIT off\nSELECT 1;\n", 1)]
    [InlineData("SELECT :'DBNAME';\n", 1)]
    public void Uses_of_psql_variables_count_as_psql_commands(string sql, int commands) => Assert.Equal(commands, Read(sql).Commands.Count);

    [Theory]
    [InlineData("CREATE TRIGGER audit AFTER INSERT ON app.t EXECUTE FUNCTION app.f();\nINSERT INTO app.t VALUES (2);\n")]
    [InlineData("ALTER TABLE app.t RENAME TO u;\n")]
    [InlineData("ALTER  TABLE IF EXISTS ONLY \"app\".t SET SCHEMA public;\n")]
    [InlineData("DROP TABLE app.t;\n")]
    [InlineData("BEGIN;\nINSERT INTO app.t VALUES (2);\nROLLBACK;\n")]
    [InlineData("BEGIN;\nINSERT INTO app.t VALUES (2);\n")]
    [InlineData("SELECT app.fill();\n")]
    [InlineData("SELECT 1 AS a INTO app.u;\n")]
    [InlineData("CREATE TABLE app.u AS SELECT 1;\n")]
    [InlineData("CREATE TEMP TABLE u (a int);\n")]
    public void Rows_that_later_statements_can_change_are_reported_as_uncounted(string sql) => Assert.Equal(1, Read(Head + End + sql).Sections[0].Uncounted);

    [Theory]
    [InlineData("INSERT INTO app.t (b) VALUES ('admin');\n")]
    [InlineData("COPY app.t (b) FROM stdin;\nadmin\n\\.\n")]
    [InlineData("ALTER SEQUENCE app.t_a_seq RESTART WITH 1000;\n")]
    [InlineData("ALTER TABLE app.t ALTER COLUMN a RESTART;\n")]
    [InlineData("SELECT setval('app.t_a_seq', (SELECT max(a) FROM app.t));\n")]
    public void Sequence_values_that_later_statements_can_change_are_not_verified(string sql)
    {
        var section = Read(Head + End + sql).Sections[0];
        Assert.Equal((0, true), (section.Uncounted, section.Doubts.Sequences is not null));
    }

    [Fact]
    public void Rows_that_ON_CONFLICT_can_skip_are_not_verified_for_their_table()
    {
        const string Insert = "INSERT INTO app.t VALUES (1) ON CONFLICT DO NOTHING;\n";
        Assert.Equal(["app.t"], Read(Head + End + Insert).Sections[0].Doubts.Tables.Select(t => t.ToString()));
        // As pg_dump --on-conflict-do-nothing writes it: into a table that is empty and has no key yet.
        Assert.Empty(Read(Head[..Head.IndexOf("COPY", StringComparison.Ordinal)] + Insert + End).Sections[0].Doubts.Tables);
    }

    [Fact]
    public void Unmodified_pg_dump_output_is_fully_verified()
    {
        const string Rest = "CREATE SEQUENCE app.s;\nALTER TABLE app.s OWNER TO ann;\nALTER SEQUENCE app.s OWNED BY app.t.a;\nSELECT pg_catalog.lo_create('5');\nBEGIN;\nSELECT pg_catalog.lo_open('5', 131072);\nCOMMIT;\nCREATE TRIGGER a AFTER INSERT ON app.u FOR EACH ROW EXECUTE FUNCTION app.f();\nCREATE TABLE app.medidas (\n    a integer\n);\nALTER TABLE app.rename ADD CONSTRAINT c UNIQUE (a);\nREFRESH MATERIALIZED VIEW app.v;\nSELECT * FROM pg_catalog.pg_restore_relation_stats(\n\t'version', '180000'::integer\n);\n";
        var section = Read(Head.Replace("SELECT pg_catalog.setval('app.t_a_seq', 1, true);\n", "", StringComparison.Ordinal) + Rest + End + "INSERT INTO app.schema_migrations VALUES (1);\n").Sections[0];
        Assert.Equal((0, null, 0), (section.Uncounted, section.Doubts.Sequences, section.Doubts.Tables.Count));
    }

    [Fact]
    public void The_second_dump_in_a_file_drops_the_objects_of_the_first_dump()
    {
        const string Dump = "--\n-- PostgreSQL database dump\n--\nDROP TABLE IF EXISTS app.t;\n-- Name: t; Type: TABLE\nCREATE TABLE app.t (a int);\n" + End;
        Assert.Equal("CREATE TABLE app.t (a int);\nDROP TABLE IF EXISTS app.t;\nCREATE TABLE app.t (a int);\n", Fed(Dump + Dump));
        Assert.Equal(1, Read(Dump + Dump).Sections[0].Uncounted);
    }

    [Fact]
    public void Globals_of_pg_dumpall_before_a_dump_without_a_connect_command_are_skipped() =>
        Assert.Equal("SET a = 1;\nCREATE TABLE app.t (a int);\n", Fed("--\n-- PostgreSQL database cluster dump\n--\nSET a = 1;\nALTER ROLE own1 WITH PASSWORD 'x';\n--\n-- PostgreSQL database cluster dump complete\n--\n--\n-- PostgreSQL database dump\n--\n-- Name: t; Type: TABLE\nCREATE TABLE app.t (a int);\n" + End));

    [Fact]
    public void A_second_dump_in_a_file_applies_to_the_database_that_psql_is_connected_to()
    {
        var content = Read("CREATE DATABASE base;\n\\connect base\n" + Head + End + Head.Replace("app.t", "app.u", StringComparison.Ordinal) + End);
        Assert.Equal(["app.t", "app.u"], content.Named.Single().Census(0).Tables.Select(t => t.ToString()));
        Assert.Equal(0, content.Sections[0].Effective);
    }

    [Theory]
    [InlineData(Head + "INSERT INTO app.t VALUES ('one\r\ntwo\r\n');\n" + End)]
    [InlineData("INSERT INTO app.t VALUES ('one\r\ntwo');\r\n")]
    [InlineData(Head + "CREATE FUNCTION app.f() RETURNS void LANGUAGE sql AS $$\r\nSELECT 1;\r\n$$;\n" + End)]
    public void Line_endings_in_values_and_function_bodies_are_preserved(string sql) =>
        Assert.Equal(sql.Split('\r').Length - (sql.EndsWith('\r' + "\n", StringComparison.Ordinal) ? 1 : 0), Fed(sql).Split('\r').Length);

    [Fact]
    public void The_description_of_a_statement_contains_none_of_its_literal_values() =>
        Assert.Equal("line 1: ALTER ROLE own1 PASSWORD '…'", Read("ALTER ROLE own1 PASSWORD 'geheim;''x';\n").Sections[0].ServerStatements.Single().ToString());

    [Fact]
    public void Rows_of_views_are_not_counted_and_rows_of_foreign_tables_are_listed()
    {
        var section = Read(Head + "CREATE VIEW app.v AS SELECT 1;\nCREATE FOREIGN TABLE app.f (a int) SERVER s;\nINSERT INTO app.v VALUES (1);\nCOPY app.f (a) FROM stdin;\n1\n\\.\n" + End).Sections[0];
        Assert.Equal((1, "app.f"), (section.Uncounted, section.ForeignRows.Single().ToString()));
    }

    [Theory]
    [InlineData(Head + End + "INSERT INTO app.t VALUES (2);\r\n", 2)]
    [InlineData("SET standard_conforming_strings TO off;\nINSERT INTO app.t VALUES ('it\\'s; ok');\n", 1)]
    [InlineData("SET SESSION standard_conforming_strings='off';\nINSERT INTO app.t VALUES ('it\\'s; ok');\n", 1)]
    [InlineData("SELECT set_config('standard_conforming_strings', 'off', false);\nINSERT INTO app.t VALUES ('it\\'s; ok');\n", 1)]
    [InlineData("INSERT INTO app.t VALUES (E'x\\'y;' -- a\n'z\\'w;');\n", 1)]
    [InlineData("INSERT INTO app.t VALUES (E'a', 'b\\', 'c');\n", 1)]
    [InlineData("COPY app.t (a, b) FROM stdin;\n1\tx\\\ny\n2\t\\\ty\n\\.\n", 2)]
    public void A_script_that_psql_accepts_is_not_reported_as_damaged(string sql, long rows) => Assert.Equal(rows, Read(sql).Sections[0].Census(0).Tables.Single().Rows);

    [Theory]
    [InlineData("CREATE TABLE t (a int)\n", "no semicolon")]
    [InlineData("COPY app.t (a) FROM stdin;\n1\n", "without the end-of-data marker \\.")]
    public void The_error_for_an_incomplete_script_states_the_missing_part(string sql, string reported) =>
        Assert.Contains(reported, Assert.Throws<DumpDamagedException>(() => Read(sql)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("SET a = 1;\nALTER TABLE ONLY app.t DROP CONSTRAINT t_pkey;\nDROP TABLE app.t;\nCREATE TABLE app.t (a int);\n", "SET a = 1;\nCREATE TABLE app.t (a int);\n")]
    [InlineData("BEGIN;\nDROP TABLE app.t;\nCREATE TABLE app.t (a int);\nDROP TABLE app.u;\nCOMMIT;\n", "BEGIN;\nCREATE TABLE app.t (a int);\nDROP TABLE app.u;\nCOMMIT;\n")]
    [InlineData("DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n", "DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n")]
    public void DROP_statements_of_clean_at_the_start_of_a_script_without_comments_are_skipped(string sql, string fed) => Assert.Equal(fed, Fed(sql));

    [Theory]
    [InlineData("DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\nSELECT 1;\n", "DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\nSELECT 1;\n")]
    [InlineData("drop schema if exists app, public cascade;\ncreate schema public;\n", "drop schema if exists app, public cascade;\ncreate schema public;\n")]
    [InlineData("DROP SCHEMA publications;\nCREATE SCHEMA \"public\";\nSELECT 1;\n", "SELECT 1;\n")]
    [InlineData("COMMENT ON EXTENSION plpgsql IS 'PL/pgSQL procedural language';\nCOMMENT ON SCHEMA public IS 'standard public schema';\nCOMMENT ON SCHEMA public IS 'mine';\n", "COMMENT ON SCHEMA public IS 'mine';\n")]
    [InlineData("COMMENT ON SCHEMA public IS 'Standard public schema';\n", "COMMENT ON SCHEMA public IS 'Standard public schema';\n")]
    public void Schema_public_is_either_dropped_and_re_created_or_neither_and_its_defaults_are_not_set_again(string sql, string fed)
    {
        foreach (var text in new[] { sql, Head[..Head.IndexOf("-- Name", StringComparison.Ordinal)] + sql + End })
            Assert.EndsWith(fed, Fed(text, new InitialObjects().IsLeftOut), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INSERT INTO app.t SELECT current_database();\n", 1)]
    [InlineData("INSERT INTO app.t VALUES ('current_database()');\n", 0)]
    [InlineData("UPDATE app.t SET a = CURRENT_CATALOG;\n", 1)]
    [InlineData("CREATE TABLE app.d (a text DEFAULT current_database(), b int);\nINSERT INTO app.d (b) VALUES (1);\n", 1)]
    [InlineData("CREATE TABLE app.n AS SELECT current_database() AS n;\n", 1)]
    [InlineData("DO $$ BEGIN INSERT INTO app.t SELECT current_database(); END $$;\n", 1)]
    [InlineData("CREATE FUNCTION app.f() RETURNS text LANGUAGE sql AS 'SELECT current_database()';\n", 0)]
    [InlineData("CREATE MATERIALIZED VIEW app.m AS SELECT current_database() WITH NO DATA;\n", 0)]
    public void Statements_that_store_the_database_name_are_listed(string sql, int uses)
    {
        Assert.Equal(uses, Read(sql).Sections[0].NameUses.Statements.Count);
        Assert.Equal(uses, Read(Head + End + sql).Sections[0].NameUses.Statements.Count);
    }

    [Fact]
    public void Dropping_schema_public_before_the_first_CREATE_removes_no_rows()
    {
        Assert.Equal(0, Read("DROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\nCREATE TABLE t (a int);\n").Sections[0].Uncounted);
        Assert.Equal(1, Read("CREATE TABLE t (a int);\nDROP SCHEMA public CASCADE;\n").Sections[0].Uncounted);
    }

    [Fact]
    public void INSERT_statements_of_pg_dump_do_not_use_a_current_database_default() =>
        Assert.Empty(Read(Head + "CREATE TABLE app.d (a text DEFAULT CURRENT_DATABASE());\nINSERT INTO app.d VALUES ('x');\n" + End).Sections[0].NameUses.Statements);

    private static string Fed(string sql, Func<string, bool>? isLeftOut = null)
    {
        var fed = new MemoryStream();
        Read(sql, new PlainFeed(fed, "", isLeftOut: isLeftOut));
        return Encoding.UTF8.GetString(fed.ToArray());
    }

    private static PlainContent Read(string sql, PlainFeed? feed = null) => PlainDump.Read(new MemoryStream(Encoding.UTF8.GetBytes(sql)), CancellationToken.None, feed);
}
