using System.Text;
using DbSafety.Backups.Compression;
using DbSafety.Backups.Dumps;

namespace DbSafety.Core.Tests.Backups;

public sealed class ForeignPlainTests
{
    private const string Head = "--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 9.6.3\n-- Dumped by pg_dump version 9.6.3\n\nSET client_encoding = 'UTF8';\n\n-- Name: t; Type: TABLE; Schema: app; Owner: ann\n";
    private const string End = "\n--\n-- PostgreSQL database dump complete\n--\n\n";

    [Fact]
    public void Unqualified_names_of_pg_dump_before_10_3_resolve_through_the_search_path()
    {
        var section = Read(Head + "SET search_path = app, pg_catalog;\nCOPY t (a) FROM stdin;\n1\n\\.\nSELECT pg_catalog.setval('s', 5, true);\n" + End).Sections[0];
        Assert.Equal([("app", "t", 1L)], section.Census(0).Tables.Select(t => (t.Schema, t.Name, t.Rows)));
        Assert.Equal([("app", "s", 5L)], section.Census(0).Sequences.Select(s => (s.Schema, s.Name, s.Value)));
        Assert.Equal(("9.6.3", true), (section.Head!.ServerVersion, section.Head.IsComplete));
    }

    [Theory]
    [InlineData("INSERT INTO app.t VALUES (1, '(2), (3)');\n", 1)]
    [InlineData("INSERT INTO app.t (a, b) OVERRIDING SYSTEM VALUE VALUES\n\t(1, 'it''s (x'),\n\t(2, lower('A'));\n", 2)]
    [InlineData("INSERT INTO app.t DEFAULT VALUES;\n", 1)]
    [InlineData("INSERT INTO app.t VALUES (1), (2) ON CONFLICT DO NOTHING;\n", 2)]
    public void INSERT_statements_are_counted_by_their_number_of_rows(string insert, long rows)
    {
        var section = Read(Head + insert + End).Sections[0];
        Assert.Equal([("app", "t", rows)], section.Census(0).Tables.Select(t => (t.Schema, t.Name, t.Rows)));
        Assert.Equal(0, section.Uncounted);
    }

    [Theory]
    [InlineData("INSERT INTO app.t SELECT 1;\n")]
    [InlineData("DELETE FROM app.t;\n")]
    [InlineData("COPY app.t FROM stdin WITH (FORMAT csv);\n\"a\nb\"\n\\.\n")]
    public void Statements_with_an_unknown_row_count_are_reported_as_uncounted(string sql) => Assert.Equal(1, Read(Head + sql + End).Sections[0].Uncounted);

    [Theory]
    [InlineData("COPY app.t (a, b) FROM stdin;\n1\t2\n1\n\\.\n" + End)]
    [InlineData("COPY app.t (a) FROM stdin;\n1\n" + End)]
    [InlineData("COMMENT ON TABLE app.t IS 'x;\n" + End)]
    [InlineData("SELECT 1;\n")]
    [InlineData("SELECT\0 1;\n" + End)]
    [Hazard("H2")]
    public void A_plain_dump_with_an_invalid_structure_is_damaged(string rest) =>
        Assert.Throws<DumpDamagedException>(() => Read(Head + rest));

    [Theory]
    [InlineData("\\connect shop", "shop")]
    [InlineData("\\connect \"odd name\"", "odd name")]
    [InlineData("\\connect -reuse-previous=on \"dbname='it\\'s'\"", "it's")]
    [InlineData("\\c shop;", "shop")]
    [InlineData("\\c\tshop ann localhost 5432", "shop")]
    [InlineData("\\connect 'it''s'", "it's")]
    [InlineData("\\connect \"host=db1 dbname=shop\"", "shop")]
    [InlineData("\\connect postgresql://ann:x@db1:5432/my%20shop?sslmode=require", "my shop")]
    [InlineData("\\restrict abc", null)]
    public void The_database_of_a_connect_command_is_parsed(string line, string? database)
    {
        Assert.Equal(database, PsqlConnect.Read(line)?.Database);
    }

