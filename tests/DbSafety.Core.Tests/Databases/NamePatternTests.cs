using DbSafety.Databases.Tables;

namespace DbSafety.Core.Tests.Databases;

/// <summary>As PostgreSQL's own <c>patternToSQLRegex</c> does it (src/fe_utils/string_utils.c).</summary>
public sealed class NamePatternTests
{
    [Theory]
    [InlineData("orders", null, "^(orders)$")]
    [InlineData("Orders", null, "^(orders)$")]
    [InlineData("\"Orders\"", null, "^(Orders)$")]
    [InlineData("app.ord*", "^(app)$", "^(ord.*)$")]
    [InlineData("*.t?", "^(.*)$", "^(t.)$")]
    [InlineData("\"a.b\".\"c*\"", "^(a\\.b)$", "^(c\\*)$")]
    [InlineData("\"say \"\"hi\"\"\"", null, "^(say \"hi\")$")]
    [InlineData("a$b", null, "^(a\\$b)$")]
    [InlineData("log_[0-9]+|audit", null, "^(log_[0-9]+|audit)$")]
    [InlineData("\"[x]\"", null, "^(\\[x\\])$")]
    [InlineData("FOO\"BAR\"BAZ", null, "^(fooBARbaz)$")]
    [InlineData("a\nb", null, "^(a\nb)$")]
    public void Name_patterns_are_parsed_like_in_psql(string pattern, string? schema, string name) =>
        Assert.Equal(new NamePattern(schema, name), NamePattern.Parse(pattern));

    [Fact]
    public void A_name_pattern_with_three_parts_is_invalid() => Assert.Null(NamePattern.Parse("db.app.orders"));
}
