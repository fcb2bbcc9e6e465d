using DbSafety.Analysis.Findings.History;
using DbSafety.Analysis.Findings.Live;

namespace DbSafety.Core.Tests.Analysis;

/// <summary>What of a type change is known from its text alone. What servers do with it is held in the integration tests.</summary>
public sealed class TypeConversionTests
{
    [Theory]
    [InlineData("c", "")]
    [InlineData("c::int", "int")]
    [InlineData("(\"c\"::text)::timestamp(3) with time zone", "text|timestamp(3) with time zone")]
    [InlineData("CAST(CAST(c AS varchar(5)) AS app.code)", "varchar(5)|app.code")]
    [InlineData("((c)::text)::int[]", "text|int[]")]
    [InlineData("other::int", null)]
    [InlineData("lower(c)::citext", null)]
    [InlineData("c::text || 'x'", null)]
    [InlineData("c::text COLLATE \"C\"", null)]
    [InlineData("c::timestamp AT TIME ZONE 'UTC'", null)]
    [InlineData("(c, d)::pair", null)]
    public void A_USING_expression_that_only_casts_the_column_yields_its_types_in_order(string expression, string? types) =>
        Assert.Equal(types, CastChain.Read(expression, "c") is { } read ? string.Join('|', read) : null);

    [Theory]
    [InlineData("character varying(5)", "character varying(20)", true)]
    [InlineData("character varying(5)", "character varying", true)]
    [InlineData("character varying(20)", "character varying(5)", false)]
    [InlineData("character varying", "character varying(5)", false)]
    [InlineData("character(5)", "character(20)", false)]
    [InlineData("numeric(10,2)", "numeric(12,2)", true)]
    [InlineData("numeric(10,2)", "numeric(12,4)", false)]
    [InlineData("numeric", "numeric(10,2)", false)]
    [InlineData("bit(3)", "bit(8)", false)]
    [InlineData("bit varying(3)", "bit varying(8)", true)]
    [InlineData("timestamp without time zone", "timestamp(6) without time zone", true)]
    [InlineData("timestamp without time zone", "timestamp(3) without time zone", false)]
    [InlineData("time(3) with time zone", "time(4) with time zone", true)]
    [InlineData("interval day to minute", "interval", true)]
    [InlineData("interval day to minute", "interval second(3)", true)]
    [InlineData("interval", "interval day to minute", false)]
    [InlineData("interval(3)", "interval(2)", false)]
    [InlineData("interval month", "interval day", true)]
    [InlineData("character varying(5)[]", "character varying(20)[]", false)]
    public void A_length_change_that_every_existing_value_satisfies_needs_no_rewrite(string from, string to, bool isFree) => Assert.Equal(isFree, LengthChange.IsFree(from, to));
}