    [Theory]
    [InlineData("\\connect - postgres", "postgres")]
    [InlineData("\\connect -", null)]
    [InlineData("\\c", null)]
    [InlineData("\\c ;", null)]
    public void A_connect_command_without_a_database_keeps_the_current_database(string line, string? user) => Assert.Equal(new PsqlConnect(null, user), PsqlConnect.Read(line));

    [Theory]
    [InlineData("\\connect :name")]
    [InlineData("\\connect `hostname`")]
    [InlineData("\\connect \"host=db1\"")]
    [InlineData("\\connect postgres://ann@db1")]
    [InlineData("\\c shop \\! ls")]
    public void A_connect_command_with_an_unknown_database_is_reported_as_a_psql_command(string line) =>
        Assert.Equal([line], Read(line + "\nSELECT 1;\n").Commands);

    [Fact]
    public void A_restore_receives_no_database_statements_and_no_psql_commands()
    {
        const string Sql = "SET a = 1;\nDROP TABLE app.t;\nDROP SCHEMA public;\n-- Name: t; Type: TABLE; Schema: app; Owner: ann\nCREATE TABLE app.t (a int);\nALTER DATABASE shop SET work_mem = '1MB';\nGRANT ALL ON DATABASE shop TO ann;\nCOMMENT ON TABLE app.t IS 'on DATABASE shop;\n';\nCOPY app.t (a) FROM stdin;\n1\n\\.\n";
        var fed = new MemoryStream();
        Read("\\restrict x\n--\n-- PostgreSQL database dump\n--\n" + Sql + End + "\\unrestrict x\n", new PlainFeed(fed, ""));
        Assert.Equal("SET a = 1;\nDROP SCHEMA public;\nCREATE TABLE app.t (a int);\nCOMMENT ON TABLE app.t IS 'on DATABASE shop;\n';\nCOPY app.t (a) FROM stdin;\n1\n\\.\n", Encoding.UTF8.GetString(fed.ToArray()));
    }

    private const string Begin = "--\n-- PostgreSQL database dump\n--\n";

    [Theory]
    // Rails takes the head of a dump off, leaves its end, and writes which migrations are applied after it.
    [InlineData("SET a = 1;\nCREATE TABLE t (a int);\n" + End + "SET search_path TO \"$user\", public;\n\nINSERT INTO \"t\" (a) VALUES\n(1),\n(2);\n", "SET a = 1;\nCREATE TABLE t (a int);\nSET search_path TO \"$user\", public;\nINSERT INTO \"t\" (a) VALUES\n(1),\n(2);\n")]
    [InlineData(Begin + "CREATE SCHEMA app;\n-- Name: t; Type: TABLE\nCREATE TABLE app.t (a int);\n" + End, "CREATE SCHEMA app;\nCREATE TABLE app.t (a int);\n")]
    [InlineData(Begin + "CREATE TABLE a (a int);\nDROP TABLE a;\nALTER TABLE b DROP c;\n" + End, "CREATE TABLE a (a int);\nDROP TABLE a;\nALTER TABLE b DROP c;\n")]
    [InlineData(Begin + "ALTER TABLE ONLY app.t DROP CONSTRAINT c;\nCREATE OR REPLACE VIEW app.v AS\nSELECT\n    NULL::integer AS a;\nSELECT pg_catalog.lo_unlink('5');\nDROP TABLE app.t;\nCREATE TABLE app.t (a int);\n" + End, "CREATE TABLE app.t (a int);\n")]
    public void Only_the_initial_DROP_statements_of_clean_are_skipped(string sql, string expected)
    {
        var fed = new MemoryStream();
        Read(sql, new PlainFeed(fed, ""));
        Assert.Equal(expected, Encoding.UTF8.GetString(fed.ToArray()));
    }

