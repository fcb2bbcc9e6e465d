using System.Text;
using DbSafety.Analysis.Syntax;

namespace DbSafety.Core.Tests.Databases;

public sealed class SqlNameTests
{
    [Fact]
    public void Names_and_literals_are_quoted_with_all_special_characters_escaped()
    {
        Assert.Equal("\"a\"\"b\"", SqlName.Quote("a\"b"));
        Assert.Equal("'it''s'", SqlName.Literal("it's"));
        Assert.Equal(" E'a\\\\''b'", SqlName.Literal("a\\'b"));
        Assert.Equal("plain.\"Mixed\"", SqlName.Display("plain", "Mixed"));
        Assert.Equal("\"user\"", SqlName.Display("user"));
        Assert.Equal("app.user", SqlName.Display("app", "user"));
    }

    [Theory]
    [InlineData("shop")]
    [InlineData("a2345678901234567890123456789012345678901234567890123456789012345")]
    [InlineData("üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü")]
    [InlineData("😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀")]
    public void A_name_with_a_suffix_has_at_most_63_bytes_and_no_truncated_characters(string name)
    {
        const string Suffix = "_before_20261120T021500Z";
        var made = SqlName.WithSuffix(name, Suffix);
        Assert.True(Encoding.UTF8.GetByteCount(made) <= SqlName.MaxBytes);
        Assert.EndsWith(Suffix, made, StringComparison.Ordinal);
        Assert.StartsWith(made[..^Suffix.Length], name, StringComparison.Ordinal);
        Assert.Equal(made, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(made)));
    }
}
