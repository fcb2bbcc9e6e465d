using System.Text;
using DbSafety.Backups.Dumps;

namespace DbSafety.Core.Tests.Backups;

public sealed class PlainDumpTests
{
    private const string End = "\n--\n-- PostgreSQL database dump complete\n--\n\n";

    [Fact]
    public void Each_line_between_COPY_and_its_end_marker_is_a_row()
    {
        var census = Count("COPY public.t (a, \"b;\") FROM stdin;\n1\t2\n\\\\.\t3\n\\N\t\n\\.\n\n\nCOPY \"S \"\"x\"\"\".\"T\nü\"  FROM stdin;\n\\.\n" + End);
        Assert.Equal([("public", "t", 3L), ("S \"x\"", "T\nü", 0L)], census.Tables.Select(t => (t.Schema, t.Name, t.Rows)));
    }

    [Theory]
    [InlineData("CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $_$\nCOPY public.x (a) FROM stdin;\n$_$;\n")]
    [InlineData("COMMENT ON TABLE t IS 'a\nCOPY public.x (a) FROM stdin;\n';\n")]
    [InlineData("COMMENT ON TABLE t IS E'it\\'s\nCOPY public.x (a) FROM stdin;\n';\n")]
    [InlineData("COMMENT ON TABLE t IS 'it''s\nCOPY public.x (a) FROM stdin;\n';\n")]
    [InlineData("/* a /* b */\nCOPY public.x (a) FROM stdin;\n*/ SELECT 1;\n")]
    [InlineData("CREATE TABLE \"a\nCOPY public.x (a) FROM stdin;\n\" (id int);\n")]
    public void COPY_inside_quotes_or_comments_is_ignored(string sql)
    {
        var census = Count(sql + "COPY public.t (a) FROM stdin;\n1\n\\.\n" + End);
        Assert.Equal([("t", 1L)], census.Tables.Select(t => (t.Name, t.Rows)));
    }

    [Fact]
    public void Sequences_large_objects_and_owners_are_parsed()
    {
        var census = Count("-- Name: a; Type: TABLE; Schema: public; Owner: ann; Tablespace: x\nALTER TABLE public.a OWNER TO ann;\nSELECT pg_catalog.setval('public.\"S''q\"', 7, true);\nSELECT pg_catalog.setval('app.n', 1, false);\nSELECT pg_catalog.lo_create('16401');\n" + End);
        Assert.Equal([("app", "n", 1L, false), ("public", "S'q", 7L, true)], census.Sequences.Select(s => (s.Schema, s.Name, s.Value, s.IsCalled)));
        Assert.Equal(1, census.LargeObjects);
        Assert.Equal(["ann"], census.Owners);
    }

    [Theory]
    [InlineData("COPY public.t (a) FROM stdin;\n1\n2")]
    [InlineData("COPY public.t (a) FROM stdin;\n1\n")]
    [InlineData("COPY public.t (a) FROM stdin;\n1\n\\.\n")]
    [Hazard("H2")]
    public void A_plain_dump_truncated_at_any_position_is_damaged(string sql) => Assert.Throws<DumpDamagedException>(() => Count(sql));

    private static DumpCensus Count(string sql) => PlainDump.Count(new MemoryStream(Encoding.UTF8.GetBytes(sql)), CancellationToken.None);
}