    [Fact]
    public void Statements_after_the_end_of_a_dump_apply_to_the_connected_database()
    {
        const string Sql = "CREATE DATABASE shop;\n\\c shop\n" + Begin + "-- Name: t; Type: TABLE\nCREATE TABLE app.t (a int);\n" + End + "INSERT INTO app.t VALUES (1);\nCREATE DATABASE other;\nCREATE TABLE app.u (a int);\n\\c other\nCREATE TABLE o (a int);\n";
        var fed = new MemoryStream();
        var content = Read(Sql, new PlainFeed(fed, "shop"));
        Assert.Equal("CREATE TABLE app.t (a int);\nINSERT INTO app.t VALUES (1);\nCREATE TABLE app.u (a int);\n", Encoding.UTF8.GetString(fed.ToArray()));
        Assert.Equal([("app", "t", 1L)], content.Named[0].Census(0).Tables.Select(t => (t.Schema, t.Name, t.Rows)));
    }

    [Theory]
    [InlineData("INSERT INTO App.T VALUES (1);\n", "app", "t")]
    [InlineData("INSERT INTO \"App\".\"T\" VALUES (1);\n", "App", "T")]
    [InlineData("SET search_path TO \"$user\", Sales, public;\nINSERT INTO T VALUES (1);\n", "sales", "t")]
    [InlineData("SET search_path = 'Sales', pg_catalog;\nCOPY T FROM stdin;\n1\n\\.\n", "Sales", "t")]
    [InlineData("SET search_path = app, pg_catalog;\nSET search_path TO public, app;\nINSERT INTO t VALUES (1);\n", "public", "t")]
    [InlineData("SET search_path = app;\nSET search_path = DEFAULT;\nINSERT INTO t VALUES (1);\n", "public", "t")]
    public void Table_names_resolve_to_the_same_tables_as_on_the_server(string sql, string schema, string table) =>
        Assert.Equal([(schema, table, 1L)], Read(Head + sql + End).Sections[0].Census(0).Tables.Select(t => (t.Schema, t.Name, t.Rows)));

    [Fact]
    public void A_role_that_occurs_only_in_a_comment_is_not_required()
    {
        const string Sql = "-- Name: t; Type: TABLE; Schema: app; Owner: ann; Tablespace: fast\nCREATE TABLE app.t (a int);\n-- Name: v; Type: VIEW; Schema: app; Owner: ann; Tablespace: \nCREATE VIEW app.v AS SELECT 1;\n";
        Assert.Empty(Read(Head + Sql + End).Sections[0].Census(0).Owners);
        Assert.Equal(["bob", "it's"], Read(Head + "SET SESSION AUTHORIZATION 'bob';\nSET SESSION AUTHORIZATION DEFAULT;\nSET SESSION AUTHORIZATION 'it''s';\n" + End).Sections[0].Census(0).Owners);
    }

    [Theory]
    [InlineData("  ")]
    [InlineData("\t\n\n  ")]
    [InlineData("  -- done\n")]
    [InlineData("/* done\n /* really */ */\n")]
    [InlineData("SELECT 2; -- done\n")]
    [InlineData("SELECT 2;   /* done */  \n")]
    public void White_space_and_comments_after_the_last_statement_are_not_a_statement(string rest)
    {
        Read(Head + "SELECT 1;\n" + rest + End);
        Read(Head + "SELECT 1;\n" + End + rest);
    }

