using DbSafety.Analysis.Scripts;
using DbSafety.Core.Tests.Analysis.Judge;

namespace DbSafety.Core.Tests.Analysis;

public sealed class SqlSplitterTests(PostgresJudge judge) : IClassFixture<PostgresJudge>
{
    /// <summary>What migration folders really hold; each is also given to PostgreSQL's own parser.</summary>
    public static TheoryData<string> Tricky { get; } =
    [
        "SELECT 1; SELECT 2",
        ";;SELECT 1;;\n;",
        "SELECT 'a;b''c;' ; SELECT E'it\\'s;' ; SELECT 'back\\' ; SELECT 2",
        "SELECT U&'\\0061;' ; SELECT U&\"d\\0061t;\" FROM t; SELECT 1",
        "SELECT $$a;b$$; SELECT $x$ $$ ; $y$ $x$; SELECT a$b$ FROM t; SELECT 1",
        "/* a; /* b; */ c; */ SELECT 1; -- it's; \"odd\nSELECT 2 -- end;",
        "SELECT 1 AS \"a;\"\"b\" ; SELECT 2",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM u; UPDATE v SET a = 1); SELECT 1",
        "CREATE FUNCTION f(a int DEFAULT 1) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN a = 1 THEN 2 END; SELECT 3; END; SELECT 4",
        "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC INSERT INTO t VALUES (1); END; SELECT 1",
        "BEGIN; SELECT 1; END; SELECT 2",
        "DO $do$ BEGIN EXECUTE 'x;'; END $do$; SELECT 1",
        "SELECT 1\r\n;\r\n-- c;\r\nSELECT 2;\r\n",
        "SELECT E'a'\n  'b\\';c'; SELECT 2",
        "SELECT 1 --;\n+ 2; SELECT 3",
        "SELECT 1*-/* ; */2; SELECT a->>'x' FROM t; SELECT @ -5, 1e5, .5e-3, 5.e+2, 0; SELECT ~1",
        "SELECT b'01;', x'1F', n'a;' ; SELECT 2",
        "CREATE TABLE \"Ünï;\" (ß int, 名 text DEFAULT ';'); SELECT 1",
        "SELECT 'unfinished\nbut closed;' ; SELECT $a$ $A$ ; $a$",
        "SELECT '' ';' FROM t",
        "SELECT 'a' -- b\r; SELECT -- c\n'd'",
        "SELECT 1 AS e, 2 AS u, 3 AS \"end\"; SELECT U & 1 FROM t; SELECT 4",
        "SELECT CASE WHEN true THEN 1 END; CREATE TABLE t (a int); SELECT 1",
    ];

    [Theory]
    [MemberData(nameof(Tricky))]
    public void The_splitter_uses_the_same_statement_boundaries_as_the_PostgreSQL_parser(string sql)
    {
        var theirs = judge.Judge(sql)!;
        Assert.Equal(theirs.Statements.Select(s => (s.Start, s.End, s.Line)), SqlSplitter.Split(sql).Select(s => (s.Offset, s.Offset + s.Text.Length, s.Line)));
    }

    [Fact]
    public void The_PostgreSQL_parser_accepts_most_of_the_tricky_scripts() =>
        Assert.True(Tricky.Count(row => judge.Judge(row.Data)!.Whole) >= 18);

    [Fact]
    public void Line_numbers_match_those_of_an_editor_and_ordinals_count_statements()
    {
        var found = SqlSplitter.Split("\uFEFF-- c\r\nSELECT 1;\r\n\r\n  /* x\n */ SELECT\n2; SELECT 3");
        Assert.Equal([(2, 1), (5, 2), (6, 3)], found.Select(s => (s.Line, s.Ordinal)));
    }

    [Fact]
    public void COPY_rows_are_data_and_not_statements()
    {
        var found = SqlSplitter.Split("COPY t (a) FROM stdin;\n1;DROP TABLE x;\n'\n\\.\nSELECT 1;\n");
        Assert.Equal(["COPY t (a) FROM stdin", "SELECT 1"], found.Select(s => s.Text));
        Assert.Equal("1;DROP TABLE x;\n'\n", found[0].CopyData);
    }

    [Fact]
    public void An_invalid_psql_command_discards_the_rest_of_its_line_but_not_the_query_buffer()
    {
        var found = SqlSplitter.Split("DROP TABLE kept \\',' \\r TRUNCATE passed_over;\n;\nDROP TABLE gone \\r\n");

        Assert.Equal(["DROP TABLE kept"], found.Where(s => !s.IsPsqlCommand).Select(s => s.Excerpt));
    }

    [Fact]
    public void A_psql_command_ends_at_the_end_of_its_line()
    {
        var found = SqlSplitter.Split("\\restrict abc';\nSELECT 1;\n\\unrestrict abc\n");
        Assert.Equal([true, false, true], found.Select(s => s.IsPsqlCommand));
    }

    [Fact]
    public void Identifiers_are_folded_and_truncated_like_on_the_server()
    {
        var tokens = SqlSplitter.Split($"x {new string('Ä', 40)} AbÇ \"Ab\" U&\"\\0041\\+000042\"")[0].Tokens;
        Assert.Equal([new string('Ä', 31), "abÇ", "Ab", "AB"], tokens.Skip(1).Select(t => t.Value));
    }

    [Fact]
    public void Backslashes_are_escapes_in_plain_strings_after_standard_conforming_strings_is_set_to_off()
    {
        var found = SqlSplitter.Split("SET standard_conforming_strings = off; SELECT 'a\\'; b'; SELECT 1");
        Assert.Equal("SELECT 'a\\'; b'", found[1].Text);
    }
}
