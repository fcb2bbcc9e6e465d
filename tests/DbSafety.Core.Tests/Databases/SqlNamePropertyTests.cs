using System.Text;
using CsCheck;
using DbSafety.Analysis.Scripts;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Core.Tests.Databases;

/// <summary>What is written with quotes is read back as what it was.</summary>
public sealed class SqlNamePropertyTests
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    [Fact]
    public void A_quoted_identifier_is_lexed_as_a_single_identifier_with_the_same_value() => Property.Name.Holds(name =>
    {
        foreach (var written in new[] { SqlName.Quote(name), SqlName.Display(name) })
        {
            var token = Assert.Single(Tokens(written));
            Assert.True(token.IsName);
            Assert.Equal(SqlWords.Cut(name), token.Value);
        }
    });

    [Fact]
    public void A_qualified_name_is_lexed_as_two_identifiers_and_a_dot() => Gen.Select(Property.Name, Property.Name).Holds((schema, name) =>
    {
        foreach (var written in new[] { SqlName.Quote(schema, name), SqlName.Display(schema, name) })
        {
            var tokens = Tokens(written);
            Assert.Equal([SqlWords.Cut(schema), ".", SqlWords.Cut(name)], tokens.Select(t => t.Value));
            Assert.True(tokens[0].IsName && tokens[1].IsMark('.') && tokens[2].IsName);
        }
    });

    [Fact]
    public void A_quoted_literal_is_lexed_as_a_single_literal_with_the_same_value_with_and_without_backslash_escapes() => Gen.Select(Property.Text, Gen.Bool).Holds((text, escapes) =>
    {
        var token = Assert.Single(Tokens(SqlName.Literal(text), new StringReading(escapes, IsUncertain: false)));
        Assert.Equal((SqlTokenKind.Text, text), (token.Kind, QuotedText.Literal(token)));
    });

    [Fact]
    public void A_name_with_a_suffix_has_at_most_63_bytes_and_no_truncated_characters() => Gen.Select(Property.Name, Gen.OneOf("", "_old", "_idx", "_é", "_before_20261120T021500Z")).Holds((name, suffix) =>
    {
        var made = SqlName.WithSuffix(name, suffix);
        Assert.InRange(Strict.GetByteCount(made), 0, SqlName.MaxBytes);
        Assert.EndsWith(suffix, made, StringComparison.Ordinal);
        Assert.StartsWith(made[..^suffix.Length], name, StringComparison.Ordinal);
        // Not a character is cut that has its place.
        var next = made.Length - suffix.Length;
        Assert.True(next == name.Length || Strict.GetByteCount(made) + Rune.GetRuneAt(name, next).Utf8SequenceLength > SqlName.MaxBytes);
    });

    [Fact]
    public void Folding_and_truncating_a_name_is_idempotent() => Property.Name.Holds(name =>
    {
        var folded = SqlWords.Fold(name);
        Assert.Equal(folded, SqlWords.Fold(folded));
        Assert.InRange(Strict.GetByteCount(folded), 1, SqlName.MaxBytes);
    });

    private static List<SqlToken> Tokens(string sql, StringReading strings = default)
    {
        var (lexer, tokens) = (new SqlLexer(sql, 0, sql.Length) { Strings = strings }, new List<SqlToken>());
        while (lexer.Next() is { } token)
            tokens.Add(token);
        Assert.False(lexer.IsUnclosed);
        return tokens;
    }
}