    [Theory]
    [InlineData("/* rows */\nINSERT INTO app.t VALUES (1);\n", 1)]
    [InlineData("/* rows */ INSERT INTO app.t VALUES (1), (2);\n", 2)]
    [InlineData("SET a = 1; INSERT INTO app.t VALUES (1); INSERT  INTO app.t\nVALUES (2); -- the last one\n", 2)]
    [InlineData("  INSERT INTO app.t VALUES (1);\n", 1)]
    [InlineData("INSERT INTO app.t VALUES (1); -- one; and no more\nINSERT INTO app.t VALUES (2);\n", 2)]
    [InlineData("INSERT INTO app.t VALUES (1);\nCREATE FUNCTION app.f() RETURNS void\n    LANGUAGE sql\n    BEGIN ATOMIC\n INSERT INTO app.t (a)\n   VALUES (CASE WHEN true THEN 1 END);\n INSERT INTO app.t VALUES (3);\nEND;\nINSERT INTO app.t VALUES (2);\n", 2)]
    [InlineData("CREATE RULE r AS ON DELETE TO app.t DO INSTEAD (\n INSERT INTO app.t VALUES (1);\n INSERT INTO app.t VALUES (2);\n);\nINSERT INTO app.t VALUES (2);\n", 1)]
    [InlineData("SET standard_conforming_strings = off;\nINSERT INTO app.t VALUES ('it\\'s; (1), (2)');\nINSERT INTO app.t VALUES (2);\n", 2)]
    public void Statements_end_at_the_same_position_as_in_psql(string sql, long rows)
    {
        var section = Read(Head + sql + End).Sections[0];
        Assert.Equal([("app", "t", rows)], section.Census(0).Tables.Select(t => (t.Schema, t.Name, t.Rows)));
        Assert.Equal(0, section.Uncounted);
    }

    [Theory]
    [InlineData("LATIN1", new byte[] { 0xFC }, "ü")]
    [InlineData("WIN1252", new byte[] { 0x80 }, "€")]
    [InlineData("EUC_JP", new byte[] { 0xC6, 0xFC, 0xCB, 0xDC }, "日本")]
    [InlineData("UTF8", new byte[] { 0xC3, 0xBC }, "ü")]
    public void Names_are_decoded_with_the_encoding_of_the_dump_and_forwarded_unchanged(string encoding, byte[] name, string text)
    {
        byte[] sql = [.. Encoding.ASCII.GetBytes(Head.Replace("UTF8", encoding, StringComparison.Ordinal) + "CREATE TABLE app.\""), .. name, .. "\" (a int);\nCOPY app.\""u8, .. name, .. "\" (a) FROM stdin;\n1\n\\.\n"u8, .. Encoding.ASCII.GetBytes(End)];
        var fed = new MemoryStream();
        var section = PlainDump.Read(new MemoryStream(sql), CancellationToken.None, new PlainFeed(fed, "")).Sections[0];
        Assert.Equal([("app", text, 1L)], section.Census(0).Tables.Select(t => (t.Schema, t.Name, t.Rows)));
        Assert.True(fed.ToArray().AsSpan().IndexOf([.. "CREATE TABLE app.\""u8, .. name, .. "\" (a int);\n"u8]) > 0);
    }

    [Fact]
    public void Roles_are_collected_from_owners_and_grants()
    {
        const string Sql = "ALTER TABLE app.t OWNER TO bob;\nALTER TABLE app.\"it's; \"\"so\" OWNER TO emil;\nGRANT SELECT ON TABLE app.t TO \"Odd \"\"one\" WITH GRANT OPTION;\nREVOKE ALL ON TABLE app.t FROM PUBLIC;\nALTER DEFAULT PRIVILEGES FOR ROLE carl IN SCHEMA app GRANT SELECT ON TABLES TO dora;\n";
        Assert.Equal(["Odd \"one", "bob", "carl", "dora", "emil"], Read(Head + Sql + End).Sections[0].Census(0).Owners);
    }

    [Fact]
    [Hazard("H2")]
    public void Gzip_data_truncated_at_any_byte_or_with_trailing_data_is_an_error()
    {
        var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 200))));
        var whole = packed.ToArray();
        Unpack(whole);
        Unpack([.. whole, .. whole]);
        Assert.Throws<InvalidDataException>(() => Unpack([.. whole, 1, 2, 3]));
        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<InvalidDataException>(() => Unpack(whole[..length]));
    }

    private static void Unpack(byte[] packed) => PayloadCompression.Gzip.Decompress(new MemoryStream(packed), "test").CopyTo(Stream.Null);

    private static PlainContent Read(string sql, PlainFeed? feed = null) => PlainDump.Read(new MemoryStream(Encoding.UTF8.GetBytes(sql)), CancellationToken.None, feed);
}
