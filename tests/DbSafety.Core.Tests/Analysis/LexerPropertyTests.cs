using CsCheck;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Core.Tests.Analysis;

/// <summary>Whatever the text is, no character of it is lost between tokens and statements.</summary>
public sealed class LexerPropertyTests
{
    /// <summary>What quotes, comments and statements begin and end with, in any order.</summary>
    private static readonly string[] Pieces =
    [
        "'", "''", "'a'", "\"", "\"\"", "\"b\"", "e'", "E'\\'", "b'", "x'", "n'", "N'", "u&'", "U&\"", "UESCAPE", " uescape '!'", "$", "$$", "$a$", "$1", "$é$", "--", "-- it's\n", "'a'\n", "'a' -- ;\n", "/*", "*/", "/* ' */", "/* /* */",
        ";", "; ", "\n", "\r\n", " ", "\t", "\f", "(", ")", "[", "]", ",", ".", ":", "::", "-", "+", "*", "/", "|", "<", "=", "@", "#", "1", "2.5", "1e", "0x", "1_0", "e", "E", "é", "名", "😀", "\u00a0",
        "select", "insert into t values (", "create rule r as on insert to t do (", "create function f() returns int begin atomic ", "begin", "case", "end", "do", "as", "drop table t", "copy t from stdin", "set standard_conforming_strings = off;",
        "reset standard_conforming_strings;",
    ];

    private static readonly string[] PsqlPieces = ["\\", "\\\\", "\\;", "\\:", "\\.", "\n\\.\n", "\\g\n", "\\gset x\n", "\\r\n", "\\echo 'a' \\\\ ", "\\copy t from stdin\n", "\ncopy t from stdin;\n1\t;'\n\\.\n", "\\'"];

    private static readonly Gen<string> Sql = Gen.OneOf(Pieces).Array[0, 30].Select(string.Concat);

    private static readonly Gen<StringReading> Reading = Gen.Select(Gen.Bool, Gen.Bool, (escapes, isUncertain) => new StringReading(escapes, isUncertain));

    /// <summary>What is for psql is its own line, and no part of a statement.</summary>
    private static readonly Gen<(string Sql, StringReading Strings)> Plain = Gen.Select(Sql, Reading).Where((sql, strings) => Tokens(sql, strings).TrueForAll(t => t.Kind != SqlTokenKind.PsqlCommand));

    private static readonly Gen<string> PsqlSql = Gen.Frequency((5, Gen.OneOf(Pieces)), (1, Gen.OneOf(PsqlPieces)), (1, Gen.Char[' ', '\u00ff'].Select(c => c.ToString()))).Array[0, 30].Select(string.Concat);

    [Fact]
    public void Tokens_comments_and_white_space_cover_the_complete_text() => Gen.Select(PsqlSql, Reading).Holds((sql, strings) =>
    {
        var covered = new List<(int Start, int End)>();
        var lexer = new SqlLexer(sql, 0, sql.Length) { Strings = strings, Comment = (start, end) => covered.Add((start, end)) };
        while (lexer.Next() is { } token)
        {
            Assert.True(token.Length > 0);
            covered.Add((token.Start, token.End));
        }

        var at = 0;
        foreach (var (start, end) in covered.OrderBy(c => c.Start).Append((sql.Length, sql.Length)))
        {
            Assert.True(start >= at, $"what begins at {start} begins before the end of what comes before it, {at}");
            Assert.All(sql[at..start], c => Assert.True(c is ' ' or '\t' or '\r' or '\n' or '\f' or '\v' || (c == '\ufeff' && at == 0), $"{c} was passed over"));
            at = end;
        }
    });

    [Fact]
    public void A_token_lexed_alone_yields_the_same_token() => Gen.Select(PsqlSql, Reading).Holds((sql, strings) =>
        Assert.All(Tokens(sql, strings), t => Assert.Equal([Reported(t)], Tokens(t.Written.ToString(), strings).Select(Reported))));

    [Fact]
    public void Comments_between_tokens_do_not_change_the_tokens() => Gen.Select(Plain, Gen.Int).Holds((plain, seed) =>
    {
        var (sql, strings) = plain;
        var (tokens, random) = (Tokens(sql, strings), new Random(seed));
        var text = string.Concat(tokens.Select((t, i) => t.Written.ToString() + (i + 1 == tokens.Count ? "" : Separator(t, tokens[i + 1], random))));
        Assert.Equal(tokens.Select(Reported), Tokens(text, strings).Select(Reported));
    });

    /// <summary>Pieces of one literal may be on several lines, so between literals there is none.</summary>
    private static string Separator(SqlToken before, SqlToken after, Random random) =>
        random.Next(2) == 0 || before.Written[^1] == '-' || (before.Kind, after.Kind) == (SqlTokenKind.Text, SqlTokenKind.Text) ? "/*'*/" : "--'\n";

    /// <summary>To PostgreSQL a carriage return ends a line, and with it a comment.</summary>
    [Fact]
    public void A_carriage_return_ends_a_line_like_a_line_feed() => Plain.Holds((sql, strings) =>
    {
        sql = sql.Replace("\r\n", "\n", StringComparison.Ordinal);
        Assert.Equal(Tokens(sql, strings).Select(Reported), Tokens(sql.Replace('\n', '\r'), strings).Select(t => Reported(t) with { Item2 = Reported(t).Item2.Replace('\r', '\n') }));
    });

    [Fact]
    public void Only_semicolons_comments_and_white_space_separate_statements() => Plain.Holds((sql, strings) =>
    {
        var (at, reading) = (0, strings);
        foreach (var statement in Statements(sql, strings))
        {
            Assert.True(statement.Offset >= at);
            Assert.All(Tokens(sql[at..statement.Offset], reading), t => Assert.True(t.IsMark(';'), sql[at..statement.Offset]));
            (at, reading) = (statement.End, statement.StringsAfter);
        }

        Assert.True(at == 0 || Tokens(sql[at..], reading).TrueForAll(t => t.IsMark(';')));
    });

    [Fact]
    public void Splitting_rejoined_statements_yields_the_same_statements() => Plain.Holds((sql, strings) =>
    {
        var statements = Statements(sql, strings);
        var joined = string.Join(";\n", statements.Select(s => s.Text));
        Assert.Equal(statements.Select(s => s.Text), SqlSplitter.Split(joined, strings).Select(s => s.Text));
    });

    /// <summary>None where a change of standard_conforming_strings in it has uncovered a command for psql.</summary>
    private static IReadOnlyList<SqlStatement> Statements(string sql, StringReading strings)
    {
        var statements = SqlSplitter.Split(sql, strings);
        return statements.Any(s => s.Tokens.Any(t => t.Kind == SqlTokenKind.PsqlCommand)) ? [] : statements;
    }

    private static List<SqlToken> Tokens(string sql, StringReading strings)
    {
        var (lexer, tokens) = (new SqlLexer(sql, 0, sql.Length) { Strings = strings }, new List<SqlToken>());
        while (lexer.Next() is { } token)
            tokens.Add(token);
        return tokens;
    }

    private static (SqlTokenKind, string) Reported(SqlToken token) => (token.Kind, token.Written.ToString());
}
